from pathlib import Path

import numpy as np
import torch

from hf_recurrent.tasks.encoders import load_encoder
from hf_recurrent.tasks.text_classification.encoding import texts_and_labels
from hf_recurrent.tasks.text_classification.linear import fit_frozen_encoder, fit_tfidf
from tests.benchmark.conftest import write_csv


def test_tfidf_learns_and_chooses_its_penalty_on_validation(given, tmp_path: Path) -> None:
    work, _ = given("tfidf")
    fitted = fit_tfidf(work)
    texts, labels = texts_and_labels(work.data["test"])
    assert np.mean(fitted.predict(texts) == labels) > 0.8
    assert len(fitted.trials) == len(work.values["C"]) <= 8
    best = max(trial["validation"] for trial in fitted.trials)
    assert fitted.validation == best
    # Two classes: one weight for each feature, and the intercept.
    assert fitted.parameters == fitted.trainable_parameters > 100
    fitted.save(tmp_path)
    assert (tmp_path / "model.joblib").stat().st_size > 1000


def test_several_classes_are_each_told_from_the_rest(given, tmp_path: Path) -> None:
    rows = [(f"{word} {n}", word) for n in range(30) for word in ("red", "green", "blue")]
    work, _ = given("tfidf", dataset=str(write_csv(tmp_path / "colours.csv", rows)))
    fitted = fit_tfidf(work)
    texts, labels = texts_and_labels(work.data["test"])
    assert len(set(labels)) == 3
    assert list(fitted.predict(texts)) == list(labels)
    assert fitted.parameters % 3 == 0


def test_chinese_is_cut_into_characters(given, tmp_path: Path) -> None:
    rows = [(f"这{'好' if i % 2 else '坏'}书{chr(0x4E00 + i)}", "ab"[i % 2]) for i in range(60)]
    work, _ = given("tfidf", dataset=str(write_csv(tmp_path / "chinese.csv", rows)))
    fitted = fit_tfidf(work)
    assert "characters" in fitted.note
    texts, labels = texts_and_labels(work.data["test"])
    assert np.mean(fitted.predict(texts) == labels) == 1


def test_a_frozen_encoder_gets_a_head_and_stays_as_it_is(given, encoder: Path) -> None:
    work, place = given("bert-frozen", baseline=str(encoder))
    fitted = fit_frozen_encoder(work)
    texts, labels = texts_and_labels(work.data["test"])
    assert np.mean(fitted.predict(texts) == labels) > 0.8
    assert fitted.trainable_parameters == 16 + 1
    assert fitted.truncation.startswith("16 word pieces")
    fitted.save(place.model)
    before, _ = load_encoder(str(encoder))
    after, _ = load_encoder(str(place.model))
    for name, value in before.state_dict().items():
        assert torch.equal(value, after.state_dict()[name]), name
