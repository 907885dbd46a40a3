"""Make the wheel of this package from the installed files: no build tool, no network."""

import base64
import hashlib
import io
import zipfile
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_DISTRIBUTION = "hf-recurrent"
_LEFT_OUT = {"__pycache__"}
_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest time in a zip file: the same files give the same bytes
_MODE = 0o100644 << 16
_WHEEL = """\
Wheel-Version: 1.0
Generator: hf-recurrent
Root-Is-Purelib: true
Tag: py3-none-any
"""


@dataclass(frozen=True)
class Wheel:
    """A wheel: its file's name, and its content."""

    name: str
    content: bytes


def make_wheel() -> Wheel:
    """Return the wheel of this package as it is installed, editable installs included.

    The format is the binary distribution format, version 1.0 (PEP 427). The same files give the
    same bytes.

    Raises:
        OSError: If a file of the package cannot be read.
    """
    installed = distribution(_DISTRIBUTION)
    stem = f"{_DISTRIBUTION.replace('-', '_')}-{installed.version}"
    info = f"{stem}.dist-info"
    files = {
        path.relative_to(_PACKAGE.parent).as_posix(): path.read_bytes()
        for path in sorted(_PACKAGE.rglob("*"))
        if path.is_file() and not _is_left_out(path.relative_to(_PACKAGE))
    }
    files[f"{info}/METADATA"] = _text(installed, "METADATA")
    files[f"{info}/WHEEL"] = _WHEEL.encode()
    files[f"{info}/entry_points.txt"] = _text(installed, "entry_points.txt")
    files[f"{info}/licenses/LICENSE"] = _text(installed, "licenses/LICENSE")
    record = f"{info}/RECORD"
    lines = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    files[record] = "\n".join([*lines, f"{record},,", ""]).encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in files.items():
            member = zipfile.ZipInfo(name, _TIME)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, _MODE
            wheel.writestr(member, content)
    return Wheel(f"{stem}-py3-none-any.whl", archive.getvalue())


def requirements() -> list[str]:
    """Return the requirements of the package, without its extras."""
    return sorted(
        line for line in distribution(_DISTRIBUTION).requires or [] if "extra ==" not in line
    )


def _is_left_out(path: Path) -> bool:
    return any(part in _LEFT_OUT or part.startswith(".") for part in path.parts)


def _text(installed: Distribution, name: str) -> bytes:
    """Return a file of the installed metadata.

    Raises:
        OSError: If there is no such file.
    """
    text = installed.read_text(name)
    if text is None:
        raise FileNotFoundError(f"The installed package has no {name}: install it anew.")
    return text.encode()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
