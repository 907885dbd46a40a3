"""``hf-recurrent vectors align``: two languages in one space."""

import argparse

from ..._wording import counted
from ...vectors.formats.table import FORMATS as ALL_FORMATS
from ...vectors.formats.table import PACKAGES
from .._parsers import Verbs, add_verb, arguments, utf8_path
from ._reading import read_vectors, warnings_as_notes

# The formats that are a matrix of words, and the ending of a file; empty for a folder.
FORMATS = {name: format.ending for name, format in ALL_FORMATS.items() if format.in_rows}
_DESCRIPTION = """\
Map the vectors of a source language into the space of a target language, by a dictionary of pairs
of words, one pair on each line, separated by a tab. The folder of the result holds source and
target, both brought to length 1 and centred; similarities within the source are what they were
after that.
"""
_EXAMPLES = """\
examples:
  hf-recurrent vectors align en.vec es.vec --dictionary en-es.train.tsv --output en-es
  hf-recurrent vectors align en.bin fr.bin --dictionary en-fr.train.tsv --test en-fr.test.tsv \\
      --output en-fr --format word2vec
"""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "align",
        _align,
        help="bring the vectors of two languages into one space",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
        when_stopped=" Nothing was written.",
    )
    add = parser.add_argument
    for name in ("source", "target"):
        what = f"{name} vectors: {', '.join(PACKAGES)}, or a file or folder in any format"
        add(name, metavar=name.upper(), help=what)
    add("--dictionary", metavar="FILE", required=True, help="pairs of words to learn from")
    add("--output", metavar="FOLDER", type=utf8_path, required=True, help="folder to write")
    add("--format", choices=FORMATS, default="static-embedding", help="default: static-embedding")
    add("--test", metavar="FILE", help="pairs of words to judge by, other than the dictionary's")
    add("--refinements", metavar="N", type=int, default=5, help="refinements (default: 5)")
    add(
        "--refinement-words",
        metavar="N",
        type=int,
        default=10_000,
        help="words of each side that refinements look at (default: 10000)",
    )
    add(
        "--no-centering",
        dest="center",
        action="store_false",
        help="leave the mean of each side as it is",
    )
    add("--limit", metavar="N", type=int, help="read the first N words only")


def _align(options: argparse.Namespace) -> int:
    source = read_vectors(options.source, options.limit)
    target = read_vectors(options.target, options.limit)

    from transformers.utils import logging

    from ..._whole import whole_folder
    from ...vectors.alignment import align, read_dictionary
    from ...vectors.evaluation import evaluate_translation
    from ...vectors.formats import save_vectors

    logging.disable_progress_bar()
    test = read_dictionary(options.test) if options.test else []
    aligned = align(source, target, options.dictionary, **arguments(options, align))
    with whole_folder(options.output) as folder, warnings_as_notes():
        for name, vectors in (("source", aligned.source), ("target", aligned.target)):
            save_vectors(vectors, folder / (name + FORMATS[options.format]), options.format)
    print(
        f"{options.output}: {len(source):,} and {counted(len(target), 'word')}, aligned by "
        f"{aligned.seed_pairs:,} of {counted(aligned.given_pairs, 'pair')} of the dictionary; "
        f"refinements "
        f"found {', '.join(map(str, aligned.found_pairs)) or 'none'}"
    )
    for method in ("nearest", "csls") if test else ():
        score = evaluate_translation(aligned.source, aligned.target, test, method=method)
        print(
            f"{method}: precision at 1 {score.precision[1]:.1%}, at 5 {score.precision[5]:.1%}, "
            f"over the {score.covered:,} of {counted(score.words, 'word')} "
            f"({score.coverage:.1%}) that are "
            "covered"
        )
    return 0
