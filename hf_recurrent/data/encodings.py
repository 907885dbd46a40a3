"""Text in any usual encoding, compressed or not, recognised by its bytes and not by its name."""

import bz2
import codecs
import gzip
import io
import lzma
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

# The encoding of Western Windows, used for bytes that are not UTF-8. It has the same letters as
# latin-1, and quotation marks and dashes in place of latin-1's control characters.
FALLBACK = "cp1252"
_BYTES = bytes(range(256))
# Its character for each byte; the five that it leaves undefined are control characters, as in
# latin-1 and in web browsers.
_CHARACTERS = "".join(
    other if character == "\ufffd" else character
    for character, other in zip(
        _BYTES.decode(FALLBACK, "replace"), _BYTES.decode("latin-1"), strict=True
    )
)

# UTF-32 comes first, as its mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNPACKED: dict[str, Callable[..., Any]] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}
# The first bytes of files that are not text.
_PACKINGS = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"PK\x03\x04", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x1f\x9d", "compress"),
)
_OTHERS = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
)
_CHUNK_BYTES = 1 << 16


def packing(head: bytes) -> str | None:
    """Return the name of a file's compression, recognised by its first bytes, or ``None``."""
    # A word could begin with "BZh", so check the digit and the magic of a block after it.
    if head.startswith(b"BZh") and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "bzip2"
    return next((name for magic, name in _PACKINGS if head.startswith(magic)), None)


def check_bytes(text: bytes, place: str) -> None:
    """Check that bytes have no NUL, which does not occur in text in UTF-8 or a code page.

    Args:
        text: The bytes.
        place: The file, and the line if known, for the message.

    Raises:
        ValueError: If there is a NUL.
    """
    if b"\0" in text:
        raise ValueError(
            f"{place}: found a NUL byte, so the file is no text (or it is UTF-16 without a byte "
            f"order mark: save it as UTF-8)."
        )


def decode_line(line: bytes) -> tuple[str, bool]:
    """Decode bytes as UTF-8, or as ``FALLBACK`` if they are not UTF-8.

    The five bytes that are undefined in the fallback become the control characters of latin-1, as
    in web browsers.

    Returns:
        The text, and whether it was UTF-8.
    """
    try:
        return line.decode("utf-8"), True
    except UnicodeDecodeError:
        return codecs.charmap_decode(line, "strict", _CHARACTERS)[0], False


def fallback_note(place: str, lines: int = 1) -> str:
    """Return the warning that a text was not UTF-8.

    Args:
        place: The file, and its first line that was not UTF-8.
        lines: The number of such lines, if counted.
    """
    more = f" (and {lines - 1} more)" if lines > 1 else ""
    return f"{place}{more} is not UTF-8 and is read as Windows-1252 ({FALLBACK})."


def decode_text(content: bytes, source: str | Path) -> tuple[str, str | None]:
    """Decode the whole content of a text file.

    Content in gzip, bzip2 or xz is decompressed. A byte order mark of UTF-8, UTF-16 or UTF-32 is
    used and removed. Other text is read as UTF-8, and lines that are not UTF-8 as ``FALLBACK``.

    Args:
        content: The bytes of the file.
        source: The name of the file for messages.

    Returns:
        The text with its line ends unchanged, and a warning if lines were not UTF-8, otherwise
        ``None``.

    Raises:
        ValueError: If the content has another compression, is damaged, or is not text. The message
            names the source.
    """
    with _open(io.BufferedReader(io.BytesIO(content)), str(source)) as file:
        content = file.read()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        check_bytes(content, str(source))
        return text, None
    first, bad, lines = 0, 0, []
    for number, line in enumerate(content.split(b"\n"), 1):
        check_bytes(line, f"{source}, line {number}")
        text, is_utf8 = decode_line(line)
        lines.append(text)
        bad += not is_utf8
        first = first or (0 if is_utf8 else number)
    return "\n".join(lines), fallback_note(f"{source}, line {first}", bad)


