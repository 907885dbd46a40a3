"""What changes a repository: commits, branches, tags, discussions and pull requests."""

import base64
import json
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

from .access import readable, signed_in, writable
from .errors import HubError, forbidden
from .http import Request, Response, route
from .store import Blob, Commit, Discussion, Operation, Repo, iso
from .xet import fetch

if TYPE_CHECKING:
    from .server import LoopbackHub

_PLAIN_BYTES = 10 << 20  # a larger file goes to large file storage whatever it holds


# Branches and tags


@route("POST", "/api/{kind}/{repo}/branch/{branch}")
def create_branch(
    hub: "LoopbackHub", request: Request, kind: str, repo: str, branch: str
) -> Response:
    found = writable(hub, request, kind, repo)
    if branch in found.branches:
        raise HubError(409, f"Reference already exists: {branch}")
    start = request.json().get("startingPoint") or "main"
    found.branches[branch] = found.resolve(start).oid
    return Response.json({})


@route("DELETE", "/api/{kind}/{repo}/branch/{branch}")
def delete_branch(
    hub: "LoopbackHub", request: Request, kind: str, repo: str, branch: str
) -> Response:
    found = writable(hub, request, kind, repo)
    if branch == "main":
        raise forbidden("The main branch can't be deleted.")
    if found.branches.pop(branch, None) is None:
        raise HubError(404, f"There is no branch {branch}.")
    return Response.json({})


@route("POST", "/api/{kind}/{repo}/tag/{revision}")
def create_tag(
    hub: "LoopbackHub", request: Request, kind: str, repo: str, revision: str
) -> Response:
    found, tag = writable(hub, request, kind, repo), request.json()["tag"]
    if tag in found.tags:
        raise HubError(409, f"Tag reference already exists: {tag}")
    found.tags[tag] = found.resolve(revision).oid
    return Response.json({})


@route("DELETE", "/api/{kind}/{repo}/tag/{tag}")
def delete_tag(hub: "LoopbackHub", request: Request, kind: str, repo: str, tag: str) -> Response:
    if writable(hub, request, kind, repo).tags.pop(tag, None) is None:
        raise HubError(404, f"There is no tag {tag}.", "RevisionNotFound")
    return Response.json({})


# Commits


@route("POST", "/api/{kind}/{repo}/preupload/{revision}")
def preupload(
    hub: "LoopbackHub", request: Request, kind: str, repo: str, revision: str
) -> Response:
    """Tell for each file whether it goes into the commit itself or to large file storage."""
    found = _committable(hub, request, kind, repo)
    commit = found.resolve(revision)
    attributes = commit.files[".gitattributes"].content.decode() if _has(commit) else ""
    large = [line.split()[0] for line in attributes.splitlines() if "filter=lfs" in line]
    answer = []
    for file in request.json()["files"]:
        name = file["path"].rsplit("/", 1)[-1]
        binary = b"\0" in base64.b64decode(file.get("sample") or "")
        is_large = binary or file["size"] > _PLAIN_BYTES or any(fnmatch(name, p) for p in large)
        old = commit.files.get(file["path"])
        entry = {
            "path": file["path"],
            "uploadMode": "lfs" if is_large else "regular",
            "shouldIgnore": False,
        }
        if old is not None:
            entry["oid"] = old.sha256 if old.lfs else old.oid
        answer.append(entry)
    return Response.json({"files": answer})


@route("POST", "/api/{kind}/{repo}/commit/{revision}")
def commit(hub: "LoopbackHub", request: Request, kind: str, repo: str, revision: str) -> Response:
    """Take a commit, a JSON object a line: a header, and then the files."""
    create_pr = request.flag("create_pr")
    found = _committable(hub, request, kind, repo, create_pr or revision.startswith("refs/pr/"))
    lines = [json.loads(line) for line in request.body.splitlines() if line.strip()]
    header = next(line["value"] for line in lines if line["key"] == "header")
    operations = [_operation(hub, **line) for line in lines if line["key"] != "header"]
    made, pull = hub.store.commit(
        found,
        revision,
        operations,
        header["summary"],
        header.get("description", ""),
        signed_in(request),
        parent=header.get("parentCommit"),
        create_pr=create_pr,
    )
    prefix = "" if kind == "model" else f"{kind}s/"
    answer = {
        "success": True,
        "commitOid": made.oid,
        "commitUrl": f"{hub.endpoint}/{prefix}{repo}/commit/{made.oid}",
        "hookOutput": "",
    }
    if pull is not None:
        answer["pullRequestUrl"] = f"{hub.endpoint}/{prefix}{repo}/discussions/{pull.num}"
    return Response.json(answer)


