"""Publish the page as a Space of the Hub: gather its files, and upload them in one commit."""

import platform
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from huggingface_hub import HfApi

from .._templates import render
from .._wording import counted
from ..hub.cards import LIBRARY
from ..hub.folder import CheckedFolder, check_files, check_folder
from ..hub.upload import ERRORS, additions, check_arrived, check_repo_id, comparing, reason, upload
from .answers import open_classifier
from .serving import require_gradio
from .wheel import make_wheel, requirements

_SERVED = ("--host", "0.0.0.0", "--port", "7860")  # where a Space expects its page


@dataclass(frozen=True)
class SpacePlan:
    """What a push would put into a Space.

    Attributes:
        repo_id: The Space.
        files: Content of each path: bytes, or a file on disk.
        left_out: Paths that are not published, each with the reason.
        notes: Sentences on what the Space will need.
        digests: SHA-256 of each file on disk, taken before the file was searched.
    """

    repo_id: str
    files: dict[str, bytes | Path]
    left_out: dict[str, str]
    notes: list[str]
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def mebibytes(self) -> float:
        """Size of all files."""
        sizes = (len(c) if isinstance(c, bytes) else c.stat().st_size for c in self.files.values())
        return sum(sizes) / (1 << 20)

    def text(self, path: str) -> str:
        """Return the content of a file as text."""
        content = self.files[path]
        return (content if isinstance(content, bytes) else content.read_bytes()).decode()


@dataclass(frozen=True)
class _Part:
    """A model or a set of vectors: its name in the Space, and its files if the Space has them."""

    name: str
    checked: CheckedFolder | None = None

    @property
    def files(self) -> Iterator[tuple[str, Path, str]]:
        """Path in the Space, path on disk, and digest of each file."""
        if self.checked is not None:
            folder = self.checked.folder
            for path, digest in self.checked.digests.items():
                single = folder.is_file()
                place = self.name if single else f"{self.name}/{path}"
                yield place, folder if single else folder / path, digest


def plan_space(models: Sequence[str], vectors: Sequence[str], repo_id: str) -> SpacePlan:
    """Gather and check the files of a Space.

    Local folders and files are copied into the Space; models of the Hub and packaged vectors are
    named only.

    Args:
        models: Folders, or ids on the Hub, of models that the page shows.
        vectors: Names of word vectors, or files or folders of them.
        repo_id: ``OWNER/NAME``.

    Raises:
        ImportError: If gradio is not installed; the Space runs the installed version.
        ValueError: If something must not be published, or the page cannot show a model.
        OSError: If something does not exist, or cannot be read.
    """
    check_repo_id(repo_id)
    if not models and not vectors:
        raise ValueError("There is nothing to show: name a model, or word vectors by --vectors.")
    gradio = require_gradio()
    taken: set[str] = set()
    notes: list[str] = []
    parts = {source: _model_part(source, taken, notes) for source in models}
    of_vectors = {source: _vectors_part(source, taken) for source in vectors}
    wheel = make_wheel()
    arguments = ["app", *(part.name for part in parts.values()), *_SERVED]
    if vectors:
        arguments += ["--vectors", *(part.name for part in of_vectors.values())]
    made = {
        "app.py": render(__package__, "app.py.j2", arguments=arguments, wheel=wheel.name),
        "requirements.txt": render(
            __package__, "requirements.txt.j2", wheel=wheel.name, requirements=requirements()
        ),
        "README.md": render(
            __package__,
            "space.md.j2",
            title=re.sub(r"[-_]+", " ", repo_id.split("/")[1]),
            gradio=gradio.__version__,
            python=".".join(platform.python_version_tuple()[:2]),
            hub_models=[source for source, part in parts.items() if part.checked is None],
            models=[part.name for part in parts.values()],
            vectors=[part.name for part in of_vectors.values()],
            wheel=wheel.name,
        ),
    }
    files: dict[str, bytes | Path] = {name: text.encode() for name, text in made.items()}
    files[wheel.name] = wheel.content
    left_out: dict[str, str] = {}
    digests: dict[str, str] = {}
    for part in (*parts.values(), *of_vectors.values()):
        for place, path, digest in part.files:
            files[place], digests[place] = path, digest
        if part.checked is not None:
            _refuse(part.checked)
            left_out |= {f"{part.name}/{k}": why for k, why in part.checked.left_out.items()}
    _check_made(made)
    return SpacePlan(repo_id, files, left_out, notes, digests)


