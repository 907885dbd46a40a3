"""Open a corpus by its name: a file, a named data set, Brown, or a data set of the Hub."""

import codecs
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets

from ..._wording import first_line
from ...data import TEXT_DATASETS, load_text_dataset
from ...data.brown import BrownSentences
from ...data.encodings import check_bytes, open_text
from ...data.sources import is_hub_id
from .._pre_tokenizers import check_name
from .._preparation import Preparation
from .corpus import Again, Corpus, make_corpus, table_column

_PACKED = (".gz", ".bz2", ".xz", ".zst")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BLOCK_BYTES = 1 << 20
_TABLES = {".csv": "csv", ".tsv": "csv", ".json": "json", ".jsonl": "json", ".parquet": "parquet"}


def open_corpus(
    name_or_path: str | os.PathLike[str],
    *,
    text_column: str | None = None,
    split: str = "train",
    config: str | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    pre_tokenizer: str | None = None,
    lowercase: bool = True,
    preparation: Preparation | None = None,
) -> Corpus:
    """Open a corpus.

    Args:
        name_or_path: A text file with one sentence a line, packed or not; a CSV, TSV, JSON, JSON
            Lines or Parquet file; "brown" (``BrownSentences``); a name of ``TEXT_DATASETS``, whose
            training part is taken, so that the vectors know nothing about the test texts; or a data
            set of the Hub, ``owner/name``, which is streamed.
        text_column: Column of a table or a data set of the Hub, "text" by default.
        split: Split of a data set of the Hub.
        config: Configuration of a data set of the Hub.
        data_dir: Folder of the files of named data sets.
        pre_tokenizer: How texts are split into words; None for "chinese" or "ptb", by the language
            of a named data set, and "ptb" for all else. "brown" consists of words already.
        lowercase: Whether to lower-case the text.
        preparation: A whole preparation, used instead of ``pre_tokenizer`` and ``lowercase``.

    Raises:
        ValueError: If the corpus does not have such an option.
        OSError: If there is no such corpus, or it cannot be read.
    """
    name = os.fspath(name_or_path)
    path = Path(name)
    spec = None if path.is_file() else TEXT_DATASETS.get(name)
    by_language = "chinese" if spec and spec.language == "zh" else "ptb"
    check_name(pre_tokenizer or by_language)
    cut = preparation or Preparation(pre_tokenizer or by_language, lowercase)
    packed = path.suffix.lower() in _PACKED
    suffix = (Path(path.stem) if packed else path).suffix.lower()
    if path.is_file() and suffix not in _TABLES:
        _refuse_columns(name, text_column, config, "lines of text")
        return make_corpus(path, preparation=cut)
    if path.is_file():
        options: dict[str, Any] = {"sep": "\t", "quoting": 3} if suffix == ".tsv" else {}
        if _TABLES[suffix] == "csv":
            _refuse_nul(path)
            # UTF-16 begins with a mark; pandas has to be given its name.
            with path.open("rb") as file:
                options["encoding"] = "utf-16" if file.read(2) in _UTF16 else "utf-8"
        return _stream(
            path.name, text_column, cut, _TABLES[suffix], data_files=name, split="train", **options
        )
    if name == "brown":
        _refuse_columns(name, text_column, config, "sentences of words")
        if pre_tokenizer not in (None, "whitespace"):
            raise ValueError("The words of 'brown' are cut already: leave pre_tokenizer out.")
        # The words have no white space, so splitting at white space restores them. Other text must
        # be split by "ptb" to look like them, unless white space is asked for.
        given = Preparation("whitespace", cut.lowercase)
        return Corpus(
            Again(lambda: map(" ".join, BrownSentences())),
            "Brown corpus",
            given,
            given if pre_tokenizer else Preparation("ptb", cut.lowercase),
        )
    if spec is not None:
        _refuse_columns(name, text_column, config, "texts whose column is known")
        texts = load_text_dataset(name, data_dir=data_dir)["train"]["text"][:]
        return make_corpus(texts, name=f"{name}, training part", preparation=cut)
    if is_hub_id(name):
        return _stream(f"{name}, {split}", text_column, cut, name, config, split=split)
    raise FileNotFoundError(
        f"'{name}' is neither a file nor a data set of the Hub (owner/name) nor a known name: "
        f"brown, {', '.join(TEXT_DATASETS)}."
    )


def _refuse_nul(path: Path) -> None:
    """Raise ``ValueError`` if a CSV or TSV file has a NUL: some readers drop the text after it."""
    with open_text(path) as file:
        while block := file.read(_BLOCK_BYTES):
            check_bytes(block, str(path))


def _refuse_columns(name: str, column: str | None, config: str | None, what: str) -> None:
    if column or config:
        raise ValueError(
            f"'{name}' holds {what}: a text column and a configuration are for tables and data "
            f"sets of the Hub."
        )


def _stream(
    name: str, column: str | None, cut: Preparation, *arguments: Any, **options: Any
) -> Corpus:
    """Make a corpus of a data set that is read row by row, again each time."""
    try:
        table = datasets.load_dataset(*arguments, streaming=True, **options)
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        raise OSError(f"'{arguments[0]}' could not be opened: {first_line(error)}.") from error

    def rows() -> Iterator[Any]:
        try:
            yield from table_column(table, column or "text")
        except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
            raise ValueError(f"{name}: {first_line(error)}.") from error

    return make_corpus(Again(rows), name=name, preparation=cut)
