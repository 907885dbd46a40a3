"""The part of a comparison's page that is special to tagging."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ..confusion import confusion_section

NO_SPAN = "O"
_SENTENCE = Markup('<div class="text">{}</div>\n')
_RIGHT = Markup('<span class="tagged">{word} <small>{tag}</small></span> ')
_WRONG = Markup('<b class="tagged miss">{word} <small>{verdict}</small></b> ')
_PLAIN = Markup('<span class="tagged">{word}</span> ')


def tagged_sections(results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return tagged sentences and confused tags of the first result, which is the best."""
    examples = next((result["examples"] for result in results if result["examples"]), None)
    if examples is None:
        return []
    sentences = Markup("").join(_sentence(e["words"]) for e in examples if "words" in e)
    told = "Test sentences, tagged by the best model by validation; wrong tags are shaded."
    if any(NO_SPAN in word[1:] for e in examples for word in e.get("words", ())):
        told += " Words without a name have no tag here."
    confused = confusion_section(
        examples,
        "Confused tags",
        "Words of the test part by their right tag (rows) and the one that it predicted (columns)",
    )
    return [("Tagged sentences", told, sentences), *confused]


def _sentence(words: Sequence[Sequence[str]]) -> Markup:
    return _SENTENCE.format(Markup("").join(_word(*word) for word in words))


def _word(word: str, tag: str, guess: str) -> Markup:
    if tag == guess:
        return (_PLAIN if tag == NO_SPAN else _RIGHT).format(word=word, tag=tag)
    verdict = f"{guess}, not {tag}"
    if NO_SPAN in (tag, guess):
        verdict = f"{guess}, but no name" if tag == NO_SPAN else f"no name, not {tag}"
    return _WRONG.format(word=word, verdict=verdict)
