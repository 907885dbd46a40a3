"""Repositories with their commits, branches, tags and pull requests, all in memory."""

import hashlib
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from .errors import HubError, entry_not_found, repo_not_found, revision_not_found

KINDS = ("model", "dataset", "space")
# As the Hub's first commit of a repository has it, in short.
GIT_ATTRIBUTES = "".join(
    f"*.{ending} filter=lfs diff=lfs merge=lfs -text\n"
    for ending in ("bin", "h5", "npy", "npz", "parquet", "pkl", "pt", "pth", "safetensors", "whl")
)
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Blob:
    """The content of a file, kept as a plain git blob or as a pointer to large file storage.

    ``xet_hash`` is its name in Xet, if it came by that.
    """

    content: bytes
    lfs: bool
    xet_hash: str | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def oid(self) -> str:
        """The name git has for it: of the pointer, where it is in large file storage."""
        content = self.content
        if self.lfs:
            head = "version https://git-lfs.github.com/spec/v1"
            content = f"{head}\noid sha256:{self.sha256}\nsize {len(content)}\n".encode()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@dataclass(frozen=True)
class Commit:
    """A state of all files; ``number`` orders the commits of the whole Hub."""

    number: int
    parent: str | None
    title: str
    message: str
    author: str
    files: Mapping[str, Blob]

    @property
    def oid(self) -> str:
        files = sorted((path, blob.oid) for path, blob in self.files.items())
        content = repr((self.number, self.parent, self.title, self.message, self.author, files))
        return hashlib.sha1(content.encode()).hexdigest()

    @property
    def date(self) -> str:
        return iso(self.number)


