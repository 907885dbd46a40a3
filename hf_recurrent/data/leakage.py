"""Finds rows of the test part that stand in the training data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

__all__ = ["Overlap", "overlap", "text_key"]


def text_key(text: str) -> str:
    """Return the form in which texts are compared: case folded, any white space one space."""
    return " ".join(text.casefold().split())


@dataclass(frozen=True)
class Overlap:
    """How many test texts stand in the training data.

    Attributes:
        count: Test texts that do.
        total: All test texts.
        examples: Up to three of them, as they stand in the test data.
        units: What they are called.
        compared: How they were compared, for a sentence; empty if just as they are.
    """

    count: int
    total: int
    examples: tuple[str, ...] = ()
    units: str = "rows"
    compared: str = ""

    @property
    def share(self) -> float:
        """Share of the test texts that stand in the training data, 0 to 1."""
        return self.count / self.total if self.total else 0.0

    def __str__(self) -> str:
        how = f", compared {self.compared}" if self.compared else ""
        return (
            f"{self.count} of {self.total} test {self.units} ({self.share:.1%}) stand in the "
            f"training data{how}"
        )


def overlap(
    train_texts: Iterable[str],
    test_texts: Iterable[str],
    *,
    key: Callable[[str], str] = text_key,
    units: str = "rows",
) -> Overlap:
    """Count the test texts that stand in the training data.

    Texts whose key is empty do not count.

    Args:
        train_texts: The text of each row of the training part, or what stands for it.
        test_texts: Those of the test part.
        key: The form in which they are compared, whatever their case and white space by default.
        units: What they are called.
    """
    known = {key(text) for text in train_texts} - {""}
    tests = list(test_texts)
    found = [text for text in tests if key(text) in known]
    compared = "without case and white space" if key is text_key else ""
    return Overlap(len(found), len(tests), tuple(found[:3]), units, compared)
