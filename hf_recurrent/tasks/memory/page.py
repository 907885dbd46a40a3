"""The part of a comparison's page that is special to memory tasks."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

_TABLE = Markup('<div class="wide" tabindex="0"><table>\n<tbody>\n{}</tbody></table></div>')
_ROW = Markup('<tr><th scope="row">{}</th><td>{}</td></tr>\n')


def solved_sections(results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return which networks solved the task, and after how many steps."""
    rows = [_ROW.format(result["model"], result["note"]) for result in results if result["note"]]
    if not rows:
        return []
    told = "A task is solved at the first evaluation on validation that reaches the bound."
    return [("Solved or not", told, _TABLE.format(Markup("").join(rows)))]
