"""Load clips with captions: by name, from the Hub, or with a captions file (MSVD, MSR-VTT)."""

import csv
import io
import json
import os
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import datasets

from ..._wording import counted
from ...data import moving_digits
from ...data.cells import text_cell, texts_cell
from ...data.encodings import read_utf8_lines
from ...data.hub_files import load_hub_files
from ...data.loading import load_splits
from ...data.rows import Rows, Splits
from ...data.splits import SPLITS
from ...data.tables import PARTS, Loaded, TableColumn
from ..video_classification.data import ON_HUB, VIDEOS
from .named import CAPTIONS, CLIP, FILES, ORIGIN, SYNTHETIC

# The column of captions, and other names that it may have on the Hub.
CAPTION, _CAPTIONS_ON_HUB = "caption", (CAPTIONS, "text", "sentence")
_LISTS = (".json", ".txt", ".csv", ".tsv")
_TEXT = datasets.Value("string")
FEATURES = datasets.Features(
    {CLIP: _TEXT, CAPTIONS: datasets.Sequence(_TEXT), ORIGIN: _TEXT},
)


def load_captions(
    name_or_path: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    clip_column: str | None = None,
    caption_column: str | None = None,
    config: str | None = None,
) -> datasets.DatasetDict:
    """Load the splits train, validation and test with the columns clip, captions and origin.

    Args:
        name_or_path: "moving-digits", which is synthetic; "grid-lips-sentences"; or a captions file
            with its clips beside it or in folders there, or the folder of these. Its form is that
            of MSR-VTT (``.json`` with ``sentences`` and ``videos``, of which a folder may have
            several), of MSVD (``.txt`` with lines ``NAME a caption``), or a table with the columns
            clip and caption; or an id of the Hub, with a column of videos or of their paths and one
            of captions, a text or a list of texts a row. A clip may have several captions, also in
            several rows.
        data_dir: Folder of the files of named data sets; its sub-folder ``video`` is searched too.
        clip_column: Column of the clips in a table or on the Hub, "clip" by default.
        caption_column: Column of the captions there, "caption" by default.
        config: On the Hub, the configuration of the data set.

    Raises:
        ValueError: If the file has a wrong form; the message names it and the line.
        OSError: If the data, or a clip that the file names, cannot be found.
    """
    name = os.fspath(name_or_path)
    given = {"clip_column": clip_column, "caption_column": caption_column, "config": config}
    if name == SYNTHETIC.name and not any(given.values()):
        return _synthetic()
    columns = {
        CLIP: TableColumn(clip_column or CLIP, "clip_column", text_cell, ON_HUB),
        CAPTIONS: TableColumn(
            caption_column or CAPTION, "caption_column", captions_cell, _CAPTIONS_ON_HUB
        ),
    }
    parts = load_splits(
        name,
        {SYNTHETIC.name: SYNTHETIC, **FILES},  # type: ignore[dict-item] # told of options only
        given,
        read=partial(read_captions, columns=(clip_column, caption_column)),
        columns=columns,
        from_hub=partial(load_hub_files, column=CLIP, what="clip"),
        prepare=_by_clip,
        key=CLIP,
        units="clips",
        keep_repeats=True,
        data_dir=data_dir,
    )
    if name not in FILES and "; split" in parts.info.description:
        warnings.warn(
            f"The clips of '{Path(name).name}' are drawn at random: if some are cut from one film, "
            "as those of MSVD are, the figures flatter every model. Give each clip its part, in a "
            "captions file of the form of MSR-VTT.",
            stacklevel=2,
        )
    return parts.to_datasets(FEATURES)


def _synthetic() -> datasets.DatasetDict:
    info = datasets.DatasetInfo(
        description=f"{SYNTHETIC.name}, from the generator of this package",
        license=SYNTHETIC.license,
        features=FEATURES,
    )
    found = {}
    for part in SPLITS:
        clips = [moving_digits.reference(part, n) for n in range(moving_digits.CLIPS[part])]
        columns = {
            CLIP: clips,
            CAPTIONS: [[moving_digits.read(clip)[1]] for clip in clips],
            ORIGIN: [""] * len(clips),
        }
        found[part] = datasets.Dataset.from_dict(columns, features=FEATURES, info=info)
    return datasets.DatasetDict(found)


def captions_cell(value: object, names: list[str] | None = None) -> list[str]:
    """Return the captions of a row, a text or a list of texts, without needless blanks.

    Raises:
        ValueError: If there is none, or one is empty or no text.
    """
    found = [" ".join(text.split()) for text in texts_cell([value] if _is_text(value) else value)]
    if not all(found) or not found:
        raise ValueError("a caption is empty.")
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _by_clip(splits: Splits) -> Splits:
    """Return one row for each clip of a part, with all of its captions."""
    found: Splits = {}
    for part, rows in splits.items():
        together: dict[str, Any] = {}
        for row in rows:
            own = together.setdefault(row[CLIP], {ORIGIN: "", **row, CAPTIONS: []})
            own[CAPTIONS] += row[CAPTIONS]
        found[part] = [*together.values()]
    return found


