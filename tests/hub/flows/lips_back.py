"""Load the classifier of clips back, first where the package cannot be imported, and then with it.

Usage: ``lips_back.py CLIP``. Prints one JSON object: the answers, by the way it was loaded.
"""

import json
import sys
from pathlib import Path

from transformers import pipeline

from tests.common.load_checkpoints import PACKAGE, Blocker


def answers(source: str, clip: Path, **kwargs: bool) -> dict[str, float]:
    """Return the score of each label by the plain pipeline."""
    run = pipeline("video-classification", source, **kwargs)
    return {each["label"]: each["score"] for each in run(str(clip))}


def main() -> None:
    clip = Path(sys.argv[1])
    sys.meta_path.insert(0, Blocker)
    found = {"bare": answers("ada/lips", clip, trust_remote_code=True)}
    assert not any(module.split(".")[0] == PACKAGE for module in sys.modules)

    sys.meta_path.remove(Blocker)
    __import__(PACKAGE)
    found["package"] = answers("ada/lips", clip)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
