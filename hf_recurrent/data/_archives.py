"""Extraction of chosen files from a zip, tar or Debian archive, safely into one folder."""

import fnmatch
import io
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Generator
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import IO

# The beginning of an ar archive, and the size of the head of a member in it.
_AR, _AR_HEAD = b"!<arch>\n", 60


def extract(
    archive: Path, folder: Path, prefix: str, members: tuple[str, ...], inner: str | None = None
) -> dict[str, int]:
    """Extract the files below ``prefix`` that match a pattern; return their paths and sizes.

    Args:
        archive: A zip archive (as wheels are), a tar archive, compressed or not, or a package of
            Debian, whose files are in its ``inner`` archive.
        folder: A new folder for the files.
        prefix: Start of the names of the wanted files; it is removed from the paths in ``folder``.
        members: Patterns (``fnmatch``; ``*`` also matches a slash) for the rest of the names.
        inner: Name of a tar archive inside ``archive`` that holds the files.

    Raises:
        ValueError: If a pattern matches no file, a file is a link or its path leads out of
            ``folder``, or ``inner`` is missing.
    """
    folder.mkdir(parents=True)
    if inner is not None:
        outer, archive = archive, folder.with_name("inner-archive")
        with closing(_files(outer)) as files:
            source = next((file for name, file in files if name == inner), None)
            if source is None:
                raise ValueError(f"The archive {outer.name} holds no file {inner}.")
            _copy(source, archive)
    sizes: dict[str, int] = {}
    unmatched = set(members)
    with closing(_files(archive)) as files:
        for name, file in files:
            path = name.removeprefix(prefix)
            matched = {pattern for pattern in members if fnmatch.fnmatchcase(path, pattern)}
            if not name.startswith(prefix) or not matched:
                continue
            if file is None:
                raise ValueError(f"The archive {archive.name} holds {name} as a link.")
            target = _target(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            sizes[path] = _copy(file, target)
            unmatched -= matched
    if unmatched:
        raise ValueError(
            f"The archive {archive.name} holds no file {' or '.join(sorted(unmatched))} "
            f"below {prefix}."
        )
    return sizes


def _files(archive: Path) -> Generator[tuple[str, IO[bytes] | None], None, None]:
    """Yield the name and the open content of each file in an archive; ``None`` for a link."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zip_file:
            for entry in zip_file.infolist():
                if stat.S_ISLNK(entry.external_attr >> 16):
                    yield entry.filename, None
                elif not entry.is_dir():
                    with zip_file.open(entry) as file:
                        yield entry.filename, file
    elif _is_ar(archive):
        yield from _ar_files(archive)
    else:
        with tarfile.open(archive) as tar_file:
            for member in tar_file:
                if member.isfile():
                    yield member.name, tar_file.extractfile(member)
                elif not member.isdir():
                    yield member.name, None


def _is_ar(archive: Path) -> bool:
    with archive.open("rb") as file:
        return file.read(len(_AR)) == _AR


def _ar_files(archive: Path) -> Generator[tuple[str, IO[bytes]], None, None]:
    """Yield the members of an ar archive, which packages of Debian are."""
    with archive.open("rb") as file:
        file.seek(len(_AR))
        while len(head := file.read(_AR_HEAD)) == _AR_HEAD:
            size = int(head[48:58])
            content = file.read(size + size % 2)
            yield head[:16].decode("ascii").rstrip().removesuffix("/"), io.BytesIO(content[:size])


def _target(folder: Path, path: str) -> Path:
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or "\\" in path or ":" in path:
        raise ValueError(f"The path {path} of the archive leads out of the folder.")
    return folder.joinpath(*parts)


def _copy(source: IO[bytes], target: Path) -> int:
    with target.open("wb") as file:
        shutil.copyfileobj(source, file)
        return file.tell()
