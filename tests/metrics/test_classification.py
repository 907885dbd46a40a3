"""The metrics against their formulas, and inside `evaluate`."""

import math
from collections import Counter
from pathlib import Path

import evaluate
import numpy as np
import pytest
from datasets import Dataset
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification
from hf_recurrent.metrics import F1, Accuracy, AveragePrecision, Matthews

PAIRS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30)


def f1_of(pairs: list[tuple[int, int]], label: int) -> float:
    right = sum(p == r == label for p, r in pairs)
    predicted = sum(p == label for p, _ in pairs)
    real = sum(r == label for _, r in pairs)
    return 2 * right / (predicted + real) if predicted + real else 0.0


@pytest.mark.filterwarnings("ignore:A single label was found")
@given(PAIRS)
def test_metrics_equal_their_formulas(pairs):
    predictions, references = zip(*pairs, strict=True)
    batch = {"predictions": predictions, "references": references}
    right = sum(p == r for p, r in pairs)
    assert Accuracy(keep_in_memory=True).compute(**batch)["accuracy"] == right / len(pairs)

    labels = sorted(set(predictions) | set(references))
    scores = {label: f1_of(pairs, label) for label in labels}
    frequency = Counter(references)
    weighted = sum(scores[label] * frequency[label] for label in labels) / len(pairs)
    expected = {
        "macro": sum(scores.values()) / len(labels),
        "weighted": weighted,
        "micro": right / len(pairs),
    }
    for average, value in expected.items():
        metric = F1(average=average, keep_in_memory=True)
        assert metric.compute(**batch)["f1"] == pytest.approx(value)

    # Matthews' coefficient as a correlation of the indicator variables (Gorodkin 2004).
    p, r = np.eye(3)[list(predictions)], np.eye(3)[list(references)]
    covariance = ((p - p.mean(0)) * (r - r.mean(0))).sum()
    variances = ((p - p.mean(0)) ** 2).sum() * ((r - r.mean(0)) ** 2).sum()
    value = covariance / math.sqrt(variances) if variances else 0.0
    found = Matthews(keep_in_memory=True).compute(**batch)["matthews_correlation"]
    assert found == pytest.approx(value, abs=1e-9)


def test_binary_f1_scores_the_positive_class():
    pairs = [(1, 1), (1, 0), (0, 1), (1, 1), (0, 0)]
    predictions, references = zip(*pairs, strict=True)
    metric = F1(keep_in_memory=True)
    found = metric.compute(predictions=predictions, references=references)
    assert found["f1"] == pytest.approx(f1_of(pairs, 1))
    found = metric.compute(predictions=predictions, references=references, pos_label=0)
    assert found["f1"] == pytest.approx(f1_of(pairs, 0))
    found = metric.compute(predictions=predictions, references=references, average="macro")
    assert found["f1"] == pytest.approx((f1_of(pairs, 0) + f1_of(pairs, 1)) / 2)


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 2)), min_size=1, max_size=20),
    st.integers(0, 2),
)
def test_average_precision_by_its_definition(pairs, label):
    """Rows of equal scores are one step of the curve."""
    scores, references = zip(*pairs, strict=True)
    value, before = 0.0, 0.0
    right = sum(r == label for r in references)
    for score in sorted(set(scores), reverse=True):
        above = [r == label for s, r in pairs if s >= score]
        recall = sum(above) / max(right, 1)
        value += (recall - before) * sum(above) / len(above)
        before = recall
    metric = AveragePrecision(keep_in_memory=True)
    found = metric.compute(predictions=scores, references=references, pos_label=label)
    expected = value if right else math.nan
    assert found["average_precision"] == pytest.approx(expected, nan_ok=True)


def test_several_labels():
    predictions, references = [[1, 0], [1, 1], [0, 0]], [[1, 0], [0, 1], [0, 0]]
    batch = {"predictions": predictions, "references": references}
    accuracy = Accuracy(config_name="multilabel", keep_in_memory=True)
    assert accuracy.compute(**batch)["accuracy"] == pytest.approx(2 / 3)
    f1 = F1(average="micro", config_name="multilabel", keep_in_memory=True)
    assert f1.compute(**batch)["f1"] == pytest.approx(2 * 2 / (3 + 2))


def test_combine(tmp_path: Path):
    metrics = [cls(cache_dir=str(tmp_path)) for cls in (Accuracy, F1, Matthews)]
    combined = evaluate.combine(metrics)
    for predictions, references in (([0, 1], [0, 1]), ([1, 0], [0, 0])):
        combined.add_batch(predictions=predictions, references=references)
    found = combined.compute()
    pairs = [(0, 0), (1, 1), (1, 0), (0, 0)]
    assert found["accuracy"] == 0.75
    assert found["f1"] == pytest.approx(f1_of(pairs, 1))
    assert set(found) == {"accuracy", "f1", "matthews_correlation"}


def test_evaluator(tmp_path: Path):
    words = {"[PAD]": 0, "[UNK]": 1, "good": 2, "bad": 3}
    backend = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="[PAD]", unk_token="[UNK]"
    )
    model = RecurrentForSequenceClassification(
        RecurrentConfig(
            vocab_size=4,
            embedding_size=4,
            hidden_size=4,
            id2label={0: "negative", 1: "positive"},
            label2id={"negative": 0, "positive": 1},
        )
    ).eval()
    # A classifier that always says "positive".
    model.classifier.weight.data.zero_()
    model.classifier.bias.data[:] = model.classifier.bias.data.new_tensor([0.0, 5.0])
    data = Dataset.from_dict({"text": ["good", "bad", "good good"], "label": [1, 0, 1]})
    found = evaluate.evaluator("text-classification").compute(
        model_or_pipeline=model,
        tokenizer=tokenizer,
        data=data,
        metric=evaluate.combine([Accuracy(cache_dir=str(tmp_path)), F1(cache_dir=str(tmp_path))]),
        label_mapping=model.config.label2id,
    )
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["f1"] == pytest.approx(0.8)
