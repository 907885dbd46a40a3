"""Load what hears back from the Hub, first without the package, and then with it.

Usage: ``recognizer_back.py SOUND.npy``; prints one JSON object: the answers, by the way.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from transformers import pipeline

from tests.common.load_checkpoints import PACKAGE, Blocker


def answers(source: Any, sound: Path, make: Any, **options: Any) -> Any:
    """Return what a pipeline answers to a sound."""
    kind = "automatic-speech-recognition" if "recog" in str(source) else "audio-classification"
    run = make(kind, str(source), **options)
    return json.loads(json.dumps(run(np.load(sound)), default=float))


def main() -> None:
    sound, found = Path(sys.argv[1]), {}
    names = ("recognizer", "listener")
    sys.meta_path.insert(0, Blocker)
    found["bare"] = {
        name: answers(f"ada/{name}", sound, pipeline, trust_remote_code=True) for name in names
    }
    assert not any(module.split(".")[0] == PACKAGE for module in sys.modules)
    sys.meta_path.remove(Blocker)
    __import__(PACKAGE)
    found["package"] = {name: answers(f"ada/{name}", sound, pipeline) for name in names}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
