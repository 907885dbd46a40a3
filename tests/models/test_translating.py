"""Generation of encoder-decoder networks equals an independent search, alone and in a batch."""

from typing import Any

import pytest
import torch
from torch import Tensor

from hf_recurrent import RecurrentForConditionalGeneration, RecurrentSeq2SeqConfig
from tests.common.batches import random_rows
from tests.common.generation import BEAMS, WARPERS
from tests.common.translator import Translator

START, NEW, LENGTHS = 1, 6, (5, 1, 3, 0)
BIDIRECTIONAL = {"bidirectional": True, "hidden_size": 2}

VARIANTS: dict[str, dict[str, Any]] = {
    "parallel": {
        "encoder": {"num_hidden_layers": 2, "bidirectional": True},
        "num_hidden_layers": 2,
        "residual": True,
    },
    "luong": {
        "encoder": {"cell_type": "gru", **BIDIRECTIONAL},
        "cell_type": "gru",
        "attention_type": "dot",
        "input_feeding": True,
        "bridge": "copy",
        "tie_word_embeddings": True,
    },
    "bahdanau": {
        "encoder": {"cell_type": "mingru"},
        "num_hidden_layers": 2,
        "attention_type": "additive",
        "attention_size": 3,
        "input_feeding": True,
        "bridge": "none",
    },
    "sutskever": {
        "encoder": {"num_hidden_layers": 2},
        "num_hidden_layers": 2,
        "attention_type": "none",
        "bridge": "copy",
    },
    "three_ways": {
        "encoder": {"cell_type": "rnn_tanh", "vocab_size": 13, "embedding_size": 5},
        "cell_type": "minlstm",
        "attention_type": "none",
        "tie_word_embeddings": True,
        "tie_encoder_embeddings": True,
    },
}


def make(variant: str, **fields: Any) -> RecurrentForConditionalGeneration:
    """Return a model in evaluation mode in which no weight is left at 0."""
    own = VARIANTS[variant]
    encoder = {"vocab_size": 11, "embedding_size": 3, "hidden_size": 4, **own["encoder"]}
    config = RecurrentSeq2SeqConfig(
        **{
            "vocab_size": 13,
            "embedding_size": 5,
            "hidden_size": 4,
            "decoder_start_token_id": START,
            **own,
            "encoder": encoder,
            **fields,
        }
    )
    torch.manual_seed(0)
    model = RecurrentForConditionalGeneration(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model.eval()


def padded(rows: list[Tensor], side: str) -> dict[str, Tensor]:
    """Return sources padded on one side, the padding filled with a token of its own."""
    options: dict[str, Any] = {"batch_first": True, "padding_side": side}
    ids = torch.nn.utils.rnn.pad_sequence(rows, padding_value=3, **options)
    mask = torch.nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in rows], **options)
    return {"input_ids": ids, "attention_mask": mask}


@pytest.fixture(params=VARIANTS)
def case(request: Any) -> tuple[RecurrentForConditionalGeneration, Translator, list[Tensor]]:
    model = make(request.param).double()
    return model, Translator(model), random_rows(model.config.encoder.vocab_size, LENGTHS)


def test_every_way_of_greedy_equals_the_loop(case: Any) -> None:
    model, translator, rows = case
    expected = [translator.take(ids.tolist()).greedy([START], NEW) for ids in rows]
    tokens = [row for row, _ in expected]
    for side in ("right", "left"):
        found = model.generate(
            **padded(rows, side),
            max_new_tokens=NEW,
            output_logits=True,
            return_dict_in_generate=True,
        )
        assert found.sequences[:, 1:].tolist() == tokens
        for row, (_, logits) in enumerate(expected):
            own = torch.stack([step[row] for step in found.logits])
            torch.testing.assert_close(own, torch.stack(logits).float())
        assert found.past_key_values.get_seq_length() == NEW
    batch = padded(rows, "left")
    options: list[dict[str, Any]] = [
        {"use_cache": False},
        {"cache_implementation": "static"},
        {"decoder_input_ids": torch.full((len(rows), 1), START)},
        {"encoder_outputs": model.get_encoder()(**batch, output_final_state=True)},
    ]
    for more in options:
        given = {**batch, **more}
        if "encoder_outputs" in more:
            del given["input_ids"]
        found = model.generate(**given, max_new_tokens=NEW)
        assert found[:, 1:].tolist() == tokens, more
    for row, ids in enumerate(rows):
        one = {"input_ids": ids.unsqueeze(0), "max_new_tokens": NEW}
        assert model.generate(**one)[0, 1:].tolist() == tokens[row]
        assisted = model.generate(**one, prompt_lookup_num_tokens=3)
        assert assisted[0, 1:].tolist() == tokens[row]


