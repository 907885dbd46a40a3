"""Packages from a folder of small archives, fetched by the real pip without a network."""

import hashlib
import io
import os
import subprocess
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import constants

from hf_recurrent.data import _package_clients, packages
from hf_recurrent.data.packages import PACKAGES, Package, PackageError, cached, fetch

METADATA = "Metadata-Version: 2.1\nName: tiny-data\nVersion: 1.0\n"


def wheel(folder: Path) -> Path:
    path = folder / "tiny_data-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny/data/words.txt", "one\ntwo\n")
        archive.writestr("tiny/data/code.py", "")
        # No Python is new enough for this package's code, but its data are only read.
        archive.writestr("tiny_data-1.0.dist-info/METADATA", METADATA + "Requires-Python: >=9\n")
        archive.writestr("tiny_data-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr("tiny_data-1.0.dist-info/RECORD", "")
    return path


def tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def sdist(folder: Path, setup: str) -> Path:
    inner = tar({"inside/words.txt": b"one\ntwo\n"})
    files = {"PKG-INFO": METADATA.encode(), "setup.py": setup.encode(), "in.tar.gz": inner}
    path = folder / "tiny_data-1.0.tar.gz"
    path.write_bytes(tar({f"tiny_data-1.0/{name}": content for name, content in files.items()}))
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("HF_RECURRENT_CACHE", str(folder))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return folder


@pytest.fixture
def links(tmp_path, monkeypatch) -> Path:
    """A folder that the user's pip is set up to take packages from, and from nowhere else."""
    folder = tmp_path / "links"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def known(monkeypatch, **changes) -> Package:
    package = Package(
        name="tiny",
        registry="pypi-wheel",
        requirement="tiny-data==1.0",
        sha256="0" * 64,
        prefix="tiny/data/",
        members=("*.txt",),
        license="none",
    )
    package = replace(package, **changes)
    monkeypatch.setattr(packages, "PACKAGES", {"tiny": package})
    return package


def no_client(*args, **kwargs):
    raise AssertionError("a client was started")


def test_wheel(cache, links, monkeypatch):
    known(monkeypatch, sha256=sha256(wheel(links)))
    assert cached("tiny") is None
    folder = fetch("tiny")
    assert cache in folder.parents
    assert (folder / "words.txt").read_text() == "one\ntwo\n"
    assert sorted(path.name for path in folder.iterdir()) == [".complete.json", "words.txt"]
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    # From now on nothing is downloaded, on line or not.
    monkeypatch.setattr(subprocess, "run", no_client)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert fetch("tiny") == cached("tiny") == folder


def test_package_of_debian(cache, links, monkeypatch, tmp_path):
    """A stand-in for apt-get gives the archive to the folder in which it is run."""
    archive = links / "tiny.deb"
    archive.write_bytes(tar({"tiny/data/words.txt": b"one\ntwo\n"}))
    apt = tmp_path / "bin" / "apt-get"
    apt.parent.mkdir()
    apt.write_text(f"""#!/bin/sh
[ "$2" = tiny-data=1.0 ] || {{ echo "E: Unable to locate package $2" >&2; exit 100; }}
cp {archive} .
""")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", f"{apt.parent}{os.pathsep}{os.environ['PATH']}")
    debian = {"registry": "debian", "sha256": sha256(archive)}
    known(monkeypatch, requirement="tiny-data=2.0", **debian)
    with pytest.raises(
        PackageError, match=r"tiny-data=2\.0 failed: E: Unable to locate package tin"
    ):
        fetch("tiny")
    known(monkeypatch, requirement="tiny-data=1.0", **debian)
    assert (fetch("tiny") / "words.txt").read_text() == "one\ntwo\n"
    known(monkeypatch, requirement="tiny-data=1.0", **debian | {"sha256": "1" * 64})
    monkeypatch.setattr(_package_clients.shutil, "which", lambda name: None)
    with pytest.raises(PackageError, match="needs apt-get, which is not on the PATH"):
        fetch("tiny")


def test_sdist_runs_no_code_of_the_archive(cache, links, monkeypatch, tmp_path):
    ran = tmp_path / "ran"
    setup = f"open({str(ran)!r}, 'w').close()\nraise SystemExit('setup.py was run')"
    digest = sha256(sdist(links, setup))
    inside = {"inner": "tiny_data-1.0/in.tar.gz", "prefix": "inside/"}
    known(monkeypatch, registry="pypi-sdist", sha256=digest, **inside)
    assert (fetch("tiny") / "words.txt").read_text() == "one\ntwo\n"
    assert not ran.exists()


def test_sdist_where_the_user_wants_wheels_only(cache, links, monkeypatch):
    monkeypatch.setenv("PIP_ONLY_BINARY", ":all:")
    inside = {"inner": "tiny_data-1.0/in.tar.gz", "prefix": "inside/"}
    known(monkeypatch, registry="pypi-sdist", sha256=sha256(sdist(links, "")), **inside)
    assert (fetch("tiny") / "words.txt").exists()


def test_another_archive_is_refused(cache, links, monkeypatch):
    wheel(links)
    known(monkeypatch, sha256="1" * 64)
    with pytest.raises(PackageError, match="does not have the pinned SHA-256"):
        fetch("tiny")
    assert not list((cache / "packages").iterdir())


def test_our_own_check_refuses_another_archive(cache, links, monkeypatch, tmp_path):
    monkeypatch.setattr(packages, "pip_download", lambda *args, **more: wheel(tmp_path))
    known(monkeypatch, sha256="1" * 64)
    with pytest.raises(PackageError, match=rf"has SHA-256 [0-9a-f]+ where {'1' * 64} is pinned"):
        fetch("tiny")
    assert not list((cache / "packages").iterdir())


def test_a_wheel_of_another_platform(cache, monkeypatch, tmp_path):
    """Its files are data, so any platform takes the pinned one."""
    seen: list[str] = []
    monkeypatch.setattr(_package_clients, "_run", lambda command, *given: seen.extend(command))
    monkeypatch.setattr(_package_clients, "_only_file", lambda folder, *given: folder)
    place = tmp_path / "new" / "archive"
    _package_clients.pip_download(
        "tiny-data==1.0", "0" * 64, False, place, wheel="cp311-manylinux_2_28_x86_64"
    )
    told = " ".join(seen)
    assert "--only-binary :all:" in told
    assert "--platform manylinux_2_28_x86_64 --python-version 311" in told


def test_no_such_version(cache, links, monkeypatch):
    known(monkeypatch, requirement="tiny-data==2.0")
    with pytest.raises(PackageError, match=r"tiny-data==2\.0 failed: .*No matching distribution"):
        fetch("tiny")


def test_pip_is_missing(cache, monkeypatch):
    known(monkeypatch)
    monkeypatch.setattr(_package_clients.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PackageError, match=r"needs pip, which .* lacks"):
        fetch("tiny")


def test_npm(cache, monkeypatch, tmp_path):
    archive = tar({"package/data/spam/1.txt": b"buy", "package/data/spam/1.json": b"{}"})
    digest = hashlib.sha256(archive).hexdigest()
    known(
        monkeypatch,
        registry="npm",
        requirement="@tiny/data@1.0.0",
        sha256=digest,
        prefix="package/data/",
        members=("spam/*.txt",),
    )
    monkeypatch.setattr(_package_clients.shutil, "which", lambda name: None)
    with pytest.raises(PackageError, match="needs npm, which is not on the PATH"):
        fetch("tiny")

    def npm(command, **options):
        assert command[:3] == ["npm", "pack", "@tiny/data@1.0.0"]
        assert "--ignore-scripts" in command
        target = Path(command[command.index("--pack-destination") + 1])
        (target / "tiny-data-1.0.0.tgz").write_bytes(archive)
        return subprocess.CompletedProcess(command, 0, stderr="npm warn something\n")

    def failing(command, **options):
        return subprocess.CompletedProcess(command, 1, stderr="npm error code E1\nnpm error Gone\n")

    monkeypatch.setattr(_package_clients.shutil, "which", lambda name: name)
    monkeypatch.setattr(_package_clients.subprocess, "run", failing)
    with pytest.raises(PackageError, match="failed: npm error Gone"):
        fetch("tiny")
    monkeypatch.setattr(_package_clients.subprocess, "run", npm)
    assert (fetch("tiny") / "spam" / "1.txt").read_bytes() == b"buy"


def test_a_damaged_folder_is_fetched_again(cache, links, monkeypatch):
    known(monkeypatch, sha256=sha256(wheel(links)))
    folder = fetch("tiny")
    (folder / "words.txt").write_text("one")
    assert cached("tiny") is None
    assert fetch("tiny") == folder
    assert (folder / "words.txt").read_text() == "one\ntwo\n"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_an_interrupted_fetch_leaves_nothing(cache, links, monkeypatch):
    known(monkeypatch, sha256=sha256(wheel(links)))

    def interrupted(*args, **kwargs):
        extract(*args, **kwargs)
        raise KeyboardInterrupt

    extract = packages.extract
    monkeypatch.setattr(packages, "extract", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch("tiny")
    assert cached("tiny") is None
    assert not list((cache / "packages").iterdir())


def test_another_process_was_first(cache, links, monkeypatch):
    known(monkeypatch, sha256=sha256(wheel(links)))

    def slow(*args, **kwargs):
        monkeypatch.setattr(packages, "extract", extract)
        fetch("tiny")
        return extract(*args, **kwargs)

    extract = packages.extract
    monkeypatch.setattr(packages, "extract", slow)
    assert (fetch("tiny") / "words.txt").exists()


def test_offline(cache, monkeypatch):
    known(monkeypatch)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(subprocess, "run", no_client)
    with pytest.raises(PackageError, match="HF_HUB_OFFLINE forbids"):
        fetch("tiny")


def test_the_cache_cannot_be_written(tmp_path, monkeypatch, cache):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HF_RECURRENT_CACHE", str(tmp_path / "file"))
    known(monkeypatch)
    with pytest.raises(PackageError, match=r"cannot be written .*HF_RECURRENT_CACHE"):
        fetch("tiny")


def test_unknown_name():
    with pytest.raises(ValueError, match="no package 'glov'; there are glove, word2vec"):
        fetch("glov")


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKAGES)
def test_the_real_packages(name, cache):
    """Downloads every package, some 260 MB."""
    folder = fetch(name)
    patterns = PACKAGES[name].members
    assert all(list(folder.glob(pattern)) for pattern in patterns)
    assert cached(name) == folder
