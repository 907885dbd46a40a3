"""``hf-recurrent vectors convert``: word vectors from one format into another."""

import argparse
import sys
import warnings
from pathlib import Path

from ..._wording import counted
from .._parsers import Verbs, add_verb

# As `hf_recurrent.vectors.formats.FORMATS`, which takes seconds to import; a test compares them.
_FORMATS = (
    *("glove", "word2vec", "word2vec-binary", "fasttext", "gensim"),
    *("numpy", "static-embedding", "sentence-transformers", "model2vec"),
)
_DESCRIPTION = """\
Convert word vectors, row by row where both formats are rows, so that big files need little memory.
What stands at TARGET is replaced only once the new one is whole.

  glove                  text: a word and its numbers in a line
  word2vec               the same with a header; also fastText's .vec
  word2vec-binary        the binary form of the C program
  fasttext               fastText's .bin, with n-grams for unseen words
  gensim                 gensim's own, a pickle
  numpy                  folder of vectors.npy and vocabulary.txt
  static-embedding       folder of a StaticEmbeddingModel, the Hub's format
  sentence-transformers  folder of a model of StaticEmbedding
  model2vec              folder of a StaticModel
"""
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
        when_stopped=" Nothing was written; what stood at the target still stands there.",
        renamed={"target_format": "--to", "strict": "--skip-bad", "dtype": "--fp16"},
    )
    parser.add_argument("source", metavar="SOURCE", type=Path, help="file or folder to read")
    parser.add_argument("target", metavar="TARGET", type=Path, help="file or folder to write")
    parser.add_argument(
        "--to", metavar="FORMAT", required=True, choices=_FORMATS, help="format of the target"
    )
    parser.add_argument(
        "--from",
        dest="source_format",
        metavar="FORMAT",
        choices=("auto", *_FORMATS),
        default="auto",
        help="format of the source (default: auto, told by what it holds)",
    )
    parser.add_argument(
        "--limit", metavar="N", type=int, help="keep the first N words (default: all)"
    )
    parser.add_argument(
        "--vocabulary", metavar="FILE", type=Path, help="keep the words of a file, one a line"
    )
    parser.add_argument("--fp16", action="store_true", help="save half-precision numbers")
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="leave out bad rows, and words that the target cannot hold, and count them",
    )
    parser.add_argument(
        "--allow-pickle",
        action="store_true",
        help="read gensim's own format, which runs whatever code its author put into it",
    )


def _convert(options: argparse.Namespace) -> int:
    from ...vectors import convert_vectors

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        count = convert_vectors(
            options.source,
            options.target,
            options.to,
            source_format=options.source_format,
            limit=options.limit,
            strict=not options.skip_bad,
            vocabulary=options.vocabulary,
            dtype="float16" if options.fp16 else None,
            allow_pickle=options.allow_pickle,
        )
    for warning in caught:
        if issubclass(warning.category, UserWarning):
            print(f"hf-recurrent: {warning.message}", file=sys.stderr)
    print(f"{options.target}: {counted(count, 'row')}, {options.to}")
    return 0
