"""Xet, where a folder takes the place of the storage service: ``local://FOLDER`` to the client.

The client cuts files into chunks, packs them into xorbs, and lists in shards which chunks make up
which file; ``hf_xet`` itself then keeps xorbs and shards in the folder. The Hub gives the tokens,
and finds in the shards what a commit names by its SHA-256.
"""

import shutil
import struct
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .access import readable, writable
from .errors import HubError
from .http import Request, Response, route

if TYPE_CHECKING:
    from .server import LoopbackHub

_RECORD = 48  # bytes of each record of a shard
_END = b"\xff" * 32
_HAS_VERIFICATION, _HAS_SHA256 = 1 << 31, 1 << 30
_SECONDS = 3600


@route("GET", "/api/{kind}/{repo}/xet-{action}-token/{revision}")
def token(
    hub: "LoopbackHub", request: Request, kind: str, repo: str, action: str, revision: str
) -> Response:
    """Return a token for the storage, and say where it is."""
    if hub.xet_folder is None:
        raise HubError(404, "This Hub serves no Xet.")
    if action == "write" and not request.flag("create_pr"):
        writable(hub, request, kind, repo)
    else:
        readable(hub, request, kind, repo)
    url, expires = f"local://{hub.xet_folder}", int(time.time()) + _SECONDS
    return Response.json(
        {"accessToken": "xet", "exp": expires, "casUrl": url},
        X_Xet_Access_Token="xet",
        X_Xet_Token_Expiration=str(expires),
        X_Xet_Cas_Url=url,
    )


def fetch(folder: Path, sha256: str) -> tuple[str, bytes] | None:
    """Return the Xet hash and the content of a file that was uploaded, by its SHA-256."""
    import hf_xet

    found = _files(folder / "xet" / "xorbs" / "shards").get(sha256)
    if found is None:
        return None
    xet_hash, size = found
    with tempfile.TemporaryDirectory() as copied:
        # The client has written all of it, and keeps the folder locked.
        shutil.copytree(folder, copied, dirs_exist_ok=True)
        target = Path(copied, "content")
        with hf_xet.XetSession().new_file_download_group(
            endpoint=f"local://{copied}",
            token="xet",
            token_expiry_unix_secs=int(time.time()) + _SECONDS,
        ) as group:
            group.start_download_file(hf_xet.XetFileInfo(xet_hash, size), str(target))
        return xet_hash, target.read_bytes()


def _files(shards: Path) -> dict[str, tuple[str, int]]:
    """Return Xet hash and size of each file that shards list, by SHA-256.

    The form of a shard: https://huggingface.co/docs/xet/shard. Behind its header of one record
    stands for each file a record with its hash, flags and number of segments, then one record a
    segment, as many of verification, and one with the SHA-256.
    """
    files = {}
    for path in shards.glob("*.mdb"):
        shard, place = path.read_bytes(), _RECORD
        while (name := shard[place : place + 32]) != _END:
            flags, segments = struct.unpack_from("<II", shard, place + 32)
            place += _RECORD
            sizes = [
                struct.unpack_from("<I", shard, place + _RECORD * i + 36)[0]
                for i in range(segments)
            ]
            place += _RECORD * segments * (2 if flags & _HAS_VERIFICATION else 1)
            if flags & _HAS_SHA256:
                files[_text(shard[place : place + 32])] = (_text(name), sum(sizes))
                place += _RECORD
    return files


def _text(digest: bytes) -> str:
    """Write a hash as Xet does: each eight bytes are a number, the lowest byte first."""
    return "".join(f"{number:016x}" for number in struct.unpack("<4Q", digest))
