"""Answers of a text classifier, for the command line and the page."""

from collections.abc import Iterator, Sequence
from typing import Any

from transformers import TextClassificationPipeline

from ..._terminal import printable
from ..base import Answerer
from .prediction import load_classifier, predict, word_weights


def answer_lines(
    source: str, texts: Sequence[str], trust_remote_code: bool = False, explain: bool = False
) -> Iterator[str]:
    """Yield the labels of each text with their scores, and the weights of its words."""
    model, tokenizer = load_classifier(source, trust_remote_code)
    explained = [word_weights(model, tokenizer, text) if explain else [] for text in texts]
    for text, scores, words in zip(texts, predict(model, tokenizer, texts), explained, strict=True):
        labels = (f"{printable(label)} {score:.3f}" for label, score in scores)
        yield "  ".join([*labels, f"| {printable(text)}"])
        if words:
            yield "    " + " ".join(f"{printable(word)}({weight:.2f})" for word, weight in words)


class TextAnswerer(Answerer):
    """A text classifier for the page.

    Args:
        source: A folder, or an id of the Hub.
        trust_remote_code: Whether code in the model's folder may run.

    Raises:
        OSError: If there is no such model, or it cannot be read completely.
        ValueError: If it is not a text classifier, or returns numbers and not labels.
    """

    def __init__(self, source: str, trust_remote_code: bool = False) -> None:
        self.model, self.tokenizer = load_classifier(source, trust_remote_code)
        config = self.model.config
        if config.problem_type == "regression" or config.num_labels == 1:
            raise ValueError(
                f"'{source}' gives a figure and not labels: expected a text classifier."
            )
        self._pipeline = TextClassificationPipeline(
            model=self.model, tokenizer=self.tokenizer, top_k=None
        )

    def labels(self, text: str, most_tokens: int | None) -> list[tuple[str, float]]:
        """Return the labels of a text, the most probable first."""
        cut = {} if most_tokens is None else {"truncation": True, "max_length": most_tokens}
        scores: Any = self._pipeline([text], **cut)
        return [(score["label"], score["score"]) for score in scores[0]]

    def word_weights(self, text: str, most_tokens: int | None) -> list[tuple[str, float]]:
        """Return the weight of each token."""
        return word_weights(self.model, self.tokenizer, text, most_tokens)
