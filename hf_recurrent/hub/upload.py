"""Upload one commit to the Hub: whole or not at all, without touching what others put there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path

from huggingface_hub import CommitInfo, CommitOperationAdd, HfApi, hf_hub_download
from huggingface_hub.errors import HfHubHTTPError, HTTPError, RevisionNotFoundError
from huggingface_hub.utils import validate_repo_id
from huggingface_hub.utils.sha import sha_fileobj

# Errors of talking to the Hub; a large file that could not be sent is a RuntimeError. `HTTPError`
# belongs to the client library that the installed huggingface_hub uses; versions differ in it.
ERRORS = (HTTPError, OSError, RuntimeError, ValueError)

# Files up to this many bytes are kept in memory after they were compared. Larger files and weights
# go through large file storage, which accepts only content with the announced hash.
_KEPT = 16 << 20
_INITIAL_COMMITS = 1  # the Hub makes one in a new repository


class PublishError(OSError):
    """A publication failed; the sentence names the step, and says what it has left behind."""


def check_repo_id(repo_id: str) -> None:
    """Check the form of a repository's name.

    Raises:
        ValueError: If it is not ``OWNER/NAME``, or the Hub does not allow the name.
    """
    if repo_id.count("/") != 1 or not all(repo_id.split("/")):
        raise ValueError(f"The repository is {repo_id!r}, expected OWNER/NAME.")
    try:
        validate_repo_id(repo_id)
    except ValueError as error:
        said = " ".join(str(error).split()).removesuffix(f": {repo_id!r}.")
        raise ValueError(f"The repository is {repo_id!r}, which the Hub refuses: {said}.") from None


def additions(
    files: Mapping[str, bytes | Path], digests: Mapping[str, str]
) -> list[CommitOperationAdd]:
    """Return the operations that add files, if the files have not changed since their check.

    Args:
        files: Content of each path in the repository: bytes, or a file on disk.
        digests: SHA-256 of each file, by its path in the repository.

    Raises:
        PublishError: If a file has changed or is gone.
    """
    made = []
    for name, content in files.items():
        try:
            changes = isinstance(content, Path)
            if isinstance(content, Path) and content.suffix != ".safetensors":
                content = content.read_bytes() if content.stat().st_size <= _KEPT else content
            operation = CommitOperationAdd(name, content)
        except (OSError, ValueError) as error:
            raise PublishError(
                f"{name} cannot be read any more ({reason(error)}). Nothing was changed: run the "
                f"command again."
            ) from error
        if changes and operation.upload_info.sha256.hex() != digests[name]:
            raise PublishError(
                f"{name} has changed since it was looked through. Nothing was changed on the Hub: "
                f"run the command again."
            )
        made.append(operation)
    return made


def upload(
    api: HfApi,
    repo_id: str,
    operations: Sequence[CommitOperationAdd],
    *,
    repo_type: str = "model",
    space_sdk: str | None = None,
    private: bool | None = None,
    pull_request: bool = False,
    revision: str | None = None,
    message: str,
    say: Callable[[str], None] = lambda sentence: None,
    sending: str = "Uploading",
    progress: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> CommitInfo:
    """Upload files to a repository in one commit, and create the repository if there is none.

    If this fails, what the call created is removed again, unless somebody else has added something
    to it. Nothing that was there before is deleted. An empty repository, such as one that a killed
    upload left, is treated like a new one.

    Args:
        api: The client.
        repo_id: ``OWNER/NAME``.
        operations: The files.
        repo_type: "model" or "space".
        space_sdk: The SDK of a new Space, such as "gradio".
        private: ``True`` refuses an existing public repository; ``False`` makes a new or empty one
            public; ``None`` makes a new one private, and accepts any existing one.
        pull_request: Whether to open a pull request.
        revision: Branch to commit to; a new branch starts from main.
        message: Message of the commit.
        say: Called with sentences on what was found, and with ``sending`` before files are sent.
        sending: The sentence before files are sent.
        progress: Returns a context that is entered while files are sent, for progress bars.

    Raises:
        PublishError: If a step failed.
    """
    undo: list[Callable[[], None]] = []
    before: dict[str, str] | None = None
    step = "looking for the repository"
    try:
        is_new = not api.repo_exists(repo_id, repo_type=repo_type)
        if is_new:
            step, before = "creating the repository", {}
            api.create_repo(
                repo_id, repo_type=repo_type, space_sdk=space_sdk, private=private is not False
            )
            undo.append(lambda: _delete_if_untouched(api, repo_id, repo_type))
        elif private and not _is_private(api, repo_id, repo_type):
            raise ValueError("it is there already, and public")
        before = _heads(api, repo_id, repo_type)
        is_empty = not is_new and len(before) == 1 and _is_untouched(api, repo_id, repo_type)
        if is_empty:
            say(f"{repo_id} is there already, and empty: it is used")
        if private is False and not is_new and _is_private(api, repo_id, repo_type):
            if is_empty:
                step = "making the empty repository public"
                set_private = partial(api.update_repo_settings, repo_id, repo_type=repo_type)
                set_private(private=False)
                undo.append(lambda: set_private(private=True))
            else:
                say(f"{repo_id} is there already, and private: it stays so")
        if revision is not None and revision not in before:
            step = f"creating the branch {revision}"
            api.create_branch(repo_id, repo_type=repo_type, branch=revision)
            before[revision] = before["main"]
            undo.append(lambda: _delete_branch_if_untouched(api, repo_id, repo_type, revision))
        step = "uploading"
        say(sending)
        with progress():
            return api.create_commit(
                repo_id,
                operations,
                repo_type=repo_type,
                commit_message=message,
                revision=revision,
                create_pr=pull_request,
            )
    except ERRORS as error:
        left = _undo(undo) or _what_is_there(api, repo_id, repo_type, before, error)
        raise PublishError(f"{repo_id}: {step} failed ({reason(error)}). {left}") from error
    except (KeyboardInterrupt, SystemExit):
        _undo(undo)
        raise


@contextmanager
def comparing(repo_id: str, commit: CommitInfo, say: Callable[[str], None]) -> Iterator[None]:
    """Turn errors of loading an upload back into a sentence that names its commit.

    Raises:
        PublishError: If the block fails.
    """
    say("Loading it back and comparing")
    try:
        yield
    except ERRORS as error:
        raise PublishError(
            f"{repo_id}: it was uploaded as {commit.oid[:12]}, but loading it back failed "
            f"({reason(error)})."
        ) from error


def check_arrived(
    repo_id: str,
    operations: Sequence[CommitOperationAdd],
    revision: str,
    cache: str | Path,
    *,
    repo_type: str = "model",
) -> Path:
    """Download files into a fresh cache, and compare the hash of each with what was sent.

    Returns:
        The folder of the downloaded files.

    Raises:
        ValueError: If a file differs.
    """
    for operation in operations:
        name = operation.path_in_repo
        path = hf_hub_download(
            repo_id, name, repo_type=repo_type, revision=revision, cache_dir=cache
        )
        sent = operation.upload_info.sha256
        with open(path, "rb") as file:
            if sha_fileobj(file) != sent:
                raise ValueError(f"{name} is not what was sent")
    return Path(path).parents[len(Path(name).parts) - 1]


def reason(error: Exception) -> str:
    """Return in a few words what went wrong."""
    if isinstance(error, RuntimeError) and isinstance(error.__cause__, ERRORS):
        error = error.__cause__
    if isinstance(error, RevisionNotFoundError):
        return "there is no such branch, tag or commit"
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
    if _is_cut(error):
        return "the connection broke"
    return " ".join(str(error).split())[:200] or type(error).__name__


def _is_cut(error: Exception) -> bool:
    """Return whether the connection failed: the Hub's own answers are other errors."""
    return isinstance(error, HTTPError) and not isinstance(error, HfHubHTTPError)


