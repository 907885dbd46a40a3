"""The console command ``hf-recurrent``; each verb calls one function of the package."""

import argparse
import sys
from collections.abc import Sequence

from ._streams import clean_text, open_streams
from ._terminal import printable
from ._wording import name_options
from .commands import (
    app,
    benchmark,
    convert_elmo,
    diagnose,
    inspect,
    predict,
    publish,
    search,
    vectors,
)
from .commands._parsers import Parser

_SHOWN = 60  # characters to show on each side of one that cannot be written


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, 1 after an error, 130 after Ctrl-C."""
    open_streams()
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    # Texts after a flag are left over.
    if rest and (not hasattr(options, "texts") or any(text.startswith("-") for text in rest)):
        getattr(options, "parser", parser).unknown(rest)
    if rest:
        options.texts += map(clean_text, rest)
    try:
        return options.verb(options)
    except KeyboardInterrupt:
        print("\nStopped." + options.when_stopped, file=sys.stderr)
        return 130
    except (ImportError, OSError, ValueError) as error:
        told = name_options(_sentence(error), options.parser.options())
        print(f"hf-recurrent: {told}", file=sys.stderr)
        return 1


def _sentence(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError) and "\udc80" <= error.object[error.start] <= "\udcff":
        shown = error.object[max(error.start - _SHOWN, 0) : error.start + _SHOWN]
        return f"{shown!a} is not UTF-8, as names and texts must be here."
    return printable(" ".join(str(error).split())) or type(error).__name__


class _Version(argparse.Action):
    """An argparse action that looks up the version only when it is needed."""

    def __init__(self, option_strings: list[str], dest: str, help: str) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help=help)

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        from . import __version__

        print(f"hf-recurrent {__version__}")
        parser.exit()


def _parser() -> Parser:
    parser = Parser(
        prog="hf-recurrent",
        description="Recurrent networks and word vectors for the Hugging Face ecosystem.",
    )
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for verb in (
        benchmark,
        predict,
        search,
        app,
        inspect,
        diagnose,
        publish,
        vectors,
        convert_elmo,
    ):
        verb.add_parser(verbs)
    return parser


if __name__ == "__main__":
    sys.exit(main())
