"""Find secrets, and paths of a machine, in files that will be published."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from .secrets import secrets_in

_ROOTS = (
    r"home|Users|root|mnt|data|work|workspace|scratch|tmp|opt|srv|var|media|Volumes|nfs|kaggle"
    r"|content/drive"
)
_PATHS = re.compile(
    r"(?<![\w./:~-])/(?:" + _ROOTS + r")/[\w.-]+"
    r"|\bfile://+[\w.:/-]+"
    r"|(?<!\w)[A-Za-z]:(?:\\{1,2}|/(?!/))[\w .-]+[\\/]"
)
# A vocabulary may hold words that look like paths.
_VOCABULARIES = ("tokenizer.", "vocab.")
_BLOCK = 4 << 20
_OVERLAP = 8192  # longer than anything that is searched for, in every form
_SHOWN = 80
_HEADER = 100 << 20  # the longest that safetensors allows
_MARKS = (b"\xff\xfe", b"\xfe\xff")
# Characters as JSON, Python, URLs and HTML escape them. Escaped line breaks are not decoded, so
# line numbers stay right.
_ESCAPED = re.compile(
    r"\\+u\{?0*([2-7][0-9A-Fa-f])\}?|\\+x([2-7][0-9A-Fa-f])|%([2-7][0-9A-Fa-f])"
    r"|&#[xX]0*([2-7][0-9A-Fa-f]);|&#0*([0-9]{2,3});|\\+([\"'/])"
)
_SIGNS = ("\\", "%", "&#")


def private_parts(path: Path, name: str) -> list[str]:
    """Return a sentence for each secret and each absolute path in a file; no secret is shown.

    Texts of any name are read to the end, in UTF-8 and UTF-16 and with escapes decoded. Of weights
    the whole header is read. Other files are read to the end for secrets. The name of the file is
    checked too.

    Args:
        path: The file.
        name: Its name in the sentences.

    Raises:
        OSError: If the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(8192)
    is_text = b"\0" not in head or head.startswith(_MARKS)
    weights = path.suffix == ".safetensors"
    found = _found(
        _header(path) if weights else _blocks(path),
        name,
        with_paths=weights or (is_text and not path.name.startswith(_VOCABULARIES)),
        numbered=is_text and not weights,
        is_code=path.suffix == ".py",
    )
    if any(secrets_in(name)):
        found.append("A file has a secret in its name, which would be published.")
    return found


def _found(
    blocks: Iterator[tuple[int, bytes]],
    name: str,
    *,
    with_paths: bool,
    numbered: bool,
    is_code: bool,
) -> list[str]:
    """Return sentences on what blocks of a file hold; each has the number of its first line."""
    found: dict[str, None] = {}
    home = Path.home()
    patterns = [_PATHS]
    if len(home.parts) > 2:  # "/root" alone is in too many texts
        patterns.append(re.compile(re.escape(_as_bytes(str(home))) + r"(?![\w-])"))
    for first, block in blocks:
        for text in _readings(block):
            secrets = [
                (at, f"{kind} would be published.")
                for at, kind in secrets_in(text, is_code=is_code)
            ]
            paths = [
                (
                    match.start(),
                    f"{_shown(match[0])!r} is a path of a machine, which is no one else's "
                    f"business.",
                )
                for match in chain.from_iterable(p.finditer(text) for p in patterns)
                if with_paths
            ]
            told = sorted(secrets + paths)
            lines = line_numbers(text, [at for at, _ in told])
            for line, (_, said) in zip(lines, told, strict=True):
                place = f"{name}, line {first + line}" if numbered else name
                found[f"{place}: {said}"] = None
    return list(found)


def _as_bytes(text: str) -> str:
    """Return a text in the form of ``_readings``: one letter for each byte."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _shown(text: str) -> str:
    return text[:_SHOWN].encode("latin-1").decode("utf-8", "replace")


def line_numbers(text: str, places: list[int]) -> list[int]:
    """Return the number of line breaks before each of some rising places, in one pass."""
    numbers, seen, line = [], 0, 0
    for place in places:
        line += text.count("\n", seen, place)
        numbers.append(line)
        seen = place
    return numbers


def _readings(block: bytes) -> Iterator[str]:
    """Yield the text of a block: as UTF-8, as UTF-16 or UTF-32, and each with escapes decoded.

    Secrets are ASCII, so other letters may stay bytes. Without zero bytes, all wide encodings of
    ASCII are the same, in either byte order and from any offset.
    """
    texts = [block.decode("latin-1")]
    if b"\0" in block:
        texts.append(block.replace(b"\0", b"").decode("latin-1"))
    for text in texts:
        yield text
        if any(sign in text for sign in _SIGNS):
            plain = _ESCAPED.sub(_unescaped, text)
            if plain != text:
                yield plain


def _unescaped(found: re.Match[str]) -> str:
    *codes, decimal, sign = found.groups()
    if sign:
        return sign
    number = int(decimal) if decimal else int(next(filter(None, codes)), 16)
    return chr(number) if 32 <= number < 127 else found[0]


def _blocks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield overlapping blocks of a file, so that a secret is whole in at least one block."""
    line, kept = 1, b""
    with path.open("rb") as file:
        while new := file.read(_BLOCK):
            block = kept + new
            yield line, block
            kept = block[-_OVERLAP:]
            line += block.count(b"\n", 0, len(block) - len(kept))


def _header(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the header of a file of weights: names and shapes of its tensors, and metadata.

    A file with a damaged header is read to the end.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if size <= min(path.stat().st_size - 8, _HEADER):
            yield 1, file.read(size)
            return
    yield from _blocks(path)
