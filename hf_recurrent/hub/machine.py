"""What a model was trained on, without names or paths of the machine."""

import os
import platform
from typing import Any

import torch
import transformers

from .._cores import usable_cores

__all__ = ["machine"]


def machine(device: torch.device) -> dict[str, Any]:
    """Return processor, device and libraries of this process.

    ``usable cpus`` stands there where affinity or a quota allow fewer than there are.
    """
    told: dict[str, Any] = {
        "cpus": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "processor": platform.machine(),
        "system": platform.system(),
    }
    usable = usable_cores()
    if usable != os.cpu_count():
        told["usable cpus"] = usable
    if device.type == "cuda":
        told["gpu"] = torch.cuda.get_device_name(device)
    return told | {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
