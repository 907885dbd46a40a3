"""Texts that are made of a Jinja template: a name that the template does not find is an error."""

import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["render"]

_ENTITIES = {"|": "&#124;", "<": "&lt;", "`": "&#96;", "\\": "&#92;"}


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
    environment.filters["fenced"] = _fenced
    environment.filters["in_code"] = lambda value: _one_line(value).replace("`", "'")
    return environment.get_template(template).render(**values)


def _plain(value: Any) -> str:
    text = re.sub(r"&(?=#?\w+;)", "&amp;", _one_line(value))
    return re.sub(r"[|<`\\]", lambda found: _ENTITIES[found[0]], text)


def _fenced(value: Any, language: str) -> str:
    """Make a text a block of one line of code, whose fence is longer than any within it."""
    text = " ".join(str(value).splitlines())
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def _one_line(value: Any) -> str:
    return " ".join(str(value).split())
