"""Collections of the SMART project: documents, queries and judgements as Cornell spread them."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ...data.encodings import decode_text
from ...data.rows import Splits
from .collection import Judgements, add_judgement, to_splits

_RECORD = re.compile(r"\.I\s+(\d+)\s*")
_FIELD = re.compile(r"\.([A-Z])\s*")
# The first sentence of a document of MED ends its line, and the next line is indented.
_FIRST_SENTENCE = re.compile(r"(.*?\s\.)\s*\n\s{2,}(?=\S)", re.DOTALL)
_ANY_SENTENCE = re.compile(r"(\S.{20,300}?\.)\s+(?=\S)", re.DOTALL)


def read_records(path: Path) -> dict[str, dict[str, str]]:
    """Return the fields of each record, by its number and the letter of the field.

    A record begins with ``.I`` and its number, a field with a point and a letter.

    Raises:
        ValueError: If a line is outside of a field, or a number is there twice.
        OSError: If the file cannot be read.
    """
    records: dict[str, dict[str, list[str]]] = {}
    lines: list[str] | None = None
    fields: dict[str, list[str]] | None = None
    for number, line in enumerate(_text(path).splitlines(), 1):
        if record := _RECORD.fullmatch(line):
            key = str(int(record[1]))
            if key in records:
                raise ValueError(f"{path}, line {number}: the record {key} is there twice.")
            fields, lines = records.setdefault(key, {}), None
        elif (field := _FIELD.fullmatch(line)) and fields is not None:
            lines = fields.setdefault(field[1], [])
        elif lines is not None:
            lines.append(line)
        elif line.strip():
            raise ValueError(
                f"{path}, line {number}: expected '.I' and a number, or a field such as '.W'."
            )
    return {
        key: {letter: "\n".join(held) for letter, held in own.items()}
        for key, own in records.items()
    }


def read_judgements(
    path: Path, document: int, grade: Callable[[list[str]], float] = lambda cells: 1.0
) -> Judgements:
    """Return the grades of documents by query, of lines of a query and a document.

    Args:
        path: The file; columns are parted by white space.
        document: The column of the document, from 0; the query is the first.
        grade: Returns the grade for the columns of a line; 0 is not relevant.

    Raises:
        ValueError: If a line has too few columns, or gives a document another grade than before.
        OSError: If the file cannot be read.
    """
    found: Judgements = {}
    for number, line in enumerate(_text(path).splitlines(), 1):
        cells = line.split()
        if not cells:
            continue
        if len(cells) <= document:
            raise ValueError(f"{path}, line {number}: expected a query and a document.")
        add_judgement(found, cells[0], cells[document], grade(cells), f"{path}, line {number}")
    return found


def read_collection(
    folder: Path,
    documents: str,
    queries: str,
    judgements: str,
    *,
    document: int,
    grade: Callable[[list[str]], float] = lambda cells: 1.0,
    by_order: bool = False,
) -> Splits:
    """Read a collection in SMART's form.

    Args:
        folder: Folder of the files.
        documents: Name of the file of the documents.
        queries: Name of that of the queries.
        judgements: Name of that of the judgements.
        document: See ``read_judgements``.
        grade: Likewise.
        by_order: Whether the judgements number the queries by their order in the file, from 1, and
            not by their own numbers.
    """
    asked = read_records(folder / queries)
    texts = {
        str(number) if by_order else key: _words(own.get("W", ""))
        for number, (key, own) in enumerate(asked.items(), 1)
    }
    judged = read_judgements(folder / judgements, document, grade)
    found = {key: _parts(own) for key, own in read_records(folder / documents).items()}
    return to_splits(found, texts, judged, str(folder / judgements))


def read_npl(folder: Path, documents: str, queries: str, judgements: str) -> Splits:
    """Read the collection NPL, whose records are a number, lines, and a line with a slash.

    Two spaces part the title of a document from its text.
    """
    found = {key: _two(text) for key, text in _blocks(folder / documents).items()}
    asked = {key: _words(text).lower() for key, text in _blocks(folder / queries).items()}
    judged: Judgements = {}
    path = folder / judgements
    for query, text in _blocks(path).items():
        for key in text.split():
            add_judgement(judged, query, key, 1.0, str(path))
    return to_splits(found, asked, judged, str(path))


def _blocks(path: Path) -> dict[str, str]:
    """Return the text of each record, by its number."""
    found: dict[str, str] = {}
    for block in re.split(r"^ *//? *$", _text(path), flags=re.MULTILINE):
        key, _, text = block.strip().partition("\n")
        if key.strip():
            found[key.strip()] = text
    return found


def _parts(fields: Mapping[str, str]) -> tuple[str, str]:
    """Return title and text of a document; a title that the text repeats is cut from the text."""
    title, text = _words(fields.get("T", "")), fields.get("W", "")
    if not title:
        first = _FIRST_SENTENCE.match(text[:400]) or _ANY_SENTENCE.match(text.lstrip())
        return (_words(first[1]), _words(text[first.end() :])) if first else ("", _words(text))
    whole = _words(text)
    return title, whole.removeprefix(title).strip()


def _two(text: str) -> tuple[str, str]:
    title, _, rest = text.partition("  ")
    return (_words(title), _words(rest)) if rest.strip() else ("", _words(text))


def _words(text: str) -> str:
    return " ".join(text.split())


def _text(path: Path) -> str:
    return decode_text(path.read_bytes(), path)[0]


def grade_of_cranfield(cells: Iterable[str]) -> float:
    """Return the grade of a line of Cranfield's judgements: 4 for its code 1, to 1 for its code 4.

    The code -1, which each query has once and nothing explains, counts as not relevant.
    """
    code = int([*cells][2])
    return float(5 - code) if 1 <= code <= 4 else 0.0
