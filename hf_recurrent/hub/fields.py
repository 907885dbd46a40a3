"""Turn JSON values into dataclasses; errors name the field that has a wrong type."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

_EXPECTED: dict[Any, tuple[str, type | tuple[type, ...]]] = {
    str: ("a text", str),
    bool: ("true or false", bool),
    int: ("a whole number", int),
    float: ("a number", (int, float)),
}
_FOUND = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a number",
    list: "a list",
    NoneType: "null",
    str: "a text",
}


def fit(kind: Any, value: Any, name: str) -> Any:
    """Return a JSON value as an instance of a type.

    Args:
        kind: A dataclass, ``str``, ``bool``, ``int``, ``float``, ``Any``, ``tuple[X, ...]``,
            ``Mapping[str, X]``, or one of these ``| None``. Fields of the value that a dataclass
            does not have are ignored.
        value: The value.
        name: Name of its field, for error messages.

    Raises:
        ValueError: If the value has another type.
    """
    if kind is Any:
        return value
    if isinstance(kind, UnionType):
        (kind,) = (each for each in get_args(kind) if each is not NoneType)
        return None if value is None else fit(kind, value, name)
    if is_dataclass(kind):
        return _dataclass(kind, value, name)
    if get_origin(kind) is tuple:
        _check(isinstance(value, list), value, name, "a list")
        return tuple(fit(get_args(kind)[0], each, name) for each in value)
    if get_origin(kind) is Mapping:
        _check(isinstance(value, dict), value, name, "an object")
        return {key: fit(get_args(kind)[1], each, name) for key, each in value.items()}
    expected, types = _EXPECTED[kind]
    _check(
        isinstance(value, types) and isinstance(value, bool) == (kind is bool),
        value,
        name,
        expected,
    )
    return value


def _dataclass(kind: Any, value: Any, name: str) -> Any:
    _check(isinstance(value, dict), value, name, "an object")
    for field in fields(kind):
        needed = field.default is MISSING and field.default_factory is MISSING
        if needed and field.name not in value:
            raise ValueError(f"{name} has no {field.name}")
    kinds = get_type_hints(kind)
    return kind(**{f: fit(kinds[f], each, f) for f, each in value.items() if f in kinds})


def _check(fits: bool, value: Any, name: str, expected: str) -> None:
    if not fits:
        raise ValueError(f"{name} is {_FOUND[type(value)]}, expected {expected}")