def _never_connected(error: Exception) -> bool:
    """Return whether nothing reached the Hub; every client library uses these error names."""
    return any(kind.__name__ in ("ConnectError", "ConnectTimeout") for kind in type(error).__mro__)


def _heads(api: HfApi, repo_id: str, repo_type: str) -> dict[str, str]:
    """Return the commit of each branch and of each pull request."""
    refs = api.list_repo_refs(repo_id, repo_type=repo_type, include_pull_requests=True)
    return {ref.name: ref.target_commit for ref in (*refs.branches, *(refs.pull_requests or ()))}


def _is_private(api: HfApi, repo_id: str, repo_type: str) -> bool:
    return bool(api.repo_info(repo_id, repo_type=repo_type).private)


def _is_untouched(api: HfApi, repo_id: str, repo_type: str) -> bool:
    """Return whether a repository holds only the commit that it was created with."""
    refs = api.list_repo_refs(repo_id, repo_type=repo_type, include_pull_requests=True)
    alone = len(refs.branches) == 1 and not refs.tags and not refs.pull_requests
    return alone and len(api.list_repo_commits(repo_id, repo_type=repo_type)) <= _INITIAL_COMMITS


def _delete_if_untouched(api: HfApi, repo_id: str, repo_type: str) -> None:
    if _is_untouched(api, repo_id, repo_type):
        api.delete_repo(repo_id, repo_type=repo_type)


def _delete_branch_if_untouched(api: HfApi, repo_id: str, repo_type: str, branch: str) -> None:
    refs = api.list_repo_refs(repo_id, repo_type=repo_type)
    heads = {b.name: b.target_commit for b in refs.branches}
    if branch in heads and heads[branch] == heads.get("main"):
        api.delete_branch(repo_id, repo_type=repo_type, branch=branch)


def _undo(steps: Sequence[Callable[[], None]]) -> str:
    """Remove what was created, the last first; return a sentence if that failed."""
    try:
        for step in reversed(steps):
            step()
    except (HTTPError, OSError) as error:
        return (
            f"What was created could not be taken back ({reason(error)}): look at what is there, "
            f"and run the command again."
        )
    return ""


def _what_is_there(
    api: HfApi, repo_id: str, repo_type: str, before: dict[str, str] | None, error: Exception
) -> str:
    """Return a sentence on the repository's state: a step without an answer may have been done.

    Args:
        api: The client.
        repo_id: ``OWNER/NAME``.
        repo_type: "model" or "space".
        before: The commit of each branch before the upload; empty if the repository was to be
            created, ``None`` if nothing had been asked for yet.
        error: The error that ended the upload.
    """
    nothing = "Nothing was changed: run the command again."
    if before is None or not _is_cut(error) or _never_connected(error):
        return nothing
    try:
        if not api.repo_exists(repo_id, repo_type=repo_type):
            return nothing
        now = _heads(api, repo_id, repo_type)
    except (HTTPError, OSError):
        return "The Hub may have done it nevertheless: look there, and run the command again."
    if not before:
        return "The repository is there now, and empty: run the command again."
    changed = sorted(name for name, head in now.items() if before.get(name) != head)
    if not changed:
        return nothing
    return (
        f"The Hub did it nevertheless ({', '.join(changed)} at {now[changed[0]][:12]}): run the "
        f"command again to have it looked through."
    )
