"""The word vectors from which a model of a comparison starts; imports nothing heavy."""

from dataclasses import dataclass

from .._wording import did_you_mean

RANDOM, OWN = "random", "own"
VECTORS = (RANDOM, "glove", "word2vec", "glove+word2vec", OWN)


@dataclass(frozen=True)
class Embedding:
    """The word vectors from which a model starts, and whether training changes them."""

    vectors: str
    tuned: bool

    def __str__(self) -> str:
        return f"{self.vectors}:{'tuned' if self.tuned else 'frozen'}"

    @property
    def sets(self) -> list[str]:
        """Names of the sets that are joined; none for random embeddings."""
        return [] if self.vectors == RANDOM else self.vectors.split("+")

    @classmethod
    def parse(cls, text: str) -> "Embedding":
        """Read "glove:tuned", "glove:frozen", or "glove", which means tuned.

        Raises:
            ValueError: If there are no such embeddings.
        """
        vectors, _, mode = text.partition(":")
        if vectors not in VECTORS or mode not in ("", "tuned", "frozen"):
            raise ValueError(
                f"There are no embeddings {text!r}: expected one of {', '.join(VECTORS)}, followed "
                f"by ':tuned' or ':frozen'.{did_you_mean(vectors, VECTORS)}"
            )
        return cls(vectors, mode != "frozen")


DEFAULT_EMBEDDINGS = (Embedding("glove", True),)
# Without those that need vectors of the user.
ALL_EMBEDDINGS = tuple(
    Embedding(vectors, tuned) for vectors in VECTORS if vectors != OWN for tuned in (True, False)
)
