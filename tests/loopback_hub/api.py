"""Repositories, what is known of them, and listings of what they hold."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import yaml

from .access import readable, signed_in, writable
from .errors import HubError, entry_not_found, forbidden
from .http import Request, Response, route
from .store import KINDS, Blob, Commit, Repo, iso

if TYPE_CHECKING:
    from .server import LoopbackHub


@route("GET", "/api/whoami-v2")
def whoami(hub: "LoopbackHub", request: Request) -> Response:
    user = signed_in(request)
    return Response.json(
        {
            "type": "user",
            "name": user,
            "fullname": user.title(),
            "orgs": [{"type": "org", "name": name} for name in hub.organizations.get(user, [])],
            "auth": {
                "type": "access_token",
                "accessToken": {"displayName": "test", "role": request.role},
            },
        }
    )


@route("POST", "/api/validate-yaml")
def validate_yaml(hub: "LoopbackHub", request: Request) -> Response:
    """Check a card's YAML as far as it is YAML: the Hub's own rules are not known here."""
    content = request.json()["content"]
    parts = content.split("---\n", 2)
    try:
        if len(parts) == 3 and not isinstance(yaml.safe_load(parts[1]), dict | None):
            raise yaml.YAMLError("the metadata is no mapping")
    except yaml.YAMLError as error:
        return Response.json({"errors": [{"message": str(error)}], "warnings": []}, 400)
    return Response.json({"errors": [], "warnings": []})


# Repositories


@route("POST", "/api/repos/create")
def create(hub: "LoopbackHub", request: Request) -> Response:
    kind, id = _named(request)
    asked = request.json()
    if not hub.may_write(request, id.split("/")[0]):
        raise forbidden(f"You don't have the rights to create a {kind} there.")
    url = f"{hub.endpoint}/{'' if kind == 'model' else kind + 's/'}{id}"
    if (kind, id) in hub.store.repos:
        return Response.json({"error": "You already created this repo", "url": url}, 409)
    private = asked.get("visibility") == "private"
    hub.store.create(kind, id, signed_in(request), private, asked.get("sdk"))
    return Response.json({"url": url, "name": id})


@route("DELETE", "/api/repos/delete")
def delete(hub: "LoopbackHub", request: Request) -> Response:
    kind, id = _named(request)
    writable(hub, request, kind, id)
    del hub.store.repos[kind, id]
    return Response()


@route("POST", "/api/repos/move")
def move(hub: "LoopbackHub", request: Request) -> Response:
    asked = request.json()
    writable(hub, request, asked["type"], asked["fromRepo"])
    if not hub.may_write(request, asked["toRepo"].split("/")[0]):
        raise forbidden()
    hub.store.move(asked["type"], asked["fromRepo"], asked["toRepo"])
    return Response()


@route("PUT", "/api/{kind}/{repo}/settings")
def settings(hub: "LoopbackHub", request: Request, kind: str, repo: str) -> Response:
    found, asked = writable(hub, request, kind, repo), request.json()
    if "visibility" in asked:
        found.private = asked["visibility"] == "private"
    return Response.json({"private": found.private})


@route("GET", "/api/{kind}/{repo}/auth-check")
def auth_check(hub: "LoopbackHub", request: Request, kind: str, repo: str) -> Response:
    readable(hub, request, kind, repo)
    return Response()


@route("GET", "/api/{kind}/{repo}")
def info(hub: "LoopbackHub", request: Request, kind: str, repo: str) -> Response:
    return info_at(hub, request, kind, repo, "main")


@route("GET", "/api/{kind}/{repo}/revision/{revision}")
def info_at(hub: "LoopbackHub", request: Request, kind: str, repo: str, revision: str) -> Response:
    found = readable(hub, request, kind, repo)
    commit = found.resolve(revision)
    siblings = []
    for path, blob in sorted(commit.files.items()):
        entry: dict[str, Any] = {"rfilename": path}
        if request.flag("blobs"):
            entry |= {"size": len(blob.content), "blobId": blob.oid}
            if blob.lfs:
                entry["lfs"] = _lfs(blob)
        siblings.append(entry)
    return Response.json(_about(found, commit) | {"siblings": siblings})


# Listings


@route("GET", "/api/{kind}")
def repositories(hub: "LoopbackHub", request: Request, kind: str) -> Response:
    """List what the asking one may read, by owner, by tags, and by a part of the name."""
    author = request.query.get("author", [None])[0]
    part = request.query.get("search", [""])[0].lower()
    wanted = set(request.query.get("filter", []))
    listed = [
        about
        for (found_kind, id), repo in sorted(hub.store.repos.items())
        if found_kind == kind and hub.may_read(request, repo.owner, repo.private)
        if author in (None, repo.owner) and part in id.lower()
        if wanted <= set((about := _about(repo, repo.resolve("main")))["tags"])
    ]
    return _page(hub, request, listed)


@route("GET", "/api/{kind}/{repo}/tree/{revision}")
def tree(hub: "LoopbackHub", request: Request, kind: str, repo: str, revision: str) -> Response:
    return tree_of(hub, request, kind, repo, revision, "")


@route("GET", "/api/{kind}/{repo}/tree/{revision}/{path*}")
def tree_of(
    hub: "LoopbackHub", request: Request, kind: str, repo: str, revision: str, path: str
) -> Response:
    commit = readable(hub, request, kind, repo).resolve(revision)
    inside = f"{path.rstrip('/')}/" if path else ""
    entries: dict[str, Any] = {}
    for file, blob in sorted(commit.files.items()):
        if not file.startswith(inside):
            continue
        folders = file.removeprefix(inside).split("/")[:-1]
        recursive = request.flag("recursive")
        for depth in range(1, (len(folders) if recursive else min(len(folders), 1)) + 1):
            folder = inside + "/".join(folders[:depth])
            entries.setdefault(folder, _folder(folder))
        if recursive or not folders:
            entries[file] = _file(file, blob, commit if request.flag("expand") else None)
    if path and not entries:
        raise entry_not_found(f"{path} does not exist in {revision}")
    return _page(hub, request, list(entries.values()))


@route("POST", "/api/{kind}/{repo}/paths-info/{revision}")
def paths_info(
    hub: "LoopbackHub", request: Request, kind: str, repo: str, revision: str
) -> Response:
    commit = readable(hub, request, kind, repo).resolve(revision)
    asked = request.form()
    found = []
    for path in asked.get("paths", []):
        if path in commit.files:
            expand = asked.get("expand", ["false"])[0].lower() == "true"
            found.append(_file(path, commit.files[path], commit if expand else None))
        elif any(file.startswith(f"{path}/") for file in commit.files):
            found.append(_folder(path))
    return Response.json(found)


@route("GET", "/api/{kind}/{repo}/refs")
def refs(hub: "LoopbackHub", request: Request, kind: str, repo: str) -> Response:
    found = readable(hub, request, kind, repo)

    def listed(where: str, names: Mapping[str, str | None]) -> list[dict[str, Any]]:
        return [
            {"name": n, "ref": f"refs/{where}/{n}", "targetCommit": o} for n, o in names.items()
        ]

    answer = {"branches": listed("heads", found.branches), "tags": listed("tags", found.tags)}
    if request.flag("include_prs"):
        pulls = {ref.removeprefix("refs/pr/"): pull.head for ref, pull in found.pulls.items()}
        answer["pullRequests"] = listed("pr", pulls)
    return Response.json(answer | {"converts": []})


@route("GET", "/api/{kind}/{repo}/commits/{revision}")
def commits(hub: "LoopbackHub", request: Request, kind: str, repo: str, revision: str) -> Response:
    found = readable(hub, request, kind, repo)
    listed = [
        {
            "id": commit.oid,
            "title": commit.title,
            "message": commit.message,
            "authors": [{"user": commit.author}],
            "date": commit.date,
        }
        for commit in found.history(found.resolve(revision))
    ]
    return _page(hub, request, listed)


# What several of them need


def _named(request: Request) -> tuple[str, str]:
    """Return kind and id of the repository that a request's body names."""
    asked = request.json()
    kind = asked.get("type") or "model"
    if kind not in KINDS:
        raise HubError(400, f"Unknown type {kind!r}.")
    return kind, f"{asked.get('organization') or signed_in(request)}/{asked['name']}"


