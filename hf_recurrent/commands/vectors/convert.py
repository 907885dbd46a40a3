"""``hf-recurrent vectors convert``: word vectors from one format into another."""

import argparse
from pathlib import Path

from ..._wording import counted
from ...vectors.formats.table import FORMATS
from .._parsers import Verbs, add_verb, arguments
from ._reading import warnings_as_notes

_DESCRIPTION = """\
Convert word vectors. If both formats are made of rows, they are converted row by row, so that big
files need little memory. The files at TARGET are replaced only once the new ones are complete.

""" + "".join(f"  {name:<21}  {format.about}\n" for name, format in FORMATS.items())
_EXAMPLES = """\
examples:
  hf-recurrent vectors convert glove.6B.50d.txt glove-50 --to static-embedding
  hf-recurrent vectors convert cc.en.300.bin cc.en.vec --to word2vec --limit 200000
  hf-recurrent vectors convert vectors.bin small --to numpy --vocabulary words.txt --fp16
  hf-recurrent vectors convert model.kv vectors.txt --to glove --allow-pickle
"""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "convert",
        _convert,
        help="turn word vectors into another format",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
        when_stopped=" Nothing was written; the old files at the target are still there.",
    )
    parser.add_argument("source", metavar="SOURCE", type=Path, help="file or folder to read")
    parser.add_argument("target", metavar="TARGET", type=Path, help="file or folder to write")
    add = parser.add_argument
    add(
        "--to",
        dest="target_format",
        metavar="FORMAT",
        required=True,
        choices=tuple(FORMATS),
        help="format of the target",
    )
    add(
        "--from",
        dest="source_format",
        metavar="FORMAT",
        choices=("auto", *FORMATS),
        default="auto",
        help="format of the source (default: auto, found from its content)",
    )
    add("--limit", metavar="N", type=int, help="keep the first N words (default: all)")
    add("--vocabulary", metavar="FILE", type=Path, help="keep the words of a file, one a line")
    add(
        "--fp16",
        dest="dtype",
        action="store_const",
        const="float16",
        help="save half-precision numbers",
    )
    add(
        "--skip-bad",
        dest="strict",
        action="store_false",
        help="leave out bad rows, and words that the target cannot hold, and count them",
    )
    add(
        "--allow-pickle",
        action="store_true",
        help="read gensim's own format, which runs whatever code its author put into it",
    )


def _convert(options: argparse.Namespace) -> int:
    from ...vectors import convert_vectors

    with warnings_as_notes():
        given = arguments(options, convert_vectors)
        count = convert_vectors(options.source, options.target, options.target_format, **given)
    print(f"{options.target}: {counted(count, 'row')}, {options.target_format}")
    return 0
