"""Extraction takes what is wanted and nothing leads out of the folder."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from hf_recurrent.data._archives import extract

FILES = {"top/a.txt": b"a", "top/sub/b.txt": b"bb", "top/c.md": b"c", "other/a.txt": b"no"}


def make_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def make_tar(path: Path, files: dict[str, bytes], link: str | None = None) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        if link:
            entry = tarfile.TarInfo(link)
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(entry)
    return path


def tree(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def make_deb(path: Path, files: dict[str, bytes]) -> Path:
    """Write an ar archive, as packages of Debian are."""
    content = b"!<arch>\n"
    for name, data in files.items():
        content += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode()
        content += data + b"\n" * (len(data) % 2)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_takes_the_wanted_files(tmp_path, make):
    archive = make(tmp_path / "archive", FILES)
    sizes = extract(archive, tmp_path / "out", "top/", ("*.txt",))
    assert tree(tmp_path / "out") == {"a.txt": b"a", "sub/b.txt": b"bb"}
    assert sizes == {"a.txt": 1, "sub/b.txt": 2}


@pytest.mark.parametrize("ending", ["", "/"])
def test_package_of_debian(tmp_path, ending):
    inner = make_tar(tmp_path / "inner", {f"./{name}": data for name, data in FILES.items()})
    members = {"debian-binary": b"2.0", f"data.tar.gz{ending}": inner.read_bytes()}
    archive = make_deb(tmp_path / "archive.deb", members)
    extract(archive, tmp_path / "out", "./top/", ("*.txt",), inner="data.tar.gz")
    assert tree(tmp_path / "out") == {"a.txt": b"a", "sub/b.txt": b"bb"}
    cut = tmp_path / "cut.deb"
    cut.write_bytes(archive.read_bytes()[:30])
    with pytest.raises(ValueError, match=r"cut\.deb holds no file data\.tar\.gz"):
        extract(cut, tmp_path / "out2", "./top/", ("*.txt",), inner="data.tar.gz")


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_archive_in_archive(tmp_path, make):
    inner = make_tar(tmp_path / "inner.tar.gz", FILES).read_bytes()
    archive = make(tmp_path / "archive", {"x/inner.tar.gz": inner, "x/other": b""})
    extract(archive, tmp_path / "work" / "out", "top/", ("c.md",), inner="x/inner.tar.gz")
    assert tree(tmp_path / "work" / "out") == {"c.md": b"c"}
    with pytest.raises(ValueError, match=r"holds no file x/missing\.tar"):
        extract(archive, tmp_path / "out2", "top/", ("c.md",), inner="x/missing.tar")


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.parametrize("path", ["../evil", "a/../../evil", "/evil", "a\\..\\evil", "C:evil"])
def test_no_path_leads_out(tmp_path, make, path):
    archive = make(tmp_path / "archive", {f"top/{path}": b"evil"})
    with pytest.raises(ValueError, match="leads out of the folder"):
        extract(archive, tmp_path / "deep" / "out", "top/", ("*evil",))
    assert not list(tmp_path.rglob("evil"))


def test_links_are_refused(tmp_path):
    archive = make_tar(tmp_path / "archive", FILES, link="top/link.txt")
    with pytest.raises(ValueError, match=r"holds top/link\.txt as a link"):
        extract(archive, tmp_path / "out", "top/", ("*.txt",))
    zipped = tmp_path / "zip"
    with zipfile.ZipFile(zipped, "w") as file:
        entry = zipfile.ZipInfo("top/link.txt")
        entry.external_attr = 0o120777 << 16
        file.writestr(entry, "/etc/passwd")
    with pytest.raises(ValueError, match=r"holds top/link\.txt as a link"):
        extract(zipped, tmp_path / "out2", "top/", ("*.txt",))


def test_a_pattern_without_a_file_is_an_error(tmp_path):
    archive = make_zip(tmp_path / "archive", FILES)
    with pytest.raises(ValueError, match=r"holds no file d\.txt below top/"):
        extract(archive, tmp_path / "out", "top/", ("a.txt", "d.txt"))
