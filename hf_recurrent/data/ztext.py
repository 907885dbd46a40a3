"""Reader of the zText format, in which the SWORD project keeps books of verses."""

import struct
import zlib
from pathlib import Path

# Place, packed size and size of a block of verses; and block, place in it and size of a verse.
_BLOCK, _VERSE = struct.Struct("<III"), struct.Struct("<IIH")
_TESTAMENTS = ("ot", "nt")


def read_ztext(folder: Path) -> list[str]:
    """Return the texts of a module with their markup, in the order of its index.

    An entry of the index is a verse, or the heading of the module, a testament, a book or a chapter
    (often empty). Modules of one numbering of verses have equal indices.

    Args:
        folder: Folder of the files ``ot.bzs``, ``ot.bzv``, ``ot.bzz``, ``nt.bzs`` and so on.

    Raises:
        ValueError: If a file is damaged.
        OSError: If a file cannot be read.
    """
    texts: list[str] = []
    for testament in _TESTAMENTS:
        blocks, verses, packed = (
            (folder / f"{testament}.bz{kind}").read_bytes() for kind in ("s", "v", "z")
        )
        try:
            unpacked = [
                zlib.decompress(packed[place : place + size])
                for place, size, _ in _BLOCK.iter_unpack(blocks)
            ]
            texts += [
                unpacked[block][place : place + size].decode("utf-8") if size else ""
                for block, place, size in _VERSE.iter_unpack(verses)
            ]
        except (IndexError, ValueError, struct.error, zlib.error) as error:
            raise ValueError(
                f"{folder}: the files of '{testament}' are damaged ({error})."
            ) from None
    return texts
