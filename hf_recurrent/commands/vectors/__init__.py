"""`hf-recurrent vectors VERB`: everything that is done with vectors of words."""

from types import ModuleType

from .._parsers import Verbs
from . import adapt, align, compress, contexts, convert, evaluate, neighbors, plot, train

# Each has `add_parser`.
_VERBS: tuple[ModuleType, ...] = (
    train,
    convert,
    align,
    adapt,
    compress,
    evaluate,
    neighbors,
    contexts,
    plot,
)


def add_parser(verbs: Verbs) -> None:
    """Add the verb and its own verbs."""
    parser = verbs.add_parser(
        "vectors",
        help="train, convert, judge, align, adapt and compress word vectors",
        description="Train, convert, judge, align, adapt and compress word vectors.",
    )
    inner = parser.add_subparsers(required=True, metavar="VERB")
    for verb in _VERBS:
        verb.add_parser(inner)
