"""ELMo keeps the promises, alone and with its output layer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor

from hf_recurrent import ElmoConfig, ElmoForPreTraining, ElmoModel
from hf_recurrent.models import projected_layer
from hf_recurrent.models.elmo_characters import BEGIN, END, elmo_char_ids
from hf_recurrent.models.elmo_words import ElmoWords
from hf_recurrent.models.projected_cell import projected_lstm_loop
from hf_recurrent.models.tokenization_elmo import ElmoTokenizer
from hf_recurrent.vectors import elmo_tokenizer
from tests.common.promises import ModelPromises
from tests.common.tokenizer import WORDS

LONGEST = 6


def words_by_loop(self: ElmoWords, input_ids: Tensor, **extra: Tensor) -> Tensor:
    """Each word by itself, by the formulas of Kim et al. (2016)."""
    vectors = []
    for ids in extra["char_ids"].flatten(0, 1).tolist():
        if any(ids):
            vectors.append(word_by_formula(self, ids))
        else:
            vectors.append(self.character_weight.new_zeros(self.embedding_dim))
    size = (*input_ids.shape, self.embedding_dim)
    return torch.stack(vectors).view(size) if vectors else self.character_weight.new_zeros(size)


def word_by_formula(layer: ElmoWords, ids: list[int]) -> Tensor:
    table, best = layer.character_weight, []
    for filters in layer.filters:
        width = filters.weight.shape[2]
        windows = [
            torch.stack([table[i] for i in ids[start : start + width]])
            for start in range(len(ids) - width + 1)
        ]
        sums = [torch.einsum("ncw,wc->n", filters.weight, w) + filters.bias for w in windows]
        best.append(torch.stack(sums).amax(0))
    x = torch.cat(best)
    x = x.clamp(min=0) if layer.activation == "relu" else x.tanh()
    for highway in layer.highways:
        gate = (highway.gate_weight @ x + highway.gate_bias).sigmoid()
        new = (highway.transform_weight @ x + highway.transform_bias).clamp(min=0)
        x = gate * new + (1 - gate) * x
    return x if layer.projection is None else layer.projection.weight @ x + layer.projection.bias


def boundaries_by_formula(self: ElmoWords) -> Tensor:
    marks = [list(elmo_char_ids(word, self.longest_word)) for word in (BEGIN, END)]
    return torch.stack([word_by_formula(self, ids) for ids in marks])


class TestElmoFamily(ModelPromises):
    by_hand: ClassVar = (
        "test_two_ranks_equal_one_process",
        "test_lacking_keys_are_fresh_and_named",
        "test_saved_equals_loaded",
    )
    config_class = ElmoConfig
    heads: ClassVar = {"AutoModel": ElmoModel, "AutoModelForPreTraining": ElmoForPreTraining}
    fields: ClassVar = {
        "vocab_size": 13,
        "character_size": 2,
        "max_characters_per_token": LONGEST,
        "filters": [[1, 2], [3, 4]],
        "num_highway_layers": 1,
        "hidden_size": 5,
        "cell_size": 7,
        # Limits that some states of the made-up weights reach.
        "cell_clip": 0.4,
        "projection_clip": 0.5,
    }
    variants: ClassVar = {
        "residual_normed": {"mix_layer_norm": "sentence", "bos_token_id": 1, "eos_token_id": 2},
        "unprojected_tanh": {
            "cell_size": 5,
            "num_hidden_layers": 1,
            "filters": [[2, 5]],
            "activation": "tanh",
            "projection_clip": None,
        },
    }
    losses: ClassVar = {
        "AutoModelForPreTraining": {
            "words": (
                {},
                [[(r * t + r) % 13 if t <= r % 6 else -100 for t in range(6)] for r in range(8)],
            ),
        }
    }
    bad_fields: ClassVar = (
        ({"hidden_size": 0}, "hidden_size"),
        ({"cell_size": 4}, "cell_size"),
        ({"num_hidden_layers": 0}, "num_hidden_layers"),
        ({"num_highway_layers": -1}, "num_highway_layers"),
        ({"filters": []}, "filters"),
        ({"filters": [[7, 1]]}, "max_characters_per_token 6"),
        ({"filters": [[1, 1, 1]]}, "filters"),
        ({"max_characters_per_token": 2}, "max_characters_per_token"),
        ({"activation": "gelu"}, "activation"),
        ({"cell_clip": 0.0}, "cell_clip"),
        ({"projection_clip": float("nan")}, "projection_clip"),
        ({"mix_layer_norm": "layer"}, "mix_layer_norm"),
        ({"hidden_dropout": 1.0}, "hidden_dropout"),
        ({"pad_token_id": 13}, "pad_token_id"),
    )
    bad_head_fields: ClassVar = {
        "AutoModelForPreTraining": (
            ({"bos_token_id": 13}, "bos_token_id"),
            ({"eos_token_id": [1, 2]}, "eos_token_id"),
            ({"output_loss": "bpr_max"}, "output_loss"),
            ({"output_loss": "nce", "output_loss_config": {"cutoffs": [3]}}, "cutoffs"),
            ({"classifier_dropout": 1.0}, "classifier_dropout"),
        )
    }
    bad_arguments: ClassVar = {
        **{
            name: case
            for name, case in ModelPromises.bad_arguments.items()
            if name not in ("high ids", "low ids")
        },
        "high characters": (
            {"char_ids": torch.full((2, 3, LONGEST), 262)},
            ["char_ids holds 262", "ElmoTokenizer"],
        ),
        "low characters": ({"char_ids": torch.full((2, 3, LONGEST), -1)}, ["char_ids holds -1"]),
        "real characters": (
            {"char_ids": torch.ones(2, 3, LONGEST)},
            ["char_ids are torch.float32"],
        ),
        "narrow characters": (
            {"char_ids": torch.ones(2, 3, 4, dtype=torch.long)},
            ["(2, 3, 4)", "max_characters_per_token 6"],
        ),
        "one row of characters": (
            {"char_ids": torch.ones(3, LONGEST, dtype=torch.long)},
            ["(3, 6)", "3 dimensions"],
        ),
    }
    # It takes no matrix of word vectors.
    test_word_vectors_that_do_not_fit = None

    def inputs(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Add the characters of token i; one in four has none, and is not read."""
        if "input_ids" not in batch:
            return batch
        ids, rows = batch["input_ids"], self.fields["vocab_size"]
        table = torch.zeros(rows + 1, LONGEST, dtype=torch.long)
        for token in range(rows):
            if token % 4:
                table[token] = torch.tensor(elmo_char_ids("abcdefg"[token % 5 :], LONGEST))
        table[rows] = 999
        return {**batch, "char_ids": table[ids.where((ids >= 0) & (ids < rows), rows)]}

    def tokenizer(self) -> ElmoTokenizer:
        return elmo_tokenizer(WORDS[:9], max_characters_per_token=LONGEST)

    def initial_states(self, config: Any, rows: int) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(rows)
        layers = 2 * config.num_hidden_layers
        return {
            f"initial_{name}_state": 0.3 * torch.randn(rows, layers, size, generator=generator)
            for name, size in (("hidden", config.hidden_size), ("cell", config.cell_size))
        }

    @contextmanager
    def naively(self) -> Iterator[None]:
        def by_loop(counts: Any, last: Any, clips: Any, *given: Any) -> Any:
            *states, weights = given
            return projected_lstm_loop(counts, last, clips, *states, *weights)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(projected_layer, "projected_lstm", by_loop)
            patch.setattr(ElmoWords, "forward", words_by_loop)
            patch.setattr(ElmoWords, "boundaries", boundaries_by_formula)
            yield
