"""``hf-recurrent inspect``: describe a saved model."""

import argparse

from ._parsers import Verbs, add_verb

_EXAMPLES = """\
examples:
  hf-recurrent inspect benchmark-results/movie-snippets/best
  hf-recurrent inspect owner/model --revision v1
"""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "inspect",
        _inspect,
        help="say what a saved model is",
        description="Say what a saved model is: family, cell, sizes, vocabulary, vectors, results.",
        examples=_EXAMPLES,
    )
    parser.add_argument("model", metavar="MODEL", help="folder or Hub id")
    parser.add_argument("--revision", metavar="REVISION", help="branch, tag or commit on the Hub")


def _inspect(options: argparse.Namespace) -> int:
    from .._terminal import printable
    from ..hub import describe

    for name, text in describe(options.model, options.revision).items():
        print(f"{name + ':':<13}{printable(text)}")
    return 0
