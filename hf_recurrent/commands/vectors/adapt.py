"""``hf-recurrent vectors adapt``: train word vectors further on the text of a domain."""

import argparse
import sys

from ..._wording import counted
from .._parsers import Verbs, add_seed, add_verb, arguments, utf8_path
from ._reading import add_vectors, read_vectors, warnings_as_notes
from .align import FORMATS

_DESCRIPTION = """\
Train word vectors on, on the text of a domain, with a pull towards the old vectors, and add the
words that they lack. Words that the text lacks stay as they were.

CORPUS is what `hf-recurrent vectors train` takes: a text file, a table, a named data set (its
training part), or a data set of the Hub. Its text is cut as that of the vectors was.
Ctrl-C while vectors are trained saves those of the last whole epoch.
"""
_EXAMPLES = """\
examples:
  hf-recurrent vectors adapt glove 20-newsgroups --output glove-news
  hf-recurrent vectors adapt vectors.bin mails.txt --pull 0.8 --output mails.bin \\
      --format word2vec-binary
  hf-recurrent vectors adapt glove notes.txt --lexicon synonyms.txt --output glove-notes
"""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "adapt",
        _adapt,
        help="train word vectors on, on the text of a domain",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
        when_stopped=" Nothing was written.",
    )
    add_vectors(parser)
    add = parser.add_argument
    add("corpus", metavar="CORPUS", help="file, name or id of the Hub")
    add("--output", metavar="PATH", type=utf8_path, required=True, help="file or folder to write")
    add("--format", choices=FORMATS, default="static-embedding", help="default: static-embedding")
    add("--text-column", metavar="COLUMN", help="of tables and Hub data sets (default: text)")
    add("--epochs", metavar="N", type=int, default=5, help="default: 5")
    add(
        "--pull",
        metavar="X",
        type=float,
        default=0.5,
        help="0 for none to 1: largest share of the way back after each epoch (default: 0.5)",
    )
    add("--min-count", metavar="N", type=int, default=5, help="least count of a word (default: 5)")
    add("--window", metavar="N", type=int, default=5, help="largest distance of words (default: 5)")
    add(
        "--no-new-words",
        dest="new_words",
        action="store_false",
        help="do not add the words that the vectors lack",
    )
    add("--lexicon", metavar="FILE", help="then retrofit to it: a word and its neighbours a line")
    add("--workers", metavar="N", type=int, default=1, help="exactly repeatable on 1, the default")
    add_seed(parser)


def _adapt(options: argparse.Namespace) -> int:
    vectors = read_vectors(options.vectors, options.limit, options.allow_pickle)

    import datasets
    from transformers.utils import logging

    from ...vectors.adaptation import AdaptationStopped, adapt_vectors, form_of_words
    from ...vectors.formats import save_vectors
    from ...vectors.retrofitting import read_lexicon, retrofit
    from ...vectors.training.sources import open_corpus

    logging.disable_progress_bar()
    datasets.disable_progress_bars()
    lexicon = read_lexicon(options.lexicon) if options.lexicon else None
    corpus = open_corpus(options.corpus, text_column=options.text_column, **form_of_words(vectors))
    status = 0
    try:
        adapted = adapt_vectors(vectors, corpus, **arguments(options, adapt_vectors))
    except AdaptationStopped as stop:
        print("\nStopped; the vectors of the last whole epoch are saved.", file=sys.stderr)
        adapted, status = stop.vectors, 130
    if lexicon is not None:
        adapted = retrofit(adapted, lexicon)
    with warnings_as_notes():
        save_vectors(adapted, options.output, options.format)
    added = len(adapted) - len(vectors)
    print(f"{options.output}: {counted(len(adapted), 'word')}, {added:,} of them new")
    return status