def _about(repo: Repo, commit: Commit) -> dict[str, Any]:
    """Return what is told of a repository at a commit, without its files."""
    card, first = _card(commit), next(iter(repo.commits.values()))
    license = [f"license:{card['license']}"] if "license" in card else []
    about = {
        "_id": first.oid[:24],
        "id": repo.id,
        "modelId": repo.id,
        "author": repo.owner,
        "sha": commit.oid,
        "lastModified": commit.date,
        "createdAt": iso(first.number),
        "private": repo.private,
        "gated": False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [*(card.get("tags") or []), *license],
        "cardData": card,
    }
    about |= {name: card[name] for name in ("pipeline_tag", "library_name") if name in card}
    return about | ({"sdk": repo.sdk} if repo.kind == "space" else {})


def _card(commit: Commit) -> dict[str, Any]:
    """Return the metadata at the head of README.md."""
    readme = commit.files.get("README.md")
    parts = readme.content.decode(errors="replace").split("---\n", 2) if readme else []
    try:
        card = yaml.safe_load(parts[1]) if len(parts) == 3 and not parts[0].strip() else {}
    except yaml.YAMLError:
        return {}
    return card if isinstance(card, dict) else {}


def _lfs(blob: Blob) -> dict[str, Any]:
    return {
        "oid": blob.sha256,
        "sha256": blob.sha256,
        "size": len(blob.content),
        "pointerSize": 134,
    }


def _file(path: str, blob: Blob, commit: Commit | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "type": "file",
        "path": path,
        "size": len(blob.content),
        "oid": blob.oid,
    }
    if blob.lfs:
        entry["lfs"] = _lfs(blob)
    if blob.xet_hash is not None:
        entry["xetHash"] = blob.xet_hash
    if commit is not None:
        last = {"id": commit.oid, "title": commit.title, "date": commit.date}
        entry |= {"lastCommit": last, "securityFileStatus": None}
    return entry


def _folder(path: str) -> dict[str, Any]:
    return {"type": "directory", "path": path, "size": 0, "oid": "0" * 40}


def _page(hub: "LoopbackHub", request: Request, items: list[Any]) -> Response:
    """Return a page of a listing, with a link to the next one."""
    start = int(request.query.get("cursor", ["0"])[0])
    stop = start + hub.page_size
    headers = {}
    if stop < len(items):
        query = request.query | {"cursor": [str(stop)]}
        address = f"{hub.endpoint}{request.path}?{urlencode(query, doseq=True)}"
        headers["Link"] = f'<{address}>; rel="next"'
    return Response.json(items[start:stop], **headers)
