"""Read parts of safetensors files, without keeping the file in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

FLOATS = ("F64", "F32", "F16", "BF16")
WHOLE_NUMBERS = ("I64", "I32", "I16", "I8", "U8", "U16", "U32", "U64")


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

    def check(self, types: tuple[str, ...], length: int | None = None) -> None:
        """Check the shape and the type.

        Args:
            types: The types that are allowed.
            length: Length of the tensor, one number for each token; None if it is a matrix.

        Raises:
            ValueError: If one is wrong.
        """
        is_matrix = len(self.shape) == 2 and self.shape[1] > 0
        fits = is_matrix if length is None else self.shape == (length,)
        if not fits or self.dtype not in types:
            shape = "(words, dimension)" if length is None else (length,)
            raise ValueError(
                f"{self.path}, tensor {self.name!r}: found {self.dtype} of the shape {self.shape}, "
                f"expected {', '.join(types)} of the shape {shape}."
            )


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


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Turn an error of safetensors about a damaged file into a ``ValueError`` that names it."""
    try:
        yield
    except SafetensorError as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path}: not a whole safetensors file ({reason}).") from None
