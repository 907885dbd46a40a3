"""Encodings are told by the bytes, and what is no text is refused in one sentence."""

import bz2
import codecs
import gzip
import lzma
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.data.encodings import (
    check_bytes,
    decode_line,
    decode_text,
    fallback_note,
    open_text,
    packing,
    read_utf8_lines,
)

TEXT = "naïve café\n猫 über\r\nthe end"
MARKED = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
PACK: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("encoding", ["plain", *MARKED])
def test_read_as_what_they_are_under_any_name(tmp_path: Path, encoding: str, name: str) -> None:
    text = TEXT * 20_000  # more than one chunk, whose ends fall into characters
    content = text.encode() if encoding == "plain" else MARKED[encoding] + text.encode(encoding)
    content = PACK[name](content)
    path = tmp_path / "any.name"
    path.write_bytes(content)
    assert decode_text(content, path) == (text, None)
    with open_text(path) as file:
        assert file.read().decode() == text
    with open_text(path) as file:
        assert [line.decode() for line in file] == text.splitlines(keepends=True)


@pytest.mark.parametrize("packed", [gzip.compress, bz2.compress, lzma.compress])
def test_parts_of_a_packed_file_follow_each_other(packed: Callable[[bytes], bytes]) -> None:
    assert decode_text(packed(b"a\n") + packed(b"b\n"), "f") == ("a\nb\n", None)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_any_text_comes_back(text: str) -> None:
    mark = "\ufeff"
    if not text.startswith(mark):
        assert decode_text(text.encode(), "f") == (text, None)
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        assert decode_text((mark + text).encode(encoding), "f") == (text, None)


def test_lines_that_are_not_utf8_are_of_windows() -> None:
    content = "naïve\n".encode() + "“quoted” – naïve €\n".encode("cp1252") + b"\x81\n"
    text, note = decode_text(content, "f.csv")
    assert text == "naïve\n“quoted” – naïve €\n\x81\n"
    assert note == ("f.csv, line 2 (and 1 more) is not UTF-8 and is read as Windows-1252 (cp1252).")
    assert fallback_note("f, line 3") == (
        "f, line 3 is not UTF-8 and is read as Windows-1252 (cp1252)."
    )


def test_decode_line() -> None:
    assert decode_line("naïve".encode()) == ("naïve", True)
    assert decode_line(b"na\xefve \x93") == ("naïve “", False)
    every = bytes(range(1, 256))
    text, is_utf8 = decode_line(every)
    assert len(text) == 255
    assert not is_utf8
    assert text[0x80 - 1] == "€"
    assert text[0x81 - 1] == "\x81"
    assert text[0xE9 - 1] == "é"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a\0b", "NUL byte"),
        (b"na\xefve\n\0", "line 2: found a NUL byte"),
        (codecs.BOM_UTF16_LE + "a\0b".encode("utf-16-le"), "NUL byte"),
        ("plain text".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (gzip.compress(b"a\0b", mtime=0), "NUL byte"),
        (codecs.BOM_UTF16_LE + b"a", "says UTF-16-LE, and the text is not"),
        (codecs.BOM_UTF16_LE + b"\x00\xdca\x00", "says UTF-16-LE, and the text is not"),
        (gzip.compress(b"text" * 99, mtime=0)[:-6], "the gzip file is damaged or cut off"),
        (bz2.compress(b"text" * 99)[:-6], "the bzip2 file is damaged or cut off"),
        (bz2.compress(b"text" * 99)[:20] + bytes(40), "the bzip2 file is damaged or cut off"),
        (lzma.compress(b"text" * 99)[:-6], "the xz file is damaged or cut off"),
        (lzma.compress(b"text" * 99)[:24] + bytes(40), "the xz file is damaged or cut off"),
        (b"\x28\xb5\x2f\xfd\x20\x01", r"compressed \(zstd\); unpack it first"),
        (b"\x04\x22\x4d\x18\x64", r"compressed \(lz4\)"),
        (b"PK\x03\x04\x14", r"compressed \(zip\)"),
        (b"7z\xbc\xaf\x27\x1c", r"compressed \(7z\)"),
        (b"Rar!\x1a\x07\x01", r"compressed \(rar\)"),
        (gzip.compress(bz2.compress(b"a"), mtime=0), r"compressed twice \(gzip, bzip2\)"),
        (b"%PDF-1.7\n", "is a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "is a PNG picture"),
    ],
)
def test_no_text_is_one_sentence(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)

    def read() -> None:
        with open_text(path) as file:
            for number, line in enumerate(file, 1):
                check_bytes(line, f"{path}, line {number}")

    for call in (read, lambda: decode_text(content, path)):
        with pytest.raises(ValueError, match=why) as caught:
            call()
        message = str(caught.value)
        assert message.startswith(str(path))
        assert message.endswith(".")
        assert "\n" not in message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_lines_of_words(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes("dog\tperro\r\na\u2028b\x85c \n\nend".encode(encoding))
    assert read_utf8_lines(path) == ["dog\tperro", "a\u2028b\x85c ", "", "end"]
    path.write_bytes("dog\nse\xf1or\n".encode("cp1252"))
    why = re.escape(rf"{path}, line 2: expected UTF-8, and byte 3 of the line (b'\xf1') is not.")
    with pytest.raises(ValueError, match=why):
        read_utf8_lines(path)
    path.write_bytes("dog\n".encode("utf-16-le"))
    with pytest.raises(ValueError, match=re.escape(f"{path}, line 1: found a NUL byte")):
        read_utf8_lines(path)


def test_words_that_only_look_packed_are_text() -> None:
    for content in (b"BZh\n", b"BZh9 is a magic\n", b"PK\n", b"7z\n", b""):
        assert packing(content) is None
        assert decode_text(content, "f") == (content.decode(), None)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path / "none"))):
        open_text(tmp_path / "none")
