"""Load a model with n-grams in a process of its own, first where the package cannot be imported.

Usage: ``load_inputs.py FOLDER``; FOLDER holds ``words.json``, and ``model``, a saved classifier
with its tokenizer. The words' vectors and what a pipeline says of them are written to ``bare.npz``
and, with the package imported and without trust, to ``package.npz``.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer, pipeline

from tests.common.load_checkpoints import PACKAGE, Blocker


def look(folder: Path, **trust: bool) -> dict[str, np.ndarray]:
    words = json.loads((folder / "words.json").read_text())
    tokenizer = AutoTokenizer.from_pretrained(folder / "model", **trust)
    model = AutoModel.from_pretrained(folder / "model", **trust).eval()
    batch = tokenizer([[w] for w in words], is_split_into_words=True, return_tensors="pt")
    with torch.no_grad():
        layer = model.get_input_embeddings()
        vectors = layer(batch["input_ids"], ngram_ids=batch["ngram_ids"])[:, 0]
    classify = pipeline("text-classification", str(folder / "model"), **trust)
    scores = {
        f"scores{size}": np.array([r["score"] for r in classify(words, batch_size=size)])
        for size in (1, 3)
    }
    own = [type(model), type(tokenizer), type(classify.model), type(classify.tokenizer)]
    origin = PACKAGE if not trust else "transformers_modules"
    assert {cls.__module__.split(".")[0] for cls in own} == {origin}, own
    return {"vectors": vectors.numpy(), **scores}


def main(folder: Path) -> None:
    sys.meta_path.insert(0, Blocker)
    np.savez(folder / "bare.npz", **look(folder, trust_remote_code=True))
    assert not any(module.split(".")[0] == PACKAGE for module in sys.modules)
    sys.meta_path.remove(Blocker)
    __import__(PACKAGE)
    np.savez(folder / "package.npz", **look(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
