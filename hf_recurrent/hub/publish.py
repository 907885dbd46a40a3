"""Publishing the folder of a model: looked through, in one commit, and loaded back."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import CommitOperationAdd, HfApi, ModelCard, hf_hub_download
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils.sha import sha_fileobj

from .cards import LIBRARY, card_files
from .check_model import check_model
from .folder import CheckedFolder, check_folder
from .record import Record

__all__ = ["Plan", "PublishError", "Published", "plan", "publish"]

_INITIAL_COMMITS = 1  # a new repository has one already, which the Hub makes


@dataclass(frozen=True)
class Plan:
    """What a publication would do.

    Attributes:
        checked: The files of the folder.
        contents: Content of the files that are made: the card and its results.
        repo_id: Where to.
    """

    checked: CheckedFolder
    contents: dict[str, bytes]
    repo_id: str

    @property
    def card(self) -> str:
        """The rendered card."""
        made = self.contents.get("README.md")
        path = self.checked.folder / "README.md"
        return made.decode() if made is not None else path.read_text(encoding="utf-8")

    @property
    def paths(self) -> list[str]:
        """Every path that is written."""
        return sorted({*self.checked.files, *self.contents})


@dataclass(frozen=True)
class Published:
    """What was done: address and oid of the commit, and of a pull request its address."""

    commit_url: str
    oid: str
    pull_request_url: str | None


class PublishError(OSError):
    """A publication failed; the sentence says at which step, and what is left of it."""


def plan(folder: Path, repo_id: str) -> Plan:
    """Checks a folder, runs its model on an example, and makes its card.

    A card that names this library is kept as it stands; any other is made anew from the record
    (`record.py`) and the configuration.

    Args:
        folder: A saved model.
        repo_id: `OWNER/NAME`.

    Raises:
        ValueError: If something in the folder must not be published, or the model does not run.
        OSError: If it is no model, or cannot be read.
    """
    if repo_id.count("/") != 1 or not all(repo_id.split("/")):
        raise ValueError(f"The repository is {repo_id!r}, expected OWNER/NAME.")
    checked = check_folder(folder)
    if checked.refused:
        more = f" ({len(checked.refused) - 1} more)" if len(checked.refused) > 1 else ""
        raise ValueError(f"{checked.refused[0]}{more} Remove it, and publish again.")
    record = Record.load(folder)
    check_model(folder, record.example)
    contents = {} if _has_our_card(folder) else card_files(folder, record, repo_id)
    return Plan(checked, contents, repo_id)


def publish(
    plan: Plan,
    *,
    private: bool | None = None,
    pull_request: bool = False,
    revision: str | None = None,
    message: str = "Publish the model",
    say: Callable[[str], None] = lambda sentence: None,
) -> Published:
    """Uploads what was planned in one commit, and loads it back.

    What this call created is taken back when it fails, as long as nothing else was put there; what
    was there before is never deleted.

    Args:
        plan: What `plan` gave.
        private: Whether a new repository is private.
        pull_request: Whether to open a pull request.
        revision: Branch to commit to; made from main where it is not there.
        message: Of the commit.
        say: Called with a sentence at each step.

    Raises:
        PublishError: If a step failed.
    """
    api, repo_id = HfApi(library_name=LIBRARY), plan.repo_id
    undo: list[Callable[[], None]] = []
    step = "looking for the repository"
    try:
        if not api.repo_exists(repo_id):
            step = "creating the repository"
            api.create_repo(repo_id, private=private)
            undo.append(lambda: _delete_if_untouched(api, repo_id))
        if revision is not None and revision not in _branches(api, repo_id):
            step = f"creating the branch {revision}"
            api.create_branch(repo_id, branch=revision)
            undo.append(lambda: _delete_branch_if_untouched(api, repo_id, revision))
        step = "uploading"
        say(f"Uploading {len(plan.paths)} files to {repo_id}")
        commit = api.create_commit(
            repo_id,
            _operations(plan),
            commit_message=message,
            revision=revision,
            create_pr=pull_request,
        )
    except (HfHubHTTPError, httpx2.HTTPError, OSError, ValueError) as error:
        left = _undo(undo)
        raise PublishError(f"{repo_id}: {step} failed ({_reason(error)}). {left}") from error
    try:
        say("Loading it back")
        _compare(plan, commit.pr_revision or commit.oid)
    except (HfHubHTTPError, httpx2.HTTPError, OSError, ValueError) as error:
        raise PublishError(
            f"{repo_id}: it was uploaded as {commit.oid[:12]}, but loading it back failed "
            f"({_reason(error)})."
        ) from error
    return Published(commit.commit_url, commit.oid, commit.pr_url)


def _has_our_card(folder: Path) -> bool:
    path = folder / "README.md"
    if not path.is_file():
        return False
    return ModelCard.load(path, ignore_metadata_errors=True).data.get("library_name") == LIBRARY


def _operations(plan: Plan) -> list[CommitOperationAdd]:
    made = plan.contents
    folder = plan.checked.folder
    return [CommitOperationAdd(path, made.get(path, folder / path)) for path in plan.paths]


def _branches(api: HfApi, repo_id: str) -> set[str]:
    return {branch.name for branch in api.list_repo_refs(repo_id).branches}


def _delete_if_untouched(api: HfApi, repo_id: str) -> None:
    """Deletes a repository that holds nothing but the commit that it was made with."""
    refs = api.list_repo_refs(repo_id, include_pull_requests=True)
    alone = len(refs.branches) == 1 and not refs.tags and not refs.pull_requests
    if alone and len(api.list_repo_commits(repo_id)) <= _INITIAL_COMMITS:
        api.delete_repo(repo_id)


def _delete_branch_if_untouched(api: HfApi, repo_id: str, branch: str) -> None:
    heads = {b.name: b.target_commit for b in api.list_repo_refs(repo_id).branches}
    if branch in heads and heads[branch] == heads.get("main"):
        api.delete_branch(repo_id, branch=branch)


def _undo(steps: list[Callable[[], None]]) -> str:
    """Takes back what was created, the last first, and says how it stands."""
    try:
        for step in reversed(steps):
            step()
    except (HfHubHTTPError, httpx2.HTTPError, OSError) as error:
        return (
            f"What was created could not be taken back ({_reason(error)}): it holds no file of "
            f"yours. Run the command again."
        )
    return "Nothing was changed: run the command again."


def _reason(error: Exception) -> str:
    """Says in a few words what went wrong."""
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
    known = {
        401: "the token is missing or wrong: set HF_TOKEN, or log in by `hf auth login`",
        403: "the token may not write there",
        404: "there is no such repository, or the token may not see it",
        409: "it is there already",
        412: "somebody else committed in the meantime",
        507: "the Hub's storage is full",
    }
    if status in known:
        return known[status]
    if isinstance(error, httpx2.TransportError):
        return "the connection broke"
    return " ".join(str(error).split())[:200] or type(error).__name__


def _compare(plan: Plan, revision: str) -> None:
    """Downloads every file into a fresh folder, and compares it with what was sent.

    Raises:
        ValueError: If a file differs, or the model does not run.
    """
    with tempfile.TemporaryDirectory() as cache:
        for operation in _operations(plan):
            path = hf_hub_download(
                plan.repo_id, operation.path_in_repo, revision=revision, cache_dir=cache
            )
            with operation.as_file() as file:
                sent = sha_fileobj(file)
            with open(path, "rb") as file:
                if sha_fileobj(file) != sent:
                    raise ValueError(f"{operation.path_in_repo} is not what was sent")
        check_model(Path(path).parents[len(Path(operation.path_in_repo).parts) - 1], None)
