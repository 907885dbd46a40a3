"""Standard input and output of the command, whatever the terminal can show or sends."""

import codecs
import contextlib
import io
import sys

__all__ = ["clean_text", "open_streams"]

# What stands for signs of the command's own tables on a terminal that lacks them.
_PLAIN = {"±": "+-", "…": "...", "–": "-", "—": "-", "’": "'", "“": '"', "”": '"'}


def open_streams() -> None:
    r"""Let no character of the output, and no byte of the input, end the command.

    A character that the terminal cannot show is written as an escape (``\xe9``). Bytes of the
    input that are not text in its encoding become U+FFFD; where the encoding is ASCII they are read
    as UTF-8, of which ASCII is a part. A stream that is not a text file of the system stays as it
    is.
    """
    codecs.register_error("hf_recurrent.plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="hf_recurrent.plain")
    if hasattr(sys.stdin, "reconfigure"):
        name = codecs.lookup(sys.stdin.encoding).name
        # The mark that some programs put before UTF-8 is no part of the first text.
        encoding = "utf-8-sig" if name in ("ascii", "utf-8") else name
        with contextlib.suppress(io.UnsupportedOperation):  # something has been read already
            sys.stdin.reconfigure(encoding=encoding, errors="replace")


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    if all(sign in _PLAIN for sign in signs):
        return "".join(map(_PLAIN.__getitem__, signs)), error.end
    return codecs.backslashreplace_errors(error)


def clean_text(argument: str) -> str:
    """Return an argument as text: its bytes that were not UTF-8 become U+FFFD."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
