"""``hf-recurrent vectors plot``: chosen words as points of a plane."""

import argparse
import sys
from pathlib import Path

from ..._streams import clean_text
from ..._wording import counted
from .._parsers import Verbs, add_seed, add_verb, arguments
from ._reading import add_vectors, read_vectors

_DESCRIPTION = """\
Plot chosen words by the first two principal components of their vectors, or by t-SNE, as PNG, SVG
or an HTML page that needs no network and shows each word under the pointer.
"""
_EXAMPLES = """\
examples:
  hf-recurrent vectors plot glove cat dog horse bread milk cheese --output words.png
  hf-recurrent vectors plot glove --words words.txt --method tsne --output words.html
  hf-recurrent vectors plot vectors.bin --words capitals.tsv --title "Capitals" --output plot.html
"""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "plot",
        _plot,
        help="plot chosen words as PNG, SVG or a page",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
        when_stopped=" Nothing was written.",
    )
    add_vectors(parser)
    add = parser.add_argument
    add("texts", metavar="WORD", nargs="*", type=clean_text, help="word to plot")
    add(
        "--words",
        metavar="FILE",
        help="words to plot, one a line; a tab and a group give the colour",
    )
    add(
        "--method",
        choices=("pca", "tsne"),
        default="pca",
        help="pca (default): principal components; tsne: t-SNE",
    )
    add_seed(parser, "t-SNE")
    add("--title", metavar="TEXT", type=clean_text, help="title of the plot")
    add("--output", metavar="FILE", type=Path, required=True, help=".png, .svg or .html to write")


def _plot(options: argparse.Namespace) -> int:
    if not options.texts and options.words is None:
        raise ValueError("There are no words to plot: name some, or a file by --words.")

    from ...vectors.evaluation import plot_words, read_plot_words

    words = dict.fromkeys(options.texts, "")
    if options.words is not None:
        words |= read_plot_words(options.words)
    vectors = read_vectors(options.vectors, options.limit, options.allow_pickle)
    plot = plot_words(vectors, words, options.output, **arguments(options, plot_words))
    if plot.missing:
        print(f"hf-recurrent: without a vector: {' '.join(plot.missing)}", file=sys.stderr)
    if plot.unlabelled:
        print(f"hf-recurrent: no room for: {' '.join(plot.unlabelled)}", file=sys.stderr)
    print(f"{options.output}: {counted(len(plot.words), 'word')}")
    return 0
