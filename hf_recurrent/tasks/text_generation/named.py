"""The named texts for language models."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from ...data.brown import read_tagged_texts
from ...data.cells import text_cell
from ...data.encodings import decode_text
from ...data.rows import Splits
from ...data.sources import HubSource, NamedDataset
from ...data.splits import SPLITS
from ...data.tables import TableColumn
from .documents import articles, chapters, in_order, rows_of, tenths

_IN_TENS = "none published: of each ten {} in a row the ninth is validation and the tenth test"
_IN_ORDER = "none published: the first 90 % to train, then 5 % validation and 5 % test"


@dataclass(frozen=True, kw_only=True)
class NamedText(NamedDataset):
    """A named text; its rows are documents.

    Attributes:
        tokenizer: The kind of tokenizer that fits it.
    """

    tokenizer: str = "bpe"

    subfolder: ClassVar[str] = "lm"


def hub_columns(text: str | None = None) -> dict[str, TableColumn]:
    """Return the column of the texts on the Hub, "text" by default."""
    return {"text": TableColumn(text or "text", "text_column", text_cell)}


def read_text(path: Path) -> str:
    """Return the text of a file, in any usual encoding, compressed or not.

    Raises:
        ValueError: If the file is not text or is damaged.
        OSError: If it cannot be read.
    """
    return decode_text(path.read_bytes(), path)[0].replace("\r\n", "\n")


def _in_parts(cut: Callable[[str], Sequence[str]], *files: str) -> Callable[[Path], Splits]:
    """Return the reader of three files, one for each part, that are cut into documents."""

    def read(folder: Path) -> Splits:
        return {
            part: rows_of(cut(read_text(folder / file)))
            for part, file in zip(SPLITS, files, strict=True)
        }

    return read


def _read_wikitext(folder: Path) -> Splits:
    files = next(files for files in _WIKITEXT if (folder / files[0]).exists())
    return _in_parts(articles, *files)(folder)


def _read_addresses(folder: Path) -> Splits:
    return tenths(read_text(path) for path in sorted(folder.glob("[12][0-9][0-9][0-9]_*.txt")))


def _read_brown(folder: Path) -> Splits:
    return tenths(
        "\n".join(" ".join(word for word, _ in sentence) for sentence in sentences)
        for sentences in read_tagged_texts(folder)
    )


_WIKITEXT = (
    ("wikitext2_train.txt.gz", "wikitext2_valid.txt", "wikitext2_test.txt"),
    ("wiki.train.tokens", "wiki.valid.tokens", "wiki.test.tokens"),
)
_SPECS = (
    NamedText(
        name="state-of-the-union",
        title="addresses of the presidents of the United States on the state of the union, "
        "1790 to 2021",
        license="public domain (PDDL 1.0, CC0 1.0)",
        splits=_IN_TENS.format("addresses"),
        files=("1790_george_washington_n.txt", "2021_joseph_r_biden_d.txt"),
        read=_read_addresses,
        package="state-of-the-union",
    ),
    NamedText(
        name="wikitext-2",
        title="good articles of Wikipedia, cut into words, with rare ones as <unk> (WikiText-2)",
        license="CC BY-SA 3.0",
        splits="published",
        files=_WIKITEXT[0],
        other_files=_WIKITEXT[1:],
        read=_read_wikitext,
        hub=HubSource("Salesforce/wikitext", hub_columns(), config="wikitext-2-v1"),
        tokenizer="whitespace",
    ),
    NamedText(
        name="tiny-shakespeare",
        title="plays of Shakespeare, a megabyte (Karpathy 2015)",
        license="public domain",
        splits=_IN_ORDER,
        files=("tinyshakespeare.txt",),
        read=lambda folder: in_order(read_text(folder / "tinyshakespeare.txt")),
        tokenizer="characters",
    ),
    NamedText(
        name="brown-text",
        title="the Brown corpus, American English of 1961, cut into words",
        license="redistribution permitted, says its README",
        splits=_IN_TENS.format("texts"),
        files=("ca01", "cr09"),
        read=_read_brown,
        package="brown",
    ),
    NamedText(
        name="war-and-peace",
        title="War and Peace by Tolstoy, in the translation of L. and A. Maude",
        license="public domain in the United States (Project Gutenberg)",
        splits=_IN_TENS.format("chapters"),
        files=("war_and_peace.txt",),
        read=lambda folder: tenths(chapters(read_text(folder / "war_and_peace.txt"))),
    ),
)
TEXTS: Mapping[str, NamedText] = MappingProxyType({spec.name: spec for spec in _SPECS})