def _operation(hub: "LoopbackHub", key: str, value: dict[str, Any]) -> Operation:
    path = value["path"]
    if path.startswith("/") or ".." in path.split("/"):
        raise HubError(400, f"Invalid path: {path}")
    if key == "file":
        return Operation(path, Blob(base64.b64decode(value["content"]), lfs=False))
    if key == "lfsFile":
        return Operation(path, _large(hub, path, value["oid"]))
    if key in ("deletedFile", "deletedFolder"):
        return Operation(path, is_folder=key == "deletedFolder")
    raise HubError(400, f"Unknown line {key!r} in a commit.")


def _large(hub: "LoopbackHub", path: str, oid: str) -> Blob:
    """Return a large file that was uploaded, by plain LFS or by Xet."""
    content = hub.store.objects.get(oid)
    if hub.xet_folder is not None:
        found = fetch(hub.xet_folder, oid)
        if found is not None:
            xet_hash, hub.store.objects[oid] = found
            return Blob(found[1], lfs=True, xet_hash=xet_hash)
    if content is None:
        raise HubError(400, f"{path}: the object {oid} was not uploaded.")
    return Blob(content, lfs=True)


# Discussions and pull requests


@route("POST", "/api/{kind}/{repo}/discussions")
def discuss(hub: "LoopbackHub", request: Request, kind: str, repo: str) -> Response:
    found, asked, user = readable(hub, request, kind, repo), request.json(), signed_in(request)
    base = "main" if asked.get("pullRequest") else None
    new = hub.store.discuss(found, asked["title"], asked["description"], user, base)
    return Response.json({"num": new.num, "pullRequest": new.is_pull_request})


@route("GET", "/api/{kind}/{repo}/discussions/{num}")
def discussion(hub: "LoopbackHub", request: Request, kind: str, repo: str, num: str) -> Response:
    found = readable(hub, request, kind, repo)
    return Response.json(_details(found, found.discussion(int(num))))


@route("POST", "/api/{kind}/{repo}/discussions/{num}/merge")
def merge(hub: "LoopbackHub", request: Request, kind: str, repo: str, num: str) -> Response:
    found = writable(hub, request, kind, repo)
    hub.store.merge(found, found.discussion(int(num)), signed_in(request))
    return Response.json({})


@route("POST", "/api/{kind}/{repo}/discussions/{num}/status")
def change_status(hub: "LoopbackHub", request: Request, kind: str, repo: str, num: str) -> Response:
    found = writable(hub, request, kind, repo)
    status = request.json()["status"]
    found.discussion(int(num)).status = status
    event = {"id": "1", "type": "status-change", "createdAt": iso(0), "data": {"status": status}}
    return Response.json({"newStatus": event | {"author": {"name": signed_in(request)}}})


def _details(repo: Repo, discussion: Discussion) -> dict[str, Any]:
    details: dict[str, Any] = {
        "title": discussion.title,
        "num": discussion.num,
        "author": {"name": discussion.author},
        "createdAt": discussion.created,
        "status": discussion.status,
        "repo": {"name": repo.id, "type": repo.kind},
        "isPullRequest": discussion.is_pull_request,
        "events": [],
    }
    if discussion.is_pull_request:
        changes = {"base": f"refs/heads/{discussion.base}"}
        if discussion.merged:
            changes["mergeCommitId"] = discussion.merged
        details |= {"changes": changes, "filesWithConflicts": [], "diff": ""}
    return details


def _committable(
    hub: "LoopbackHub", request: Request, kind: str, repo: str, as_pull: bool = False
) -> Repo:
    """Return a repository to which a commit may go: a pull request may come from any reader."""
    if as_pull or request.flag("create_pr"):
        found = readable(hub, request, kind, repo)
        if signed_in(request) and request.role == "write":
            return found
        raise forbidden()
    return writable(hub, request, kind, repo)


def _has(commit: Commit) -> bool:
    return ".gitattributes" in commit.files
