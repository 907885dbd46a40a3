"""Standard input and output of the command, safe for any terminal encoding."""

import codecs
import contextlib
import io
import sys

# Replacements for symbols in the command's own tables that a terminal cannot show.
_PLAIN = {"±": "+-", "…": "...", "–": "-", "—": "-", "’": "'", "“": '"', "”": '"'}


def open_streams() -> None:
    r"""Configure the streams so that no character or byte in them raises an error.

    A character that the terminal cannot show is written as an escape (``\xe9``). Input
    bytes that are invalid in the stream's encoding become U+FFFD; if this encoding is ASCII, the
    input is read as UTF-8, which includes ASCII. A stream that is not a text file of the system is
    not changed.
    """
    codecs.register_error("hf_recurrent.plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="hf_recurrent.plain")
    if hasattr(sys.stdin, "reconfigure"):
        name = codecs.lookup(sys.stdin.encoding).name
        # Some programs write a byte order mark before UTF-8, which is not part of the first text.
        encoding = "utf-8-sig" if name in ("ascii", "utf-8") else name
        with contextlib.suppress(io.UnsupportedOperation):  # the stream has been read from already
            sys.stdin.reconfigure(encoding=encoding, errors="replace")


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    if all(sign in _PLAIN for sign in signs):
        return "".join(map(_PLAIN.__getitem__, signs)), error.end
    return codecs.backslashreplace_errors(error)


def clean_text(argument: str) -> str:
    """Return an argument as text, with U+FFFD for bytes that were not UTF-8."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
