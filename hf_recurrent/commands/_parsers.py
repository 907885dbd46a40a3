"""How a verb is added to the parser, so that all of them look and end alike."""

import argparse
from collections.abc import Callable
from typing import TypeAlias

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_verb(
    verbs: Verbs,
    name: str,
    run: Callable[[argparse.Namespace], int],
    *,
    help: str,
    description: str,
    examples: str,
    when_stopped: str = "",
) -> argparse.ArgumentParser:
    """Adds a verb and gives its parser, for its options.

    Args:
        verbs: What `add_subparsers` gave.
        name: The verb.
        run: Called with the options; gives the exit status.
        help: Its line in the list of verbs.
        description: What stands above its options.
        examples: What stands below them.
        when_stopped: What to say after Ctrl-C.
    """
    parser = verbs.add_parser(
        name,
        help=help,
        description=description,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(verb=run, when_stopped=when_stopped)
    return parser
