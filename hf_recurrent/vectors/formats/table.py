"""The table of formats: the one place that lists them.

Nothing heavy is imported here, so that the console command can list the formats at once.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ..._wording import check_choice


@dataclass(frozen=True)
class Format:
    """A format of word vectors.

    Attributes:
        name: Its name.
        ending: Usual ending of its files; empty if the format is a folder.
        about: What it is, for the help of the command.
        module: Name of the module that reads and writes it.
        in_rows: Whether it is read and written in blocks of rows. Then the module has a function
            ``read(path, format, rows)`` and a class ``Writer``; if not, functions
            ``read(path, chosen, dtype)`` and ``write(vectors, path, dtype)``.
        has_tokenizer: Whether it keeps a tokenizer beside the matrix.
        has_float16: Whether its numbers may be float16.
        keeps_mark: Whether it has a place for the mark of data that may not be passed on
            (``models/publishable.py``).
    """

    name: str
    ending: str
    about: str
    module: str
    in_rows: bool = True
    has_tokenizer: bool = False
    has_float16: bool = False
    keeps_mark: bool = False

    @property
    def code(self) -> Any:
        """The module that reads and writes the format."""
        return import_module(f".{self.module}", __package__)


_ALL = (
    Format("glove", ".txt", "text: a word and its numbers on a line", "_text"),
    Format("word2vec", ".vec", "the same with a header; also fastText's .vec", "_text"),
    Format("word2vec-binary", ".bin", "the binary form of the C program", "_word2vec_binary"),
    Format(
        "fasttext", ".bin", "fastText's .bin, with n-grams for unseen words", "_fasttext", False
    ),
    Format(
        *("gensim", ".kv", "gensim's own, a pickle", "_gensim", False),
        has_float16=True,
        keeps_mark=True,
    ),
    Format("numpy", "", "folder of vectors.npy and vocabulary.txt", "_numpy", has_float16=True),
    *(
        Format(
            *(name, "", about, "_token_folders"),
            has_tokenizer=True,
            has_float16=True,
            keeps_mark=True,
        )
        for name, about in (
            ("static-embedding", "folder of a StaticEmbeddingModel, the Hub's format"),
            ("sentence-transformers", "folder of a model of StaticEmbedding"),
            ("model2vec", "folder of a StaticModel"),
        )
    ),
)
FORMATS = {format.name: format for format in _ALL}

# The word vectors that are loaded by name, and what is in place of their format.
PACKAGES = ("glove", "word2vec")
PACKAGE = Format("package", "", "word vectors by name", "_packages")


def check_format(name: str, *others: str) -> None:
    """Check the name of a format.

    Args:
        name: The name.
        *others: Further names that are allowed.

    Raises:
        ValueError: If there is no format of this name.
    """
    check_choice("format", name, (*others, *FORMATS))