def iso(number: int) -> str:
    """Return the time at which the ``number``-th commit was made: the clock ticks by commits."""
    return (_START + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass(frozen=True)
class Operation:
    """One line of a commit: write a file (``blob``), or delete what lies at ``path``."""

    path: str
    blob: Blob | None = None
    is_folder: bool = False


@dataclass
class Discussion:
    """A discussion or a pull request; ``head`` is the commit of ``refs/pr/NUM``."""

    num: int
    title: str
    description: str
    author: str
    created: str
    is_pull_request: bool
    status: str = "draft"
    base: str | None = None
    head: str | None = None
    merged: str | None = None
    comments: list[str] = field(default_factory=list)


@dataclass
class Repo:
    """One repository."""

    kind: str
    id: str
    private: bool
    sdk: str | None = None
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    discussions: list[Discussion] = field(default_factory=list)

    @property
    def owner(self) -> str:
        return self.id.split("/")[0]

    @property
    def pulls(self) -> dict[str, Discussion]:
        return {f"refs/pr/{d.num}": d for d in self.discussions if d.is_pull_request}

    def resolve(self, revision: str) -> Commit:
        """Return the commit that a branch, a tag, a pull request's ref or an oid names."""
        oid = self.branches.get(revision) or self.tags.get(revision)
        if oid is None and revision in self.pulls:
            oid = self.pulls[revision].head
        if oid is None:
            named = [o for o in self.commits if len(revision) >= 7 and o.startswith(revision)]
            oid = named[0] if len(named) == 1 else None
        if oid is None:
            raise revision_not_found(self.id, revision)
        return self.commits[oid]

    def history(self, commit: Commit) -> Iterable[Commit]:
        """Yield a commit and those before it, the last first."""
        while True:
            yield commit
            if commit.parent is None:
                return
            commit = self.commits[commit.parent]

    def discussion(self, num: int) -> Discussion:
        for each in self.discussions:
            if each.num == num:
                return each
        raise HubError(404, f"There is no discussion {num} in {self.id}.")


class Store:
    """All repositories, and the objects of large file storage by their SHA-256."""

    def __init__(self) -> None:
        self.repos: dict[tuple[str, str], Repo] = {}
        self.objects: dict[str, bytes] = {}
        self._numbers = itertools.count(1)

    def repo(self, kind: str, id: str) -> Repo:
        repo = self.repos.get((kind, id))
        if repo is None:
            raise repo_not_found()
        return repo

    def create(self, kind: str, id: str, author: str, private: bool, sdk: str | None) -> Repo:
        """Make a repository with its first commit."""
        repo = Repo(kind, id, private, sdk)
        files = {".gitattributes": Blob(GIT_ATTRIBUTES.encode(), lfs=False)}
        first = Commit(next(self._numbers), None, "initial commit", "", author, files)
        repo.commits[first.oid] = first
        repo.branches["main"] = first.oid
        self.repos[kind, id] = repo
        return repo

    def move(self, kind: str, old: str, new: str) -> None:
        repo = self.repo(kind, old)
        if (kind, new) in self.repos:
            raise HubError(409, f"{new} already exists.")
        del self.repos[kind, old]
        self.repos[kind, new] = replace(repo, id=new)

    def commit(
        self,
        repo: Repo,
        revision: str,
        operations: Iterable[Operation],
        title: str,
        message: str,
        author: str,
        parent: str | None = None,
        create_pr: bool = False,
    ) -> tuple[Commit, Discussion | None]:
        """Apply operations as one commit, to a branch, to a pull request or to a new one."""
        before = repo.resolve(revision)
        if parent is not None and parent != before.oid and not create_pr:
            raise HubError(412, "A commit has happened since. Please refresh and try again.")
        files = dict(before.files)
        for operation in operations:
            _apply(files, operation)
        commit = Commit(next(self._numbers), before.oid, title, message, author, files)
        pull = None
        if create_pr:
            pull = self.discuss(repo, title, message, author, base=revision)
            pull.head = commit.oid
        elif revision in repo.pulls:
            repo.pulls[revision].head = commit.oid
        elif revision in repo.branches:
            repo.branches[revision] = commit.oid
        else:
            raise HubError(400, f"{revision} is no branch: nothing can be committed to it.")
        repo.commits[commit.oid] = commit
        return commit, pull

    def discuss(
        self, repo: Repo, title: str, description: str, author: str, base: str | None = None
    ) -> Discussion:
        """Open a discussion, or with ``base`` a pull request for that branch."""
        new = Discussion(
            num=len(repo.discussions) + 1,
            title=title,
            description=description,
            author=author,
            created=iso(next(self._numbers)),
            is_pull_request=base is not None,
            status="open" if base is None else "draft",
            base=base,
            head=None if base is None else repo.resolve(base).oid,
        )
        repo.discussions.append(new)
        return new

    def merge(self, repo: Repo, pull: Discussion, author: str) -> None:
        """Bring what a pull request changed into its base."""
        assert pull.base is not None
        assert pull.head is not None
        if pull.status not in ("draft", "open"):
            raise HubError(400, f"Pull request {pull.num} is {pull.status}.")
        base, head = repo.resolve(pull.base), repo.commits[pull.head]
        shared = {commit.oid for commit in repo.history(base)}
        start = next(commit for commit in repo.history(head) if commit.oid in shared)
        files = dict(base.files)
        for path in start.files.keys() | head.files.keys():
            if start.files.get(path) != head.files.get(path):
                if base.files.get(path) != start.files.get(path):
                    raise HubError(409, f"{path} was changed on both sides.")
                if path in head.files:
                    files[path] = head.files[path]
                else:
                    files.pop(path, None)
        title = f"{pull.title} (#{pull.num})"
        merged = Commit(next(self._numbers), base.oid, title, "", author, files)
        repo.commits[merged.oid] = merged
        repo.branches[pull.base] = pull.merged = merged.oid
        pull.status = "merged"


def _apply(files: dict[str, Blob], operation: Operation) -> None:
    path = operation.path
    if operation.blob is not None:
        files[path] = operation.blob
        return
    inside = f"{path.rstrip('/')}/"
    gone = [p for p in files if (p.startswith(inside) if operation.is_folder else p == path)]
    if not gone:
        raise entry_not_found(f"A file with this name doesn't exist: {path}")
    for each in gone:
        del files[each]
