"""Promises 2 and 4: saved equals loaded, with the package and without it; nothing uninitialised."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import save_file
from transformers.utils import ModelOutput

from .family import Family

BATCH = {
    "input_ids": torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0]]),
    "attention_mask": torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]]),
}
LOADER = Path(__file__).with_name("load_checkpoints.py")


def outside(folder: Path) -> dict[str, str]:
    """Return the environment of a process that knows neither this folder's caches nor a network."""
    return os.environ | {
        "HF_HOME": str(folder / "hf_home"),
        "HF_MODULES_CACHE": str(folder / "hf_modules"),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


def run_outside(code: str, folder: Path) -> str:
    """Return what a program prints in such a process."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=outside(folder),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def tensors_of(output: ModelOutput) -> dict[str, torch.Tensor]:
    """Return the tensors of an output by name, those of a tuple by name and place."""
    found = {}
    for name, value in output.items():
        if isinstance(value, tuple):
            found |= {f"{name}.{place}": tensor for place, tensor in enumerate(value)}
        else:
            found[name] = value
    return found


class SavedEqualsLoaded(Family):
    """Checkpoints keep what they were given, and what they lack is freshly made and named."""

    # Heads that do not take each other's checkpoints, as their classifiers label other things.
    labelling = ("AutoModelForSequenceClassification", "AutoModelForTokenClassification")

    def refused(self, saved_from: str) -> set[str]:
        """Return the heads that refuse the checkpoint of another one."""
        return (set(self.labelling) & set(self.heads)) - {saved_from}

    def test_saved_equals_loaded(self, tmp_path: Path) -> None:
        expected: dict[str, dict[str, np.ndarray]] = {}
        batch = self.inputs(BATCH)
        for auto_class in self.heads:
            for variant in self.variants:
                model = self.make(auto_class, variant)
                name = f"{auto_class}-{variant}"
                model.save_pretrained(tmp_path / "checkpoints" / name)
                with torch.no_grad():
                    for source, part in ((auto_class, model), ("AutoModel", model.base_model)):
                        output = {k: v.numpy() for k, v in tensors_of(part(**batch)).items()}
                        expected.setdefault(name, {})[source] = output
        np.savez(tmp_path / "batch.npz", **{k: v.numpy() for k, v in batch.items()})
        done = subprocess.run(
            [sys.executable, LOADER, tmp_path],
            env=outside(tmp_path),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        report = json.loads((tmp_path / "report.json").read_text())
        whole: set[str] = set()
        for name in sorted(expected):
            by_auto_class = expected[name]
            saved_from, _ = name.split("-", 1)
            classes = report[name]["bare"]
            entries = {"AutoConfig", "AutoModel", saved_from}
            if saved_from not in whole:  # the first of its class was opened by every entry
                entries |= {*self.heads, *self.elsewhere}
                refused = {a for a in self.heads if classes[a] == "refused"}
                assert refused == (set() if saved_from == "AutoModel" else self.refused(saved_from))
            whole.add(saved_from)
            assert classes.keys() == entries, name
            assert classes["AutoConfig"] == self.config_class.__name__
            for stage in ("bare", "resaved", "package"):
                loaded = np.load(tmp_path / f"{name}.{stage}.npz")
                for auto_class, output in by_auto_class.items():
                    if stage != "bare" and auto_class != saved_from:
                        continue  # the other entries were looked at once
                    for key, value in output.items():
                        other = loaded[f"{auto_class}.{key}"]
                        assert np.array_equal(value, other), f"{name}, {stage}: {key}"

    def test_lacking_keys_are_fresh_and_named(
        self, auto_class: str, variant: str, tmp_path: Path
    ) -> None:
        model = self.make(auto_class, variant)
        model.save_pretrained(tmp_path)
        weights = model.state_dict()
        new, newer = (
            self.heads[auto_class](self.make_config(variant)).state_dict() for _ in range(2)
        )
        if model.all_tied_weights_keys:
            pytest.skip("a key that is lacking is there under its other name")
        names = list(weights)
        # Each key lacks alone in the first variant, and in the others with half of the keys.
        apart = variant == next(iter(self.variants))
        parts = [{name} for name in names] if apart else [set(names[::2]), set(names[1::2])]
        for lacking in (*parts, set(names[1:])):
            # One key more keeps the file from being empty where the only weight is lacking.
            kept = {k: v for k, v in weights.items() if k not in lacking} | {"x": torch.ones(1)}
            save_file(kept, tmp_path / "model.safetensors", metadata={"format": "pt"})
            loaded, info = getattr(transformers, auto_class).from_pretrained(
                tmp_path, output_loading_info=True
            )
            assert set(info["missing_keys"]) == lacking
            for name, value in loaded.state_dict().items():
                if name in lacking:
                    _assert_fresh(name, value, new[name], newer[name])
                else:
                    assert torch.equal(value, weights[name]), f"{name} was changed"
            found = tensors_of(loaded(**self.inputs(BATCH)))
            assert all(v.isfinite().all() for v in found.values())


def _assert_fresh(name: str, value: torch.Tensor, new: torch.Tensor, newer: torch.Tensor) -> None:
    """Check that ``value`` was drawn as the parameter of two new models was."""
    assert value.isfinite().all(), name
    if torch.equal(new, newer):
        assert torch.equal(value, new), f"{name} is not that of a new model"
    else:
        assert torch.equal(value == 0, new == 0), f"{name}: other rows are 0 than in a new model"
        scale = value.double().std() / new.double().std()  # codes are whole numbers
        assert 1 / 4 < scale < 4, f"{name} is on another scale"
