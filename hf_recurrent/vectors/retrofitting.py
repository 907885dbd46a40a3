"""Move word vectors towards those of related words, which a lexicon names."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors
from scipy.sparse import csr_array

from .._wording import check_least, counted
from ..data.encodings import read_utf8_lines
from ._keyed_vectors import with_matrix


def retrofit(
    keyed_vectors: KeyedVectors,
    lexicon: Mapping[str, Iterable[str]] | str | Path,
    *,
    iterations: int = 10,
    alpha: float = 1.0,
) -> KeyedVectors:
    """Move each word of a lexicon between its old vector and the mean of its neighbours.

    The result approaches the minimum of Faruqui et al. (2015, Retrofitting Word Vectors to Semantic
    Lexicons), with their weights, 1 / degree for each neighbour. All words are moved at once; the
    paper moves one after the other, and the minimum is the same. With ``alpha`` 1 each iteration
    halves the distance to it.

    Args:
        keyed_vectors: The vectors; they are not changed.
        lexicon: The neighbours of each word, or a file of them for ``read_lexicon``. Words without
            a vector are ignored.
        iterations: Number of iterations.
        alpha: Weight of the old vector; the mean of the neighbours has weight 1.

    Raises:
        OSError: If the file of the lexicon cannot be read.
        ValueError: If an argument is out of range, or no word of the lexicon has a vector and a
            neighbour with one.
    """
    check_least(1, iterations=iterations)
    if not 0 < alpha < float("inf"):
        raise ValueError(f"alpha is {alpha}, expected a number above 0.")
    if isinstance(lexicon, str | Path):
        lexicon = read_lexicon(lexicon)
    index = keyed_vectors.key_to_index
    edges = {
        index[word]: sorted({index[other] for other in others if other in index} - {index[word]})
        for word, others in lexicon.items()
        if word in index
    }
    edges = {row: others for row, others in edges.items() if others}
    if not edges:
        raise ValueError(
            f"Of the {counted(len(lexicon), 'word')} of the lexicon none has a vector and a "
            "neighbour with one: are they in the vectors' case?"
        )
    rows = np.array(list(edges), dtype=np.int64)
    degrees = np.array([len(others) for others in edges.values()])
    means = csr_array(
        (
            np.repeat(1 / degrees, degrees).astype(np.float32),
            np.concatenate(list(edges.values())),
            np.concatenate([[0], np.cumsum(degrees)]),
        ),
        shape=(len(rows), len(index)),
    )
    matrix = np.array(keyed_vectors.vectors, dtype=np.float32)
    old = matrix[rows]
    for _ in range(iterations):
        matrix[rows] = (alpha * old + means @ matrix) / np.float32(1 + alpha)
    return with_matrix(keyed_vectors, matrix)


def read_lexicon(path: str | Path) -> dict[str, list[str]]:
    """Read a lexicon: each line a word and its neighbours, separated by tabs or else by space.

    The file is UTF-8, or UTF-16 with its byte order mark. Lines of the same word are joined.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is not UTF-8, a line has only one word, or there is no line; the sentence
            names the line.
    """
    lexicon: dict[str, list[str]] = {}
    for number, line in enumerate(read_utf8_lines(Path(path)), 1):
        words = line.split("\t" if "\t" in line else None)
        words = [word.strip() for word in words if word.strip()]
        if not words:
            continue
        if len(words) == 1:
            raise ValueError(
                f"{path}, line {number}: found {line[:80]!r}, expected a word and its neighbours."
            )
        lexicon.setdefault(words[0], []).extend(words[1:])
    if not lexicon:
        raise ValueError(f"{path} holds no words.")
    return lexicon
