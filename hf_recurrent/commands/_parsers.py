"""How a verb is added to the parser, so that all of them look and end alike."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn, TypeAlias

from .._terminal import is_utf8, printable
from .._wording import did_you_mean

# Of numpy's generators.
_LARGEST_SEED = 2**32 - 1


class Parser(argparse.ArgumentParser):
    """A parser that guesses what was meant by a word that it does not know.

    Attributes:
        renamed: The flag of each argument of Python that has another name than its option.
    """

    renamed: Mapping[str, str] = MappingProxyType({})

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is not None and value not in action.choices:
            known = [str(choice) for choice in action.choices]
            raise argparse.ArgumentError(
                action,
                f"invalid choice: {str(value)!r}, expected one of {', '.join(known)}."
                f"{did_you_mean(str(value), known)}",
            )

    def unknown(self, arguments: Sequence[str]) -> NoReturn:
        """End the command over arguments that are left over, with a guess at the first option."""
        flag = next((a.partition("=")[0] for a in arguments if a.startswith("-")), "")
        guess = did_you_mean(flag, self._option_string_actions) if flag else ""
        self.error(f"unrecognized arguments: {' '.join(arguments)}{guess and '.' + guess}")

    def options(self) -> dict[str, str]:
        """Return the longest flag of each option by the name of its argument in Python.

        Of two options for one argument the first counts.
        """
        flags: dict[str, str] = {}
        for action in self._actions:
            if action.option_strings:
                flags.setdefault(action.dest, max(action.option_strings, key=len))
        return {**flags, **self.renamed}


Verbs: TypeAlias = "argparse._SubParsersAction[Parser]"


def add_verb(
    verbs: Verbs,
    name: str,
    run: Callable[[argparse.Namespace], int],
    *,
    help: str,
    description: str,
    examples: str,
    when_stopped: str = "",
    renamed: Mapping[str, str] = MappingProxyType({}),
) -> Parser:
    """Adds a verb and gives its parser, for its options.

    Args:
        verbs: What `add_subparsers` gave.
        name: The verb.
        run: Called with the options; gives the exit status.
        help: Its line in the list of verbs.
        description: What stands above its options.
        examples: What stands below them.
        when_stopped: What to say after Ctrl-C.
        renamed: The flag of each argument of Python that has another name than its option, so that
            errors name what was typed. Of one with a common name the sentence's words stand here,
            such as "threshold of phrases".
    """
    parser = verbs.add_parser(
        name,
        help=help,
        description=description,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.renamed = renamed
    parser.set_defaults(verb=run, when_stopped=when_stopped, parser=parser)
    return parser


def utf8_path(text: str) -> Path:
    """Return the path of what is written in UTF-8, or by libraries that know no other names.

    Raises:
        argparse.ArgumentTypeError: If it is not UTF-8.
    """
    if not is_utf8(text):
        raise argparse.ArgumentTypeError(f"'{printable(text)}' is not UTF-8, as this name must be")
    return Path(text)


def add_seed(parser: argparse.ArgumentParser, of: str = "") -> None:
    """Add the option of a seed, 0 by default.

    Args:
        parser: Of a verb that draws numbers.
        of: What is drawn, for the help.
    """
    what = f"seed of {of} (default: 0)" if of else "default: 0"
    parser.add_argument("--seed", metavar="N", type=_seed, default=0, help=what)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) > _LARGEST_SEED:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no seed, expected a whole number from 0 to {_LARGEST_SEED}"
        )
    return int(text)


def add_trust(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the option that lets code of others run.

    Args:
        parser: Of a verb that loads models.
        what: Whose code it is, for the help.
    """
    parser.add_argument(
        "--trust-remote-code",
        action="store_true",
        default=None,
        help=f"run code that lies beside {what}: look at it first, it can do all that you can",
    )
