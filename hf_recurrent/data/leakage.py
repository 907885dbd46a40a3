"""Finds rows of the test part that are also in the training data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


def text_key(text: str) -> str:
    """Return a text for comparison: case folded, with single spaces for all white space."""
    return " ".join(text.casefold().split())


@dataclass(frozen=True)
class Overlap:
    """The number of test texts that are also in the training data.

    Attributes:
        count: Number of these test texts.
        total: Number of all test texts.
        examples: Up to three of them, as in the test data.
        units: The word for the texts, such as "sentences".
        compared: How they were compared, for a sentence; empty if they were compared unchanged.
    """

    count: int
    total: int
    examples: tuple[str, ...] = ()
    units: str = "rows"
    compared: str = ""

    @property
    def share(self) -> float:
        """Share of the test texts that are also in the training data, 0 to 1."""
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
    """Count the test texts that are also in the training data.

    Texts whose key is empty do not count.

    Args:
        train_texts: The text of each row of the training part.
        test_texts: The text of each row of the test part.
        key: Returns the form in which a text is compared. The default ignores case and white space.
        units: The word for the texts, such as "sentences".
    """
    known = {key(text) for text in train_texts} - {""}
    tests = list(test_texts)
    found = [text for text in tests if key(text) in known]
    compared = "without case and white space" if key is text_key else ""
    return Overlap(len(found), len(tests), tuple(found[:3]), units, compared)
