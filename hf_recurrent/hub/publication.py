"""Publish a model folder: check it, upload it in one commit, load it back and compare."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path

import torch
import yaml
from huggingface_hub import CommitOperationAdd, HfApi, ModelCard

from .._wording import counted
from .cards import LIBRARY, card_files, is_as_made
from .check_model import check_model, differing_output
from .folder import CheckedFolder, check_folder
from .metadata import check_front_matter
from .record import RECORD_FILE, Record, weights_digest
from .upload import additions, check_arrived, check_repo_id, comparing, upload


class RefusedError(ValueError):
    """Something in a folder must not be published.

    Attributes:
        found: A sentence for each thing that was found.
    """

    def __init__(self, found: Sequence[str]) -> None:
        more = f" ({len(found) - 1:,} more)" if len(found) > 1 else ""
        super().__init__(
            f"{found[0]}{more} Remove it, and publish again; a false alarm is named by --accept, "
            f"as FILE or FILE:LINE."
        )
        self.found = list(found)


@dataclass(frozen=True)
class Plan:
    """What a publication would do.

    Attributes:
        checked: The files of the folder.
        contents: Content of the files that are made: the card, its plots and its results.
        repo_id: The repository to upload to.
        example: The text that the model was run on.
        outputs: The model's outputs for that text.
        replaces_card: Whether the repository gets a new card instead of a ``README.md`` that
            somebody wrote; the file in the folder is not changed.
    """

    checked: CheckedFolder
    contents: dict[str, bytes]
    repo_id: str
    example: str | None = None
    outputs: Mapping[str, torch.Tensor] = field(default_factory=dict, compare=False)
    replaces_card: bool = False

    @property
    def card(self) -> str:
        """The rendered card."""
        made = self.contents.get("README.md")
        path = self.checked.folder / "README.md"
        return made.decode() if made is not None else path.read_text(encoding="utf-8")

    @property
    def paths(self) -> list[str]:
        """Every path that is uploaded."""
        return sorted({*self.checked.files, *self.contents})

    @property
    def mebibytes(self) -> float:
        """Size of everything that is uploaded."""
        kept = (path for path in self.paths if path not in self.contents)
        size = sum((self.checked.folder / path).stat().st_size for path in kept)
        return (size + sum(map(len, self.contents.values()))) / (1 << 20)


@dataclass(frozen=True)
class Published:
    """What was done: URL and oid of the commit, and URL of the pull request if there is one."""

    commit_url: str
    oid: str
    pull_request_url: str | None


def plan(
    folder: Path,
    repo_id: str,
    include: Sequence[str] = (),
    accept: Sequence[str] = (),
    license: str | None = None,
) -> Plan:
    """Check a folder, run its model on an example, and make its card.

    A card that names this library and that somebody edited is kept. Any other card is made again
    from the record (``record.py``) and the configuration.

    Args:
        folder: A saved model.
        repo_id: ``OWNER/NAME``.
        include: Names or patterns of files to publish although their kind is not known.
        accept: Places, ``FILE`` or ``FILE:LINE``, of false alarms: they look like a secret or a
            path of a machine, and are published.
        license: License of the model for its card, by its identifier on the Hub; that of the
            record if ``None``.

    Raises:
        RefusedError: If something in the folder must not be published.
        ValueError: If the model does not run, the Hub does not know the license or the task on
            the card, or a license is given for a card that is kept.
        OSError: If the folder is not a model, or cannot be read.
    """
    check_repo_id(repo_id)
    checked = check_folder(folder, include, accept)
    if checked.refused:
        raise RefusedError(checked.refused)
    record = Record.load(folder)
    if not any(fnmatch(name, "model*.safetensors") for name in checked.files):
        raise ValueError(
            f"{folder}: no weights as safetensors would be uploaded: save the model by "
            f"save_pretrained, and publish again."
        )
    outputs = check_model(folder, record.example, checked.files)
    if record.weights not in (None, weights_digest(folder)):
        raise ValueError(f"{folder / RECORD_FILE} is of other weights: remove it, or make it anew.")
    try:
        kept = _keeps_card(folder)
        if kept and license:
            raise ValueError("README.md was edited and is kept: write the license into it.")
        record = replace(record, license=license or record.license)
        contents = {} if kept else card_files(folder, record, repo_id)
    except ValueError as error:
        raise ValueError(f"{folder}: {error}") from error
    card = folder / "README.md"
    replaces = "README.md" in contents and card.is_file() and not is_as_made(card)
    return Plan(checked, contents, repo_id, record.example, outputs, replaces)


def publish(
    plan: Plan,
    *,
    private: bool | None = None,
    pull_request: bool = False,
    revision: str | None = None,
    message: str = "Publish the model",
    say: Callable[[str], None] = lambda sentence: None,
    progress: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Published:
    """Upload a plan in one commit, load it back, and compare.

    Every file is compared by its hash, and the model's outputs for the example bit for bit. If the
    upload fails, what this call created is removed again, unless somebody else has added something
    to it. Nothing that was there before is deleted.

    Args:
        plan: What ``plan`` returned.
        private: ``True`` refuses an existing public repository; ``False`` makes a new or empty one
            public; ``None`` makes a new one private, and accepts any existing one.
        pull_request: Whether to open a pull request.
        revision: Branch to commit to; a new branch starts from main.
        message: Message of the commit.
        say: Called with a sentence at each step.
        progress: Returns a context that is entered while files are sent, for progress bars.

    Raises:
        ValueError: If both a pull request and a branch are asked for.
        PublishError: If a step failed.
    """
    if pull_request and revision is not None:
        raise ValueError(
            f"A pull request goes to main, and the branch {revision} was named: leave one out."
        )
    repo_id = plan.repo_id
    operations = _operations(plan)  # before anything is made on the Hub
    commit = upload(
        HfApi(library_name=LIBRARY),
        repo_id,
        operations,
        private=private,
        pull_request=pull_request,
        revision=revision,
        message=message,
        say=say,
        sending=f"Uploading {counted(len(plan.paths), 'file')}, {plan.mebibytes:.1f} MiB, to "
        f"{repo_id}",
        progress=progress,
    )
    with comparing(repo_id, commit, say):
        _compare(plan, operations, commit.pr_revision or commit.oid)
    return Published(commit.commit_url, commit.oid, commit.pr_url)


def _keeps_card(folder: Path) -> bool:
    """Return whether the card of a folder is one of ours that somebody edited.

    Raises:
        ValueError: If its front matter is damaged, or the Hub does not know its license or task.
    """
    path = folder / "README.md"
    if not path.is_file():
        return False
    try:
        metadata = ModelCard.load(path, ignore_metadata_errors=True).data
    except (TypeError, ValueError, yaml.YAMLError) as error:
        said = " ".join(str(error).split())
        raise ValueError(f"README.md: the front matter is damaged ({said}).") from error
    if metadata.get("library_name") != LIBRARY or is_as_made(path):
        return False
    check_front_matter(metadata)
    return True


def _operations(plan: Plan) -> list[CommitOperationAdd]:
    made = plan.contents
    folder = plan.checked.folder
    files = {path: made.get(path, folder / path) for path in plan.paths}
    return additions(files, plan.checked.digests)


def _compare(plan: Plan, operations: Sequence[CommitOperationAdd], revision: str) -> None:
    """Download every file into a fresh folder, and compare it with what was sent.

    Raises:
        ValueError: If a file differs, the model does not run, or its outputs differ.
    """
    with tempfile.TemporaryDirectory() as cache:
        folder = check_arrived(plan.repo_id, operations, revision, cache)
        differs = differing_output(dict(plan.outputs), check_model(folder, plan.example))
        if differs is not None:
            raise ValueError(f"its {differs} for the example is not what the local model gives")
