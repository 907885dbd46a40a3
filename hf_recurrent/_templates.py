"""Texts that are made of a Jinja template: a name that the template does not find is an error."""

import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ._terminal import one_line, printable

__all__ = ["render"]

_ENTITIES = {"<": "&lt;", "&": "&amp;"}

# What means something to Markdown anywhere in a line. An underscore within a word does not.
_MARKUP = re.compile(r"[|<`\\\[\]*~$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
_BEGINNING = re.compile(r"^(?:[#>=]|[+-](?=[\s-]|$)|\d+(?=([.)])(?:\s|$)))")
# Addresses that Markdown of the Hub makes links of by itself; between backticks it does not.
_ADDRESS = re.compile(r"(?i)(?:[a-z][a-z0-9+.-]*://|www\.)[^\s|`]+|[\w.+-]+@[\w-]+\.[\w.-]*\w")
_FENCE = 3


def render(package: str, template: str, *, html: bool = False, **values: Any) -> str:
    """Fills a template of a package's folder `templates`.

    Its own filters: `thousands` sets commas; `plain` makes anything a text on one line that is
    no markup in a paragraph, table cell or HTML block of Markdown, and `in_code` one that stays
    between backticks; `fenced` makes a block of one line of code, which stands as it is.

    Args:
        package: The package, as `__package__` names it.
        template: Name of the file.
        html: Whether what is filled in is escaped.
        **values: What the template names, its filters among them.
    """
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["thousands"] = "{:,.0f}".format
    environment.filters["plain"] = _plain
    environment.filters["in_code"] = _in_code
    environment.filters["fenced"] = _fenced
    return environment.get_template(template).render(**values)


def _plain(value: Any) -> str:
    text, parts, end = one_line(str(value)), [], 0
    for address in _ADDRESS.finditer(text):
        parts += [_escaped(text[end : address.start()]), f"`{address[0]}`"]
        end = address.end()
    plain = "".join([*parts, _escaped(text[end:])])
    begins = _BEGINNING.match(plain)
    if begins is None:
        return plain
    # Of "1." the point makes a list of it, else the sign itself a heading, a list or a quotation.
    at = begins.end() if begins[1] else 0
    return f"{plain[:at]}&#{ord(plain[at])};{plain[at + 1 :]}"


def _escaped(text: str) -> str:
    return _MARKUP.sub(lambda found: _ENTITIES.get(found[0]) or f"&#{ord(found[0])};", text)


def _in_code(value: Any) -> str:
    return one_line(str(value)).replace("`", "'")


def _fenced(value: Any, language: str = "") -> str:
    """Put lines into a block of code that nothing in them ends."""
    lines = "\n".join(printable(line) for line in str(value).splitlines())
    longest = max(map(len, re.findall("`+", lines)), default=0)
    fence = "`" * max(_FENCE, longest + 1)
    return f"{fence}{language}\n{lines}\n{fence}"
