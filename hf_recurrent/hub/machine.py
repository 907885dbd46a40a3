"""Describe the machine that trained a model, without its name and its paths."""

import os
import platform
from typing import Any

import torch
import transformers

from .._cores import usable_cores


def machine(device: torch.device) -> dict[str, Any]:
    """Return processor, device and libraries of this process.

    ``usable cpus`` is given if affinity or a quota allow fewer processors than there are.
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
