"""The family of forecasters keeps the promises."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar

import pytest
import torch

from hf_recurrent import (
    RecurrentForTimeSeriesPrediction,
    RecurrentTimeSeriesConfig,
    RecurrentTimeSeriesModel,
)
from hf_recurrent.models import recurrent_layer
from tests.common.bad_input import assert_one_sentence
from tests.common.promises import ModelPromises

VALUES = torch.tensor([[3.0, 4, 5], [6, 7, 0]])
FUTURE = [[0.5 * row + step for step in range(3)] for row in range(8)]


class TestTimeSeriesFamily(ModelPromises):
    config_class = RecurrentTimeSeriesConfig
    heads: ClassVar = {
        "AutoModel": RecurrentTimeSeriesModel,
        "AutoModelForTimeSeriesPrediction": RecurrentForTimeSeriesPrediction,
    }
    # The base model gives the steps of the context, and not those of the batch.
    of_heads: ClassVar = (
        "test_padded_equals_single",
        "test_fast_equals_naive",
        "test_nothing_to_read",
        "test_lacking_keys_are_fresh_and_named",
    )
    # Hidden states too are those of the context.
    asked: ClassVar = ({"output_final_state": True}, {})
    by_hand: ClassVar = ("test_two_ranks_equal_one_process", "test_saved_equals_loaded")
    fields: ClassVar = {
        "prediction_length": 3,
        "context_length": 5,
        "lags_sequence": [1, 2, 4],
        "hidden_size": 4,
    }
    variants: ClassVar = {
        "lstm_student_t_mean": {},
        "gru_normal_std_residual": {
            "cell_type": "gru",
            "distribution_output": "normal",
            "scaling": "std",
            "residual": True,
        },
        "mingru_quantiles_change": {
            "cell_type": "mingru",
            "distribution_output": "quantiles",
            "quantiles": [0.1, 0.5, 0.9],
            "scaling": "change",
            "anchor_lag": 2,
            "num_hidden_layers": 1,
        },
    }
    pipelines: ClassVar = {}
    losses: ClassVar = {
        "AutoModelForTimeSeriesPrediction": {
            "student_t": ({}, FUTURE),
            "quantiles": ({"distribution_output": "quantiles", "scaling": "std"}, FUTURE),
        }
    }
    bad_fields: ClassVar = (
        ({"cell_type": "sru"}, "cell_type"),
        ({"distribution_output": "gamma"}, "distribution_output"),
        ({"scaling": "max"}, "scaling"),
        ({"prediction_length": 0}, "prediction_length"),
        ({"context_length": 0}, "context_length"),
        ({"num_parallel_samples": 0}, "num_parallel_samples"),
        ({"lags_sequence": []}, "lags_sequence"),
        ({"lags_sequence": [0, 1]}, "lags_sequence"),
        ({"anchor_lag": 0}, "anchor_lag"),
        ({"anchor_lag": 1, "distribution_output": "negative_binomial"}, "anchor_lag"),
        ({"scaling": "std", "distribution_output": "negative_binomial"}, "scaling"),
        ({"quantiles": [0.5]}, "quantiles"),
        ({"quantiles": [0.5, 0.4], "distribution_output": "quantiles"}, "quantiles"),
        ({"quantiles": [0.5, 1.0], "distribution_output": "quantiles"}, "quantiles"),
        ({"input_size": 2}, "input_size"),
        ({"num_time_features": -1}, "num_time_features"),
        ({"num_past_dynamic_real_features": -1}, "num_past_dynamic_real_features"),
        ({"cardinality": [3]}, "cardinality"),
        ({"num_static_categorical_features": 1}, "cardinality"),
        ({"num_static_categorical_features": 2, "cardinality": [3]}, "cardinality"),
        ({"hidden_dropout": 1.0}, "hidden_dropout"),
        ({"weight_dropout": 0.1, "cell_type": "mingru"}, "mingru"),
    )
    bad_arguments: ClassVar = {
        "one row": ({"past_values": VALUES[0]}, ["past_values", "(3,)", "(batch, time)"]),
        "several values": ({"past_values": torch.zeros(2, 3, 1)}, ["past_values", "(2, 3, 1)"]),
        "long mask": (
            {"past_values": VALUES, "attention_mask": torch.ones(2, 4)},
            ["attention_mask", "(2, 4)", "(2, 3)"],
        ),
        "long observed mask": (
            {"past_values": VALUES, "past_observed_mask": torch.ones(2, 4)},
            ["past_observed_mask", "(2, 4)", "(2, 3)"],
        ),
        "other rows": (
            {"past_values": VALUES, "future_values": VALUES[:1]},
            ["future_values", "1 rows", "2"],
        ),
        "static numbers": (
            {"past_values": VALUES, "static_real_features": torch.zeros(2, 3)},
            ["static_real_features", "(2, 3)", "(2, 0)"],
        ),
    }
    # It has no words.
    test_word_vectors_that_do_not_fit = None
    test_no_ngrams_where_they_are_needed = None
    test_pad_ids_without_a_mask_warn_once = None

    def make_config(self, variant: str, **fields: Any) -> RecurrentTimeSeriesConfig:
        config = super().make_config(variant, **fields)
        # The checks are written over token ids, and ask how many there are.
        object.__setattr__(config, "vocab_size", 13)
        return config

    def inputs(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Return the series whose step has its token as value; an id of no token is no number."""
        given = dict(batch)
        ids = given.pop("input_ids", None)
        if ids is not None:
            counts = torch.tensor([*range(1, 14), torch.nan])
            given["past_values"] = counts[ids.where((ids >= 0) & (ids < 13), 13)]
        return given

    def make_rows(self, labels: list[Any], vocab_size: int) -> list[dict[str, Any]]:
        """Return rows with a future of three steps, some of it unknown."""
        rows = super().make_rows(labels, vocab_size)
        for number, row in enumerate(rows):
            row["future_values"] = row.pop("labels")
            row["future_observed_mask"] = [1, 1, number % 2]
        return rows

    @contextmanager
    def naively(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            naive = partial(recurrent_layer.run_layer, path="reference")
            patch.setattr(recurrent_layer, "run_layer", naive)
            yield


def test_inputs_that_are_no_numbers_are_named() -> None:
    """Each would make the loss NaN."""
    features = {"num_time_features": 1, "num_static_real_features": 1}
    config = RecurrentTimeSeriesConfig(
        **features, num_static_categorical_features=1, cardinality=[2], hidden_size=4
    )
    model, nan = RecurrentForTimeSeriesPrediction(config), torch.nan
    past, future = torch.zeros(2, 3, 1), torch.zeros(2, 4, 1)
    static, category = torch.zeros(2, 1), torch.zeros(2, 1, dtype=torch.long)
    late = future.index_fill(1, torch.tensor([3]), nan)
    for given, named in (
        ((past * nan, future, static, category), "past_time_features"),
        ((past, late, static, category), "future_time_features"),
        ((past, future, static * nan, category), "static_real_features"),
        ((past, future, static, category.float()), "static_categorical_features"),
    ):
        names = ("past_time_features", "future_time_features")
        names += ("static_real_features", "static_categorical_features")
        inputs = {"past_values": VALUES, **dict(zip(names, given, strict=True))}
        for call in (partial(model, future_values=torch.ones(2, 4)), model.generate):
            with pytest.raises(ValueError, match=named) as caught:
                call(**inputs)
            assert_one_sentence(caught.value)
    padded = past.index_fill(
        1, torch.tensor([0]), nan
    )  # what stands in the padding does not matter
    mask = torch.tensor([[0, 1, 1]] * 2)
    inputs = {"past_time_features": padded, "future_time_features": future}
    inputs |= {"static_real_features": static, "static_categorical_features": category}
    assert model.generate(VALUES, **inputs, attention_mask=mask).sequences.isfinite().all()
