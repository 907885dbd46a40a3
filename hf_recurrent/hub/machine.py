"""What a model was trained on, without names or paths of the machine."""

import os
import platform
from typing import Any

import torch
import transformers

__all__ = ["machine"]


def machine(device: torch.device) -> dict[str, Any]:
    """Tells processor, device and libraries of this process."""
    told: dict[str, Any] = {
        "cpus": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "processor": platform.machine(),
        "system": platform.system(),
    }
    if device.type == "cuda":
        told["gpu"] = torch.cuda.get_device_name(device)
    return told | {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
