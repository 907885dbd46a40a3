"""The file with which sentence-transformers can open a saved folder."""

import json
import os
from pathlib import Path
from typing import Any

MODULES = "modules.json"
_TYPE = "sentence_transformers.models.StaticEmbedding"  # new versions know the old name too


def write_modules(folder: Any) -> None:
    """Write a ``modules.json`` that describes the folder as a static embedding.

    The library then reads ``embedding.weight`` of ``model.safetensors`` and ``tokenizer.json``, and
    nothing else. An existing ``modules.json`` is not changed.
    """
    path = Path(folder, MODULES)
    if path.exists() or Path(folder).is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_text(
        json.dumps([{"idx": 0, "name": "0", "path": "", "type": _TYPE}], indent=2)
    )
    unfinished.replace(path)