def test_an_assistant_changes_nothing(case: Any) -> None:
    model, translator, rows = case
    torch.manual_seed(5)
    other = type(model)(model.config).double().eval()
    for assistant in (other, model):  # one that is mostly wrong, and one that never is
        expected = translator.take(rows[0].tolist()).greedy([START], 2 * NEW)[0]
        found = model.generate(
            rows[0].unsqueeze(0),
            max_new_tokens=2 * NEW,
            assistant_model=assistant,
            return_dict_in_generate=True,
        )
        assert found.sequences[0, 1:].tolist() == expected
        assert found.past_key_values.get_seq_length() == 2 * NEW
    with pytest.raises(ValueError, match="assisted decoding"):
        model.generate(rows[0].unsqueeze(0), assistant_model=model, output_attentions=True)


@pytest.mark.parametrize(("penalty", "early"), [(2.0, "never"), (1.0, False), (0.0, True)])
def test_beams_equal_the_loop(case: Any, penalty: float, early: bool | str) -> None:
    model, translator, rows = case
    eos = translator.take(rows[0].tolist()).greedy([START], NEW)[0][2]
    options = (NEW, eos, penalty, early)
    expected = [translator.take(ids.tolist()).beams([START], *options) for ids in rows]
    batches = [(padded(rows, side), expected) for side in ("right", "left")]
    batches += [({"input_ids": rows[0].unsqueeze(0)}, expected[:1])]
    for batch, wanted in batches:
        found = model.generate(
            **batch,
            max_new_tokens=NEW,
            num_beams=BEAMS,
            num_return_sequences=BEAMS,
            early_stopping=early,
            length_penalty=penalty,
            eos_token_id=eos,
            pad_token_id=0,
            output_scores=True,
            return_dict_in_generate=True,
        )
        new = found.sequences[:, 1:].view(len(wanted), BEAMS, -1).tolist()
        scores = found.sequences_scores.view(len(wanted), BEAMS)
        for row, hypotheses in enumerate(wanted):
            assert len(hypotheses) == BEAMS
            for number, (score, tokens) in enumerate(hypotheses):
                assert new[row][number][: len(tokens)] == tokens
                assert set(new[row][number][len(tokens) :]) <= {0, eos}  # what fills the rest
                assert float(scores[row, number]) == pytest.approx(score, abs=1e-5)


def test_sampling_draws_from_the_loops_distribution() -> None:
    model = make("luong").double()
    translator, rows = Translator(model), random_rows(11, (4, 2))
    options, applied = WARPERS["top_p"]
    torch.manual_seed(7)
    found = model.generate(
        **padded(rows, "right"),
        max_new_tokens=NEW,
        do_sample=True,
        **{"top_k": 0, **options},
        output_scores=True,
        return_dict_in_generate=True,
    )
    for row, ids in enumerate(rows):
        states = translator.take(ids.tolist()).start(1)
        for step, token in enumerate(found.sequences[row, :-1]):
            logits, states = translator.step(token.view(1), states)
            scores = applied[0](found.sequences[row : row + 1], logits.float())
            torch.testing.assert_close(found.scores[step][row], scores[0])


def test_the_alignment_is_that_of_the_loop(case: Any) -> None:
    model, translator, rows = case
    if model.config.attention_type == "none":
        batch = padded(rows, "right")
        found = model(**batch, decoder_input_ids=torch.ones(4, 1).long(), output_attentions=True)
        assert found.cross_attentions is None
        return
    targets = random_rows(13, (4, 2, 0, 3), seed=1)
    batch = padded(rows, "left")
    own = padded(targets, "left")
    found = model(
        **batch,
        decoder_input_ids=own["input_ids"],
        decoder_attention_mask=own["attention_mask"],
        output_attentions=True,
    )
    (attentions,) = found.cross_attentions
    assert attentions.shape == (4, 1, 4, 5)
    for row, (ids, target) in enumerate(zip(rows, targets, strict=True)):
        states = translator.take(ids.tolist()).start(1)
        weights = attentions[row, 0]
        assert not weights[: 4 - len(target)].any()
        assert not weights[:, : 5 - len(ids)].any()
        for step, token in enumerate(target):
            logits, states = translator.step(token.view(1), states)
            place = 4 - len(target) + step
            torch.testing.assert_close(weights[place, 5 - len(ids) :], translator.seen)
            torch.testing.assert_close(found.logits[row, place], logits[0])
