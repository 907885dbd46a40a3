"""Load checkpoints in a process of its own, first where the package cannot be imported.

Usage: ``load_checkpoints.py FOLDER``; FOLDER holds ``checkpoints/*`` and ``batch.npz``. For each
checkpoint it writes the outputs of the entries of ``auto_map`` (``NAME.bare.npz``; those of other
heads for the first checkpoint of each class only), of the model saved and loaded once more
(``NAME.resaved.npz``), and of the Auto class with the package imported and without trust
(``NAME.package.npz``); ``report.json`` names the classes.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers

PACKAGE = "hf_recurrent"
# A head with a classifier refuses the checkpoint of another one, and a language model those that
# read backward or read frames.
REFUSALS = (
    "this is a checkpoint of",
    "a language model reads forward",
    "a language model predicts",
)


class Blocker:
    """Make the import of the package fail, as where it was never installed."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name.split(".")[0] == PACKAGE:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def outputs(model: transformers.PreTrainedModel, batch: dict, auto_class: str) -> dict:
    with torch.no_grad():
        found = model(**batch).items()  # a language model returns its cache too
    named = {}
    for name, value in found:
        parts = {f"{name}.{n}": v for n, v in enumerate(value)} if type(value) is tuple else {}
        named |= parts or {name: value}
    return {f"{auto_class}.{k}": v.numpy() for k, v in named.items() if isinstance(v, torch.Tensor)}


def main(folder: Path) -> None:
    batch = {k: torch.from_numpy(v) for k, v in np.load(folder / "batch.npz").items()}
    checkpoints = sorted((folder / "checkpoints").iterdir())
    report: dict[str, dict[str, dict[str, str]]] = {}
    seen: set[str] = set()
    sys.meta_path.insert(0, Blocker)
    for checkpoint in checkpoints:
        name = checkpoint.name
        own = name.split("-", 1)[0]
        classes, found = {}, {}
        entries = [*json.loads((checkpoint / "config.json").read_text())["auto_map"]]
        if own in seen:  # whether a head takes the checkpoint of another one depends on these alone
            entries = [entry for entry in entries if entry in ("AutoConfig", "AutoModel", own)]
        seen.add(own)
        for auto_class in entries:
            auto = getattr(transformers, auto_class)
            try:
                loaded = auto.from_pretrained(checkpoint, trust_remote_code=True)
            except ValueError as error:
                if not any(sentence in str(error) for sentence in REFUSALS):
                    raise
                classes[auto_class] = "refused"
                continue
            assert type(loaded).__module__.startswith("transformers_modules"), type(loaded)
            classes[auto_class] = type(loaded).__name__
            if auto_class != "AutoConfig":
                found |= outputs(loaded, batch, auto_class)
            if auto_class == own:
                loaded.save_pretrained(folder / "resaved" / name)
        np.savez(folder / f"{name}.bare.npz", **found)
        again = getattr(transformers, own).from_pretrained(
            folder / "resaved" / name, trust_remote_code=True
        )
        np.savez(folder / f"{name}.resaved.npz", **outputs(again, batch, own))
        report[name] = {"bare": classes}
    assert not any(module.split(".")[0] == PACKAGE for module in sys.modules)

    sys.meta_path.remove(Blocker)
    __import__(PACKAGE)
    for checkpoint in checkpoints:
        own = checkpoint.name.split("-", 1)[0]
        model = getattr(transformers, own).from_pretrained(checkpoint)
        assert type(model).__module__.startswith(PACKAGE), type(model)
        np.savez(folder / f"{checkpoint.name}.package.npz", **outputs(model, batch, own))
    (folder / "report.json").write_text(json.dumps(report))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
