"""``hf-recurrent vectors neighbors``: the words nearest to a word."""

import argparse

from ..._streams import clean_text
from ..._terminal import printable
from .._parsers import Verbs, add_verb
from ._reading import add_vectors, read_vectors

_EXAMPLES = """\
examples:
  hf-recurrent vectors neighbors glove king
  hf-recurrent vectors neighbors vectors.bin Paris London --count 5
  hf-recurrent vectors neighbors glove --positive king woman --negative man
"""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "neighbors",
        _neighbors,
        help="list the words nearest to a word",
        description="List the words with the greatest cosine to each word, or to a sum of words.",
        examples=_EXAMPLES,
    )
    add_vectors(parser)
    parser.add_argument(
        "texts", metavar="WORD", nargs="*", type=clean_text, help="word to find neighbours of"
    )
    parser.add_argument(
        "--positive", nargs="+", type=clean_text, default=[], metavar="WORD", help="words to add up"
    )
    parser.add_argument(
        "--negative",
        nargs="+",
        type=clean_text,
        default=[],
        metavar="WORD",
        help="words to subtract from them",
    )
    parser.add_argument(
        "--count", type=int, default=10, metavar="N", help="neighbours of each (default: 10)"
    )


def _neighbors(options: argparse.Namespace) -> int:
    summed = options.positive or options.negative
    if not options.texts and not summed:
        raise ValueError("There is no word to find neighbours of: name one.")

    from ...vectors.evaluation import neighbors

    vectors = read_vectors(options.vectors, options.limit, options.allow_pickle)
    # All of them first, so that nothing is printed where one is unknown.
    found = [(word, neighbors(vectors, word, count=options.count)) for word in options.texts]
    if summed:
        words = [*(f"+ {word}" for word in options.positive)]
        words += [f"- {word}" for word in options.negative]
        near = neighbors(vectors, options.positive, options.negative, count=options.count)
        found.append((" ".join(words).removeprefix("+ "), near))
    for title, near in found:
        print(printable(title))
        for word, cosine in near:
            print(f"  {cosine:6.3f}  {printable(word)}")
    return 0