def push_space(
    plan: SpacePlan,
    *,
    private: bool | None = None,
    say: Callable[[str], None] = lambda sentence: None,
    progress: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> str:
    """Upload a Space in one commit, and compare what arrived with what was sent.

    If this fails, a Space that the call created is removed again. An existing Space keeps all its
    other files.

    Args:
        plan: What ``plan_space`` returned.
        private: ``True`` refuses an existing public Space; ``False`` makes a new or empty one
            public; ``None`` makes a new one private, and accepts any existing one.
        say: Called with a sentence at each step.
        progress: Returns a context that is entered while files are sent, for progress bars.

    Returns:
        The URL of the commit.

    Raises:
        PublishError: If a step failed.
    """
    api = HfApi(library_name=LIBRARY)
    operations = additions(plan.files, plan.digests)
    commit = upload(
        api,
        plan.repo_id,
        operations,
        repo_type="space",
        space_sdk="gradio",
        private=private,
        message="Publish the page",
        say=say,
        sending=f"Uploading {counted(len(operations), 'file')}, {plan.mebibytes:.1f} MiB, to "
        f"{plan.repo_id}",
        progress=progress,
    )
    with comparing(plan.repo_id, commit, say), tempfile.TemporaryDirectory() as cache:
        check_arrived(plan.repo_id, operations, commit.oid, cache, repo_type="space")
    return commit.commit_url


def _model_part(source: str, taken: set[str], notes: list[str]) -> _Part:
    """Return a model's part of the Space: a checked folder, or the name of a model on the Hub."""
    path = Path(source)
    if path.is_dir():
        checked = check_folder(path)
        open_classifier(source)
        return _Part(_free_name("models", path, taken), checked)
    try:
        found = HfApi(library_name=LIBRARY).model_info(source)
    except ERRORS as error:
        raise OSError(
            f"'{source}' is no folder here, and the Hub has no such model ({reason(error)})."
        ) from error
    if found.private:
        notes.append(f"{source} is private: give the Space a secret HF_TOKEN that may read it.")
    return _Part(source)


def _vectors_part(source: str, taken: set[str]) -> _Part:
    path = Path(source)
    if path.is_dir():
        return _Part(_free_name("vectors", path, taken), check_files(path))
    if not path.is_file():
        return _Part(source)  # a name, which the command has read already
    with _alone(path) as folder:
        checked = check_files(folder, include=["*"])  # the user has named it
    if checked.left_out:
        raise ValueError(f"{source} cannot be published: {checked.left_out[path.name]}.")
    checked.folder = path
    return _Part(_free_name("vectors", path, taken), checked)


@contextmanager
def _alone(path: Path) -> Iterator[Path]:
    """Yield a folder that holds one file only."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            (Path(folder) / path.name).hardlink_to(path)
        except OSError:  # another file system
            shutil.copyfile(path, Path(folder) / path.name)
        yield Path(folder)


def _free_name(kind: str, path: Path, taken: set[str]) -> str:
    """Return an unused path in the Space that shows nothing of this machine."""
    parts = path.resolve().parts
    stem = re.sub(r"[^\w.-]+", "-", "-".join(parts[-2:] if parts[-1] == "best" else parts[-1:]))
    name, number = f"{kind}/{stem}", 2
    while name in taken:
        name, number = f"{kind}/{stem}-{number}", number + 1
    taken.add(name)
    return name


def _refuse(checked: CheckedFolder) -> None:
    if checked.refused:
        raise ValueError(f"{checked.folder}: {checked.refused[0]} Remove it, and push again.")


def _check_made(made: dict[str, str]) -> None:
    """Check the made files for secrets: they hold what the user typed."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in made.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        _refuse(check_files(Path(folder), include=["*"]))
