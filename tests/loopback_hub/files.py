"""Files as they are downloaded and uploaded: plain ones, and large file storage (git LFS)."""

import hashlib
from typing import TYPE_CHECKING

from .access import readable, writable
from .errors import HubError, entry_not_found
from .http import Request, Response, ranged, route

if TYPE_CHECKING:
    from .server import LoopbackHub


@route("GET", "/{prefix}{repo}/(?:resolve|raw)/{revision}/{path*}")
def resolve(
    hub: "LoopbackHub", request: Request, prefix: str, repo: str, revision: str, path: str
) -> Response:
    """Return a file of a revision; a large one by redirect to the storage."""
    found = readable(hub, request, _kind(prefix), repo)
    commit = found.resolve(revision)
    blob = commit.files.get(path)
    if blob is None:
        # With the commit the client remembers that it is not there, and knows it offline.
        message = f"{path} does not exist in {revision} of {repo}"
        raise entry_not_found(message, X_Repo_Commit=commit.oid)
    headers = {"X_Repo_Commit": commit.oid, "ETag": f'"{blob.oid}"'}
    if not blob.lfs:
        return ranged(request, blob.content, **headers)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if blob.xet_hash is not None:
        tokens = f"{hub.endpoint}/api/{_kind(prefix)}s/{repo}/xet-read-token/{commit.oid}"
        named |= {"X-Xet-Hash": blob.xet_hash, "Link": f'<{tokens}>; rel="xet-auth"'}
    return Response(
        302,
        b"",
        named
        | {
            "Location": f"{hub.storage}/storage/{blob.sha256}",
            "X-Linked-Size": str(len(blob.content)),
            "X-Linked-ETag": f'"{blob.sha256}"',
        },
    )


@route("GET", "/storage/{oid}")
def download(hub: "LoopbackHub", request: Request, oid: str) -> Response:
    """Return an object of the storage; who knows its hash may have it, as with a signed address."""
    content = hub.store.objects.get(oid)
    if content is None:
        raise HubError(404, "No such object.")
    return ranged(request, content, ETag=f'"{oid}"')


@route("PUT", "/storage/{oid}")
def upload(hub: "LoopbackHub", request: Request, oid: str) -> Response:
    """Take an object, if it is what its name says."""
    if hashlib.sha256(request.body).hexdigest() != oid:
        raise HubError(400, "The content does not have the hash that was announced.")
    hub.store.objects[oid] = request.body
    return Response(200)


@route("POST", "/storage/verify")
def verify(hub: "LoopbackHub", request: Request) -> Response:
    """Say whether an object arrived whole."""
    asked = request.json()
    content = hub.store.objects.get(asked["oid"])
    if content is None or len(content) != asked["size"]:
        raise HubError(404, "The object is not there, or has another size.")
    return Response.json({"success": True})


@route("POST", r"/{prefix}{repo}\.git/info/lfs/objects/batch")
def batch(hub: "LoopbackHub", request: Request, prefix: str, repo: str) -> Response:
    """Tell where each object is to be put; nothing for one that is there already."""
    writable(hub, request, _kind(prefix), repo)
    objects = []
    for asked in request.json()["objects"]:
        entry = {"oid": asked["oid"], "size": asked["size"]}
        if asked["oid"] not in hub.store.objects:
            entry["actions"] = {
                "upload": {"href": f"{hub.storage}/storage/{asked['oid']}"},
                "verify": {"href": f"{hub.endpoint}/storage/verify"},
            }
        objects.append(entry)
    return Response.json({"transfer": "basic", "objects": objects})


def _kind(prefix: str) -> str:
    return prefix.removesuffix("s/") or "model"
