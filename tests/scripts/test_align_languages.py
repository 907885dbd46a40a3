import html
import runpy
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "align_languages.py"


@pytest.fixture(scope="module")
def script() -> dict:
    return runpy.run_path(str(SCRIPT))


def test_verses_come_out_of_compressed_blocks(script: dict, tmp_path: Path) -> None:
    blocks = [["<title>Psalm</title>In the <w>beginning</w>", "God &amp; man"], ["y la tierra", ""]]
    index, places, data = b"", b"", b""
    for number, verses in enumerate(blocks):
        start = 0
        for verse in verses:
            index += struct.pack("<IIH", number, start, len(verse.encode()))
            start += len(verse.encode())
        compressed = zlib.compress("".join(verses).encode())
        places += struct.pack("<III", len(data), len(compressed), start)
        data += compressed
    for suffix, content in (("bzv", index), ("bzs", places), ("bzz", data)):
        (tmp_path / f"ot.{suffix}").write_bytes(content)
    found = script["bible_verses"](tmp_path)
    assert found == ["In the beginning", "God & man", "y la tierra", ""]


def test_paragraphs_come_out_of_pages(script: dict, tmp_path: Path) -> None:
    body = f"<p>One two <b>three</b> four</p><p>short</p><li>{html.escape('a & b c')}</li>"
    page = f"<head><title>no such text</title></head><body>{body}<pre>x y z</pre>"
    (tmp_path / "a.html").write_text(page)
    (tmp_path / "b.html").write_text(page)
    assert script["pages"](tmp_path) == ["One two three four", "a & b c"]


def test_the_table_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    generator = np.random.default_rng(0)
    lines = [
        " ".join(f"{'abcdefgh'[w]}x" for w in generator.integers(8, size=9)) for _ in range(99)
    ]
    texts = ["\n".join(lines), "\n".join(lines).replace("x", "y")]
    pairs = [f"{letter}x\t{letter}y\n" for letter in "abcdefgh"]
    for name, text in zip(("s", "t", "train", "test"), [*texts, "".join(pairs[:5]), "".join(pairs)],
                          strict=True):  # fmt: skip
        (tmp_path / name).write_text(text)
    flags = ["--source-text", "s", "--target-text", "t", "--train", "train", "--test", "test"]
    flags += ["--kinds", "skip-gram", "--vector-size", "5", "--epochs", "1"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["align_languages.py", *flags])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    said = capsys.readouterr().out
    assert "en: 99 sentences, 891 words" in said
    assert "5 pairs to learn from, test covered 8 of 8 (100.0%); nearest P@1" in said
