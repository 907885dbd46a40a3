"""The part of a comparison's page that is special to text classification."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

__all__ = ["attention_section"]

_WORD = Markup('<b style="--w:{shade}" title="{weight:.3f}">{word}</b> ')
_TEXT = Markup('<div class="text">{words}\n<br><span class="soft">{verdict}</span></div>\n')


def attention_section(results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return the section with the words that attention chose, from the first result with any."""
    examples = next((result["examples"] for result in results if result["examples"]), None)
    if examples is None:
        return []
    return [
        (
            "The words that attention chose",
            "Test texts; the stronger its shade, the more a word counted.",
            Markup("").join(map(_example, examples)),
        )
    ]


def _example(example: Mapping[str, Any]) -> Markup:
    most = max((weight for _, weight in example["words"]), default=1.0)
    words = Markup("").join(
        _WORD.format(shade=round(weight / most, 3), weight=weight, word=word)
        for word, weight in example["words"]
    )
    is_right = example["predicted"] == example["label"]
    verdict = "recognised" if is_right else f"taken for {example['predicted']}"
    return _TEXT.format(words=words, verdict=f"{example['label']}, {verdict}")
