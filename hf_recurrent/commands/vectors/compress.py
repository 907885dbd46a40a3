"""``hf-recurrent vectors compress``: word vectors that need less disk and memory."""

import argparse
from pathlib import Path

from ..._wording import counted
from .._parsers import Verbs, add_seed, add_verb, arguments, utf8_path
from ._reading import read_vectors, warnings_as_notes

# The same as ``METHODS`` of the package, which takes seconds to import; a test compares them.
_METHODS = ("fp16", "int8", "pq")
_DESCRIPTION = """\
Compress word vectors. The result is the folder of a model, for the Hub, whose vectors stay
compressed in memory: AutoModel and pipelines load it like any other.

  fp16   half-precision numbers: half the size
  int8   whole numbers of 8 bits and a scale for each word: about a quarter
  pq     product quantisation, a byte for --subspace-size numbers: an eighth by default
"""
_EXAMPLES = """\
examples:
  hf-recurrent vectors compress glove --output glove-int8
  hf-recurrent vectors compress vectors.bin --output small --method pq --vocabulary-size 100000
  hf-recurrent vectors compress vectors.txt --output tiny --method pq --pca 100 --subspace-size 4
"""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "compress",
        _compress,
        help="make word vectors smaller on disk and in memory",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
        when_stopped=" Nothing was written.",
    )
    add = parser.add_argument
    add("vectors", metavar="VECTORS", help="glove, word2vec, or a file or folder in any format")
    add("--output", metavar="FOLDER", type=utf8_path, required=True, help="folder to write")
    add("--method", choices=_METHODS, default="int8", help="how to code (default: int8)")
    add("--vocabulary-size", metavar="N", type=int, help="keep the first N words (default: all)")
    add("--vocabulary", metavar="FILE", type=Path, help="keep the words of a file, one a line")
    add("--pca", metavar="N", type=int, help="keep N dimensions, by principal components")
    add(
        "--subspace-size",
        metavar="N",
        type=int,
        default=2,
        help="numbers a byte of pq (default: 2)",
    )
    add_seed(parser, "pq")


def _compress(options: argparse.Namespace) -> int:
    words = None
    if options.vocabulary is not None:
        from ...data.encodings import read_utf8_lines

        words = list(filter(None, read_utf8_lines(options.vocabulary)))
    vectors = read_vectors(options.vectors)

    from transformers.utils import logging

    from ...vectors.compression import CompressedKeyedVectors

    logging.disable_progress_bar()
    given = arguments(options, CompressedKeyedVectors.compress) | {"vocabulary": words}
    compressed = CompressedKeyedVectors.compress(vectors, options.method, **given)
    with warnings_as_notes():
        compressed.save(options.output)
    before, after = vectors.vectors.nbytes / 1e6, compressed.vectors.nbytes / 1e6
    print(
        f"{options.output}: {counted(len(compressed), 'word')} of {len(vectors):,}, "
        f"{options.method}, "
        f"matrix {before:.1f} MB -> {after:.1f} MB ({after / before:.1%})"
    )
    return 0
