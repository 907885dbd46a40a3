"""Read parts of safetensors files, without keeping the file in memory."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

_FLOATS = ("F64", "F32", "F16", "BF16")
_WHOLE_NUMBERS = ("I64", "I32", "I16", "I8", "U8", "U16", "U32", "U64")


@dataclass(frozen=True)
class Tensor:
    """A tensor of a file.

    Attributes:
        path: The file.
        name: Name of the tensor.
        shape: Its shape.
        dtype: Its type as safetensors names it, such as "F32".
    """

    path: Path
    name: str
    shape: tuple[int, ...]
    dtype: str

    def read(self, start: int, stop: int) -> np.ndarray:
        """Read rows; bfloat16 becomes float32.

        The file is mapped only during the call: the pages of an open map count as memory of the
        process.
        """
        framework = "pt" if self.dtype == "BF16" else "numpy"
        with _errors(self.path), safe_open(self.path, framework) as file:
            part = file.get_slice(self.name)[start:stop]
        return part.float().numpy() if self.dtype == "BF16" else part


def tensors_of(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file, after checking its header against its size.

    Raises:
        ValueError: If the file is damaged.
        OSError: If it cannot be read.
    """
    path.stat()  # an error of the system names the file
    with _errors(path), safe_open(path, "numpy") as file:
        slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
        return {
            name: Tensor(path, name, tuple(part.get_shape()), part.get_dtype())
            for name, part in slices.items()
        }


def matrix(tensor: Tensor, *, whole_numbers: bool = False) -> Tensor:
    """Check that a tensor is a matrix of floats or, if allowed, of whole numbers.

    Raises:
        ValueError: If it is not.
    """
    types = _FLOATS + (_WHOLE_NUMBERS if whole_numbers else ())
    if len(tensor.shape) != 2 or not tensor.shape[1] or tensor.dtype not in types:
        raise ValueError(
            f"{tensor.path}, tensor {tensor.name!r}: found {tensor.dtype} of the shape "
            f"{tensor.shape}, expected {', '.join(types)} of the shape (words, dimension)."
        )
    return tensor


def column(tensor: Tensor, length: int, *, whole_numbers: bool) -> np.ndarray:
    """Read a tensor of one number for each token.

    Raises:
        ValueError: If it has another shape or type.
    """
    types = _WHOLE_NUMBERS if whole_numbers else _FLOATS
    if tensor.shape != (length,) or tensor.dtype not in types:
        raise ValueError(
            f"{tensor.path}, tensor {tensor.name!r}: found {tensor.dtype} of the shape "
            f"{tensor.shape}, expected {', '.join(types)} of the shape ({length},)."
        )
    return tensor.read(0, length)


class _errors:  # noqa: N801 - it is used as a function
    """Turn an error of safetensors about a damaged file into a ``ValueError`` that names it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        if isinstance(error, SafetensorError):
            reason = " ".join(str(error).split())
            raise ValueError(f"{self.path}: not a whole safetensors file ({reason}).") from None