def read_utf8_lines(path: Path) -> list[str]:
    """Read the lines of a small text file that must be UTF-8, without a fallback.

    Byte order marks and compression are handled as in ``open_text``. A line ends at a line feed,
    with or without a carriage return before it, and not at other line ends of Unicode.

    Raises:
        ValueError: If a line is not UTF-8, or the file is not text; the message names the file.
        OSError: If the file cannot be read.
    """
    with open_text(path) as file:
        lines = file.read().split(b"\n")
    texts = []
    for number, line in enumerate(lines, 1):
        check_bytes(line, f"{path}, line {number}")
        try:
            texts.append(line.removesuffix(b"\r").decode("utf-8"))
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{path}, line {number}: expected UTF-8, and byte {error.start + 1} of the line "
                f"({line[error.start : error.start + 1]!r}) is not."
            ) from None
    return texts


def open_text(path: Path) -> io.BufferedReader:
    """Open a text file of any size to read UTF-8 from it, decompressed and without its mark.

    Files in gzip, bzip2 and xz are decompressed while they are read. UTF-16 and UTF-32 with a mark
    are converted to UTF-8. Text without a mark is not changed: check and decode its lines with
    ``check_bytes`` and ``decode_line``.

    Raises:
        ValueError: If the file has another compression or is not text; later, while it is read, if
            it is damaged. The message names the file.
        OSError: If the file cannot be read.
    """
    return _open(io.BufferedReader(io.FileIO(os.fspath(path)), _CHUNK_BYTES), str(path))


def _open(file: io.BufferedReader, source: str) -> io.BufferedReader:
    """Open the text in a file; closing it closes the file."""
    try:
        name = packing(file.peek())
        if name is not None:
            if name not in _UNPACKED:
                raise ValueError(f"{source}: the file is compressed ({name}); unpack it first.")
            file = _buffered(_Unpacked(file, name, source))
            if inner := packing(file.peek()):
                raise ValueError(
                    f"{source}: the file is compressed twice ({name}, {inner}); unpack it first."
                )
        head = file.peek()
        found = next((what for magic, what in _OTHERS if head.startswith(magic)), None)
        if found:
            raise ValueError(f"{source}: expected text, and the file is {found}.")
        mark, encoding = next(
            ((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", "utf-8")
        )
        file.read(len(mark))
        return file if encoding == "utf-8" else _buffered(_Recoded(file, encoding, source))
    except BaseException:
        file.close()
        raise


def _buffered(raw: io.RawIOBase) -> io.BufferedReader:
    return io.BufferedReader(raw, _CHUNK_BYTES)


class _Stream(io.RawIOBase):
    """A stream of bytes made from those of another file, which is closed with it."""

    def __init__(self, file: io.BufferedReader, source: str) -> None:
        self._file, self._source = file, source
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        target = memoryview(buffer).cast("B")
        if not self._ready:
            self._ready = self._more()
        count = min(len(target), len(self._ready))
        target[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _more(self) -> bytes:
        """Return the next bytes, empty at the end."""
        raise NotImplementedError

    def close(self) -> None:
        self._file.close()
        super().close()


class _Unpacked(_Stream):
    """The content of a compressed file."""

    def __init__(self, file: io.BufferedReader, name: str, source: str) -> None:
        super().__init__(file, source)
        self._name = name
        self._unpacked: Any = _UNPACKED[name](file, "rb")

    def _more(self) -> bytes:
        try:
            content: bytes = self._unpacked.read(_CHUNK_BYTES)
        except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
            # A broken archive also raises OSError, but without an errno of the system.
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise ValueError(
                f"{self._source}: the {self._name} file is damaged or cut off ({error})."
            ) from None
        return content


class _Recoded(_Stream):
    """Text in another encoding, converted to UTF-8."""

    def __init__(self, file: io.BufferedReader, encoding: str, source: str) -> None:
        super().__init__(file, source)
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()

    def _more(self) -> bytes:
        text = ""
        while not text:
            chunk = self._file.read(_CHUNK_BYTES)
            try:
                text = self._decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise ValueError(
                    f"{self._source}: the byte order mark says {self._encoding.upper()}, and the "
                    f"text is not ({error.reason})."
                ) from None
            if not chunk:
                break
        return text.encode("utf-8", "surrogatepass")
