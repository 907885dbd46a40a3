"""Add verbs to the parser, so that all of them look and end alike."""

import argparse
import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, TypeAlias

from .._terminal import is_utf8, printable
from .._wording import did_you_mean

# The largest that numpy's generators accept.
_LARGEST_SEED = 2**32 - 1


class Parser(argparse.ArgumentParser):
    """A parser that suggests a known word for an unknown one.

    Attributes:
        renamed: The option's flag, by the name of the Python argument, where the names differ.
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
        """End the command because of unknown arguments, with a guess at the first option."""
        flag = next((a.partition("=")[0] for a in arguments if a.startswith("-")), "")
        guess = did_you_mean(flag, self._option_string_actions) if flag else ""
        self.error(f"unrecognized arguments: {' '.join(arguments)}{guess and '.' + guess}")

    def options(self) -> dict[str, str]:
        """Return the longest flag of each option, by the name of its Python argument.

        If two options set one argument, the first is returned.
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
    """Add a verb, and return its parser.

    Args:
        verbs: What ``add_subparsers`` returned.
        name: The verb.
        run: Called with the options; returns the exit status.
        help: Its line in the list of verbs.
        description: The text above its options.
        examples: The text below its options.
        when_stopped: The sentence after Ctrl-C.
        renamed: The option's flag, by the name of the Python argument, where the option's ``dest``
            is another, so that errors name what the user typed. If the name is a common word, the
            key is the words of the error sentence, such as "threshold of phrases".
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


def arguments(options: argparse.Namespace, function: Callable[..., Any]) -> dict[str, Any]:
    """Return the options that are keyword-only arguments of a function, by their common names."""
    parameters = inspect.signature(function).parameters.values()
    names = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]
    return {name: getattr(options, name) for name in names if hasattr(options, name)}


def utf8_path(text: str) -> Path:
    """Return the path of a file whose name must be UTF-8 for the library that reads it.

    Raises:
        argparse.ArgumentTypeError: If the name is not UTF-8.
    """
    if not is_utf8(text):
        raise argparse.ArgumentTypeError(f"'{printable(text)}' is not UTF-8, as this name must be")
    return Path(text)


def add_seed(parser: argparse.ArgumentParser, of: str = "") -> None:
    """Add the option ``--seed``, 0 by default.

    Args:
        parser: Parser of a verb that draws random numbers.
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


def add_visibility(parser: argparse.ArgumentParser, kind: str) -> None:
    """Add the options ``--private`` and ``--public``; ``private`` is ``None`` without either.

    Args:
        parser: Parser of a verb that uploads.
        kind: What is uploaded to, such as "repository".
    """
    add = parser.add_mutually_exclusive_group().add_argument
    add(
        "--private",
        action="store_true",
        default=None,
        help=f"never into a public {kind} (a new one is private in any case)",
    )
    add(
        "--public",
        action="store_false",
        dest="private",
        help=f"make a new or empty {kind} public; without it, a new one is private",
    )


def be_quiet() -> None:
    """Switch off warnings and progress bars of transformers."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def add_trust(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the option ``--trust-remote-code``.

    Args:
        parser: Parser of a verb that loads models.
        what: Whose code would run, for the help.
    """
    parser.add_argument(
        "--trust-remote-code",
        action="store_true",
        default=None,
        help=f"run code that is beside {what}: look at it first, it can do all that you can",
    )
