from pathlib import Path

import numpy as np
import torch

from hf_recurrent.tasks.encoders import load_encoder
from hf_recurrent.tasks.text_classification.encoding import texts_and_labels
from hf_recurrent.tasks.text_classification.linear import (
    _choose,
    _features,
    _pooled,
    fit_frozen_encoder,
    fit_tfidf,
)
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


def test_features_are_in_the_order_of_the_texts_and_ignore_padding(encoder: Path) -> None:
    model, tokenizer = load_encoder(str(encoder))
    texts = ["the film", "a story of two friends and their dog", "fine", ""] * 3
    together = _features(model, tokenizer, texts, 16, batch_size=4)
    alone = np.concatenate([_pooled(model, tokenizer, [text], 16) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_of_penalties_that_are_as_good_the_strongest_is_kept() -> None:
    """The first that was tried, as a smaller C is a stronger penalty and a simpler model."""
    accuracies = {0.1: 0.5, 0.3: 0.9, 1.0: 0.9, 3.0: 0.7, 10.0: 0.9}
    fitted = []

    class Classifier:
        def __init__(self, c: float) -> None:
            self.c = c

        def fit(self, features, labels) -> None:
            fitted.append(self.c)

        def score(self, features, labels) -> float:
            return accuracies[self.c]

    labels = np.zeros(3)
    best, trials, _ = _choose(list(accuracies), Classifier, labels, labels, labels, labels)
    assert best.c == 0.3
    assert fitted == list(accuracies)
    assert [trial["validation"] for trial in trials] == list(accuracies.values())
    assert [trial["values"]["C"] for trial in trials] == list(accuracies)
