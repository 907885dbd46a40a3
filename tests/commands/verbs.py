"""The verbs of the command, each with its parser and its module, for tests that walk over them."""

import argparse
from collections.abc import Iterator

from hf_recurrent.__main__ import _parser
from hf_recurrent.commands._parsers import Parser


def verbs(parser: Parser | None = None, above: tuple[str, ...] = ()) -> Iterator[tuple]:
    """Yield the words of each verb, such as ``("vectors", "train")``, and its parser."""
    parser = parser or _parser()
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not groups:
        yield above, parser
    for group in groups:
        for name, below in group.choices.items():
            yield from verbs(below, (*above, name))


VERBS = dict(verbs())
NAMES = [" ".join(words) for words in VERBS]
# A module has an underscore where its verb has a hyphen.
MODULES = {words: parser.get_default("verb").__module__ for words, parser in VERBS.items()}
