"""Load the encoder of the Hub back, first where the package cannot be imported, and then with it.

Prints one JSON object: the vectors, by the way it was loaded.
"""

import json
import sys

from sentence_transformers import SentenceTransformer

from tests.common.load_checkpoints import PACKAGE, Blocker

TEXTS = ["lift drag", "", "shock sound 3"]


def vectors(encoder: SentenceTransformer) -> list[list[float]]:
    """Return the vectors of some texts."""
    return encoder.encode(TEXTS, show_progress_bar=False).tolist()


def main() -> None:
    sys.meta_path.insert(0, Blocker)
    bare = SentenceTransformer("ada/searcher", device="cpu", trust_remote_code=True)
    found = {"bare": vectors(bare)}
    assert not any(module.split(".")[0] == PACKAGE for module in sys.modules)

    sys.meta_path.remove(Blocker)
    __import__(PACKAGE)
    found["package"] = vectors(SentenceTransformer("ada/searcher", device="cpu"))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
