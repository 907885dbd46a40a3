"""The processor of recognisers: batches of frames and labels."""

from functools import partialmethod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import FeatureExtractionMixin, ProcessorMixin

from hf_recurrent import RecurrentSpeechProcessor
from hf_recurrent.models.publishable import mark
from tests.speech.samples import recognizer, sound

TEXTS = ["ab cad", "bad"]


@pytest.fixture(scope="module")
def whole() -> tuple[Any, RecurrentSpeechProcessor]:
    return recognizer()


def test_labels_are_a_tensor_that_the_loss_takes(whole: Any) -> None:
    model, processor = whole
    sounds = [sound(9000, 1), sound(6000, 2)]
    ids = [processor.tokenizer(text)["input_ids"] for text in TEXTS]
    assert processor(sounds, TEXTS)["labels"] == ids
    batch = processor(sounds, TEXTS, return_tensors="pt")
    assert batch["labels"].tolist() == [ids[0], ids[1] + [-100] * 3]
    rows = [processor(each, return_attention_mask=False) for each in sounds]
    features = [{"input_features": np.asarray(row["input_features"][0])} for row in rows]
    texts = [{"input_ids": each} for each in ids]
    padded = processor.pad(features, labels=texts, return_tensors="pt")
    assert padded.keys() == batch.keys()
    assert all(torch.equal(padded[name], batch[name]) for name in batch)
    assert torch.isfinite(model(**padded).loss)
    assert processor.pad(features, texts)["labels"] == batch["labels"].tolist()
    assert processor.pad(labels=texts, return_tensors="pt")["input_ids"].shape == (2, 6)
    one = processor(sounds[0], TEXTS[0], return_tensors="pt")
    assert one["labels"].tolist() == [ids[0]]
    assert processor(text=TEXTS, padding=True, return_tensors="pt")["input_ids"].shape == (2, 6)
    assert set(batch) <= set(processor.model_input_names)
    with pytest.raises(ValueError, match="give input_features, labels"):
        processor.pad()


def test_what_may_not_leave_is_not_pushed(whole: Any, tmp_path: Path) -> None:
    processor = recognizer()[1]
    mark(processor.tokenizer)
    with pytest.raises(ValueError, match="may not be passed on"):
        processor.push_to_hub("ada/ears")
    with pytest.raises(ValueError, match="may not be passed on"):
        processor.save_pretrained(tmp_path / "ears", push_to_hub=True)
    assert not (tmp_path / "ears").exists()


def test_all_files_are_pushed(whole: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """Each part pushes what it saved itself, the file that pipelines look for among them."""
    told: list[tuple[Any, ...]] = []
    for kind in (ProcessorMixin, FeatureExtractionMixin):
        saved = partialmethod(lambda _, kind, *__, **asked: told.append((kind, asked)), kind)
        monkeypatch.setattr(kind, "save_pretrained", saved)
    whole[1].save_pretrained(tmp_path, push_to_hub=True, repo_id="ada/ears")
    asked = {"push_to_hub": True, "repo_id": "ada/ears"}
    assert told == [(ProcessorMixin, asked), (FeatureExtractionMixin, asked)]
