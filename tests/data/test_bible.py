"""Books of verses in the zText format, and the Bible in two languages."""

import struct
import zlib
from pathlib import Path

import pytest

from hf_recurrent.data import bible
from hf_recurrent.data.bible import plain, read_bible
from hf_recurrent.data.ztext import read_ztext


def write_module(folder: Path, testaments: dict[str, list[str]], per_block: int = 2) -> Path:
    """Write texts as the SWORD project does, some of them in a block."""
    folder.mkdir(parents=True)
    for name, texts in testaments.items():
        blocks, verses, packed = b"", b"", b""
        for start in range(0, len(texts), per_block):
            content = b""
            for text in texts[start : start + per_block]:
                data = text.encode()
                verses += struct.pack("<IIH", start // per_block, len(content), len(data))
                content += data
            block = zlib.compress(content)
            blocks += struct.pack("<III", len(packed), len(block), len(content))
            packed += block
        for kind, content in (("s", blocks), ("v", verses), ("z", packed)):
            (folder / f"{name}.bz{kind}").write_bytes(content)
    return folder


def test_texts_come_in_the_order_of_the_index(tmp_path: Path) -> None:
    texts = {"ot": ["", "¡Señor!", "two", "three", ""], "nt": ["four"]}
    folder = write_module(tmp_path / "m", texts)
    assert read_ztext(folder) == [*texts["ot"], *texts["nt"]]
    (folder / "nt.bzz").write_bytes(b"no zlib")
    with pytest.raises(ValueError, match="the files of 'nt' are damaged"):
        read_ztext(folder)
    (folder / "nt.bzv").unlink()
    with pytest.raises(FileNotFoundError):
        read_ztext(folder)


def test_verses_that_both_have_without_markup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = {"ot": ["<title>Genesis</title>", "<w x='1'>In</w> the beginning", "only here"]}
    spanish = {"ot": ["", "En el\n principio", "<note>¶</note>"]}
    for module, texts in (("engKJV2006eb", english), ("spaRV1909eb", spanish)):
        write_module(tmp_path / module, texts | {"nt": []})
    expected = {"en": ["In the beginning"], "es": ["En el principio"]}
    assert read_bible(tmp_path) == expected
    # A module that is not in the folder is fetched.
    fetched = tmp_path / "fetched"
    fetched.mkdir()
    (tmp_path / "spaRV1909eb").rename(fetched / "spaRV1909eb")
    monkeypatch.setattr(bible, "fetch", lambda name: {"bible-es": fetched}[name])
    assert read_bible(tmp_path) == expected


def test_plain_text_of_a_verse() -> None:
    marked = (
        '<w lemma="strong:H1">And</w> <transChange type="added">it was</transChange> '
        '¶ <note type="study">Heb. <catchWord>x</catchWord></note>so &amp; good:<br/>'
    )
    assert plain(marked) == "And it was so & good:"
