"""Texts from Jinja templates, in which an undefined name is an error."""

import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ._terminal import one_line, printable
from ._wording import capital

_ENTITIES = {"<": "&lt;", "&": "&amp;"}

# Characters with a meaning in Markdown anywhere in a line. An underscore in a word has none.
_MARKUP = re.compile(r"[|<`\\\[\]*~$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
_BEGINNING = re.compile(r"^(?:[#>=]|[+-](?=[\s-]|$)|\d+(?=([.)])(?:\s|$)))")
# Addresses that the Hub's Markdown turns into links, except between backticks.
_ADDRESS = re.compile(r"(?i)(?:[a-z][a-z0-9+.-]*://|www\.)[^\s|`]+|[\w.+-]+@[\w-]+\.[\w.-]*\w")
_FENCE = 3


def render(package: str, template: str, *, html: bool = False, **values: Any) -> str:
    """Render a template from a package's folder ``templates``.

    It has these filters. ``thousands`` adds commas to a number. ``capital`` makes the first letter
    of a text a capital. ``zip`` pairs two lists. ``plain`` converts any value to one
    line without markup, for a paragraph, table cell or HTML block in Markdown. ``in_code`` does so
    for text between backticks. ``fenced`` makes a code block that keeps its text unchanged.

    Args:
        package: The package, as in ``__package__``.
        template: Name of the file.
        html: Whether values are escaped for HTML.
        **values: The values and further filters that the template uses.
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
    environment.filters["capital"] = capital
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
    # In "1." the point makes a list; other symbols make a heading, a list or a quotation.
    at = begins.end() if begins[1] else 0
    return f"{plain[:at]}&#{ord(plain[at])};{plain[at + 1 :]}"


def _escaped(text: str) -> str:
    return _MARKUP.sub(lambda found: _ENTITIES.get(found[0]) or f"&#{ord(found[0])};", text)


def _in_code(value: Any) -> str:
    return one_line(str(value)).replace("`", "'")


def _fenced(value: Any, language: str = "") -> str:
    """Put lines into a code block, with a fence that does not occur in them."""
    lines = "\n".join(printable(line) for line in str(value).splitlines())
    longest = max(map(len, re.findall("`+", lines)), default=0)
    fence = "`" * max(_FENCE, longest + 1)
    return f"{fence}{language}\n{lines}\n{fence}"
