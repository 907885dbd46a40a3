from pathlib import Path

import pytest
from huggingface_hub.errors import StrictDataclassFieldValidationError
from transformers import AutoConfig

from hf_recurrent import (
    RecurrentConfig,
    RecurrentForSequenceClassification,
    StaticEmbeddingConfig,
)

EVERYTHING = RecurrentConfig(
    vocab_size=50,
    embedding_size=7,
    hidden_size=5,
    num_hidden_layers=3,
    cell_type="gru",
    bidirectional=True,
    residual=True,
    pooling="attention",
    embedding_dropout=0.1,
    hidden_dropout=0.2,
    classifier_dropout=0,
    variational_dropout=True,
    freeze_embeddings=True,
    frozen_layers=(1,),
    class_weights=[1, 2.5, 0.0],
    label_smoothing=0.1,
    chrono_max_length=30,
    focal_gamma=2,
    hard_example_share=0.5,
    pad_token_id=None,
    id2label={0: "a", 1: "b", 2: "c"},
)


def test_saved_equals_loaded(tmp_path: Path) -> None:
    EVERYTHING.save_pretrained(tmp_path)
    for loaded in (AutoConfig.from_pretrained(tmp_path), RecurrentConfig.from_pretrained(tmp_path)):
        assert isinstance(loaded, RecurrentConfig)
        assert loaded.to_json_string() == EVERYTHING.to_json_string()
        assert loaded.id2label == {0: "a", 1: "b", 2: "c"}


def test_output_size_is_read_only() -> None:
    assert EVERYTHING.output_size == 10
    assert RecurrentConfig(hidden_size=5).output_size == 5
    with pytest.raises(AttributeError):
        EVERYTHING.output_size = 3  # type: ignore[misc]
    assert "output_size" not in EVERYTHING.to_dict()


def test_hidden_size_of_static_embeddings_is_another_name() -> None:
    config = StaticEmbeddingConfig(embedding_size=7)
    assert config.hidden_size == 7
    config.hidden_size = 9
    assert config.embedding_size == 9
    assert StaticEmbeddingConfig(hidden_size=5).embedding_size == 5


def test_a_field_of_another_type_is_named() -> None:
    with pytest.raises(StrictDataclassFieldValidationError, match="hidden_size"):
        RecurrentConfig(hidden_size="wide")


def test_other_labels_than_the_weights(tmp_path: Path) -> None:
    EVERYTHING.save_pretrained(tmp_path)
    changed = RecurrentConfig.from_pretrained(tmp_path, num_labels=4)
    with pytest.raises(ValueError, match="class_weights has length 3, expected one weight"):
        RecurrentForSequenceClassification(changed)


def test_regression_takes_no_weights() -> None:
    for fields in ({"class_weights": [1.0]}, {"label_smoothing": 0.1}, {"focal_gamma": 2.0}):
        with pytest.raises(ValueError, match="has no meaning for problem_type 'regression'"):
            RecurrentForSequenceClassification(
                RecurrentConfig(num_labels=1, problem_type="regression", **fields)
            )


def test_unknown_problem_type() -> None:
    with pytest.raises(ValueError, match="problem_type"):
        RecurrentForSequenceClassification(RecurrentConfig(problem_type="ranking"))