def read_captions(path: Path, columns: tuple[str | None, str | None] = (None, None)) -> Loaded:
    """Return the clips of a captions file, or of those in a folder, by part.

    Args:
        path: The file or folder; a folder has one file, or several in the form of MSR-VTT.
        columns: The columns of clips and captions of a table, if a user names them.

    Raises:
        ValueError: If there is no such file, or it has a wrong form.
        FileNotFoundError: If it names a clip that is missing.
    """
    files = _captions_files(path)
    folder, source = files[0].parent, path if len(files) > 1 else files[0]
    there: dict[str, Path] = {}
    named: dict[str, list[Path]] = {}
    for each in sorted(folder.rglob("*")):
        if each.suffix.lower() in VIDEOS:
            within = each.relative_to(folder)
            there[within.as_posix()] = each
            for short in {each.name, each.stem, within.with_suffix("").as_posix()}:
                named.setdefault(short, []).append(each)
    parts: dict[str, str] = {}
    part_of: dict[str, str] = {}
    rows: dict[str, dict[str, Any]] = {}
    file_of: dict[str, Path] = {}
    told = ((file, *each) for file in files for each in _captions(file, parts, columns))
    for file, where, clip, caption in told:
        known = [there[clip]] if clip in there else named.get(clip)
        known = known or named.get(str(PurePosixPath(clip).parent / PurePosixPath(clip).stem))
        if not known:
            raise FileNotFoundError(f"{where}: there is no clip '{clip}' in {folder}.")
        if len(known) > 1:
            raise ValueError(
                f"{where}: '{clip}' may be {known[0]} or {known[1]}: name its folder too."
            )
        if not caption.strip():
            raise ValueError(f"{where}: the caption of '{clip}' is empty.")
        own = str(known[0])
        if (first := file_of.setdefault(own, file)) != file:
            raise ValueError(
                f"{where}: '{clip}' has captions in {first} too: expected each clip in one file."
            )
        row = rows.setdefault(own, {CLIP: own, CAPTIONS: [], ORIGIN: ""})
        if clip in parts:
            part_of[own] = parts[clip]
        row[CAPTIONS].append(" ".join(caption.split()))
    if not rows:
        raise ValueError(f"{source} has no caption.")
    splits: Splits = {}
    for own, row in rows.items():
        together: Rows = splits.setdefault(part_of.get(own, "all"), [])
        together.append(row)
    if len(splits) > 1 and "all" in splits:
        clip = Path(splits["all"][0][CLIP]).stem
        raise ValueError(f"{source}: '{clip}' has no part, others have.")
    return Loaded(splits)


def _captions_files(path: Path) -> list[Path]:
    """Return the files with captions that are meant by one of them, or by their folder."""
    if not path.is_dir():
        if path.suffix.lower() not in _LISTS:
            raise ValueError(f"{path} is no captions file: expected one of {', '.join(_LISTS)}.")
        return [path]
    found = sorted(
        each
        for each in path.iterdir()
        if each.suffix.lower() in _LISTS and not each.name.lower().startswith((".", "readme"))
    )
    # The parts of MSR-VTT were published in a file each.
    if not found or (len(found) > 1 and any(each.suffix.lower() != ".json" for each in found)):
        raise ValueError(
            f"The folder {path} has {counted(len(found), 'file')} of {', '.join(_LISTS)}: "
            "expected one with the captions, or several .json of the form of MSR-VTT."
        )
    return found


def _captions(
    file: Path, parts: dict[str, str], columns: tuple[str | None, str | None]
) -> Iterator[tuple[str, str, str]]:
    """Yield a place for messages, a clip and a caption; fill in the parts of clips."""
    if file.suffix.lower() in (".json", ".txt") and any(columns):
        raise ValueError(
            f"{file} has no columns: clip_column and caption_column are for tables and the Hub."
        )
    lines = read_utf8_lines(file)
    text = "\n".join(lines)
    if file.suffix.lower() == ".json":
        yield from _of_json(file, text, parts)
    elif file.suffix.lower() == ".txt":
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.startswith("#"):  # MSVD's file begins with remarks
                clip, *caption = line.split(None, 1)
                yield f"{file}, line {number}", clip, "".join(caption)
    else:
        yield from _of_table(file, text, columns)


def _of_table(
    file: Path, text: str, columns: tuple[str | None, str | None]
) -> Iterator[tuple[str, str, str]]:
    clip_column, caption_column = columns[0] or CLIP, columns[1] or CAPTION
    form: dict[str, Any] = {"strict": True}  # a mark that is never closed would take all lines
    if file.suffix.lower() == ".tsv":  # a quotation mark is part of the text, as in all tables
        form = {"delimiter": "\t", "quoting": csv.QUOTE_NONE}
    rows: Any = csv.DictReader(io.StringIO(text, newline=""), **form)
    read = 0
    try:
        if rows.fieldnames:
            read = rows.line_num
        for row in rows:
            read = rows.line_num
            where = f"{file}, line {read}"
            clip, caption = row.get(clip_column), row.get(caption_column)
            if clip is None or caption is None or None in row:
                raise ValueError(
                    f"{where}: expected the columns {clip_column} and {caption_column}, and as "
                    "many values as there are columns (a caption with a comma stands in quotation "
                    "marks)."
                )
            yield where, clip, caption
    except csv.Error as error:
        raise ValueError(
            f"{file}, line {read + 1}: a value cannot be read ({error}): one that begins with a "
            "quotation mark ends with one, and others in it are doubled."
        ) from None


def _of_json(file: Path, text: str, parts: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    try:
        told = json.loads(text)
        videos = told.get("videos", ())
        splits = {each["video_id"]: str(each["split"]) for each in videos if "split" in each}
        sentences = [(each["video_id"], each["caption"]) for each in told["sentences"]]
        if not all(isinstance(text, str) for each in sentences for text in each):
            raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(
            f"{file}: expected an object with 'sentences', each with the texts 'video_id' and "
            "'caption', and 'videos' with 'video_id' and 'split'"
        ) from None
    known = {**PARTS, "validate": "validation"}
    for clip, split in splits.items():
        if split not in known:
            raise ValueError(
                f"{file}: the split of '{clip}' is '{split}', expected one of {', '.join(known)}"
            )
        parts[clip] = known[split]
    for number, (clip, caption) in enumerate(sentences, 1):
        yield f"{file}, sentence {number}", clip, caption
