"""What the page of a comparison shows of taggers alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

__all__ = ["tagged_sections"]

_SENTENCE = Markup('<div class="text">{}</div>\n')
_RIGHT = Markup("{word}&nbsp;<small>{tag}</small> ")
_WRONG = Markup('<b style="--w:1">{word}&nbsp;<small>{guess}, not {tag}</small></b> ')
_PLAIN = Markup("{word} ")
_ROW = Markup("<tr><td>{}</td><td>{}</td><td>{:,}</td></tr>\n")
_TABLE = Markup(
    '<div class="wide" tabindex="0"><table><thead><tr><th>right</th><th>predicted</th>'
    "<th>words</th></tr></thead><tbody>\n{}</tbody></table></div>"
)


def tagged_sections(results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return tagged sentences and confused tags of the first result, the best by validation."""
    examples = next((result["examples"] for result in results if result["examples"]), None)
    if examples is None:
        return []
    sentences = Markup("").join(_sentence(e["words"]) for e in examples if "words" in e)
    confused: Sequence[Sequence[Any]] = next(
        (e["confused"] for e in examples if "confused" in e), []
    )
    sections: list[tuple[str, str, str]] = [
        (
            "Tagged sentences",
            "Test sentences, tagged by the best model by validation; words without a name have no "
            "tag here, and wrong ones are shaded.",
            sentences,
        )
    ]
    if confused:
        table = _TABLE.format(Markup("").join(_ROW.format(*row) for row in confused))
        sections.append(
            ("Confused tags", "The pairs that it confused most on the test part.", table)
        )
    return sections


def _sentence(words: Sequence[Sequence[str]]) -> Markup:
    return _SENTENCE.format(
        Markup("").join(
            (_WRONG if tag != guess else _PLAIN if tag == "O" else _RIGHT).format(
                word=word, tag=tag, guess=guess
            )
            for word, tag, guess in words
        )
    )
