"""Finds test texts that stand in the training data."""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Overlap", "overlap", "text_key"]


def text_key(text: str) -> str:
    """Gives the form in which texts are compared: case folded, any white space one space."""
    return " ".join(text.casefold().split())


@dataclass(frozen=True)
class Overlap:
    """How many test texts stand in the training data.

    Attributes:
        count: Test texts that do.
        total: All test texts.
        examples: Up to three of them, as they stand in the test data.
    """

    count: int
    total: int
    examples: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Share of the test texts that stand in the training data, 0 to 1."""
        return self.count / self.total if self.total else 0.0

    def __str__(self) -> str:
        return (
            f"{self.count} of {self.total} test texts ({self.share:.1%}) stand in the training "
            f"data, compared without case and white space"
        )


def overlap(train_texts: Iterable[str], test_texts: Iterable[str]) -> Overlap:
    """Counts the test texts that stand in the training data, whatever their case and white space.

    Empty texts do not count.
    """
    known = {text_key(text) for text in train_texts} - {""}
    tests = list(test_texts)
    found = [text for text in tests if text_key(text) in known]
    return Overlap(len(found), len(tests), tuple(found[:3]))
