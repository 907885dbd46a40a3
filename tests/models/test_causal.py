"""Language models: the loss and its labels, what they refuse, and tied weights."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, DynamicCache
from transformers.trainer_pt_utils import LabelSmoother

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent.vectors import language_model_tokenizer
from tests.common.bad_input import assert_one_sentence
from tests.common.one_step import train_one_step

IDS = torch.tensor([[3, 4, 5, 6], [7, 8, 9, 2]])
TINY: dict[str, Any] = {"vocab_size": 13, "embedding_size": 5, "hidden_size": 4}


def make(**fields: Any) -> RecurrentForCausalLM:
    torch.manual_seed(0)
    return RecurrentForCausalLM(RecurrentConfig(**{**TINY, **fields})).eval()


def log_p(model: RecurrentForCausalLM, ids: list[int]) -> torch.Tensor:
    """Return the log-probability of each token of a row after its first."""
    row = torch.tensor([ids])
    scores = model(input_ids=row).logits.log_softmax(-1)[0, :-1]
    return scores.gather(1, row[0, 1:, None])[:, 0]


def test_each_token_predicts_the_label_of_the_next() -> None:
    model = make()
    expected = -torch.cat([log_p(model, row) for row in IDS.tolist()]).mean()
    torch.testing.assert_close(model(input_ids=IDS, labels=IDS).loss, expected)


@pytest.mark.parametrize("side", ["right", "left", "holes"])
def test_a_padded_row_has_the_loss_of_the_row_alone(side: str) -> None:
    model = make()
    rows = [[3, 4, 5], [7, 8]]
    places = {"right": [0, 1, 2], "left": [2, 3, 4], "holes": [0, 2, 4]}[side]
    ids, mask = torch.full((2, 5), 11), torch.zeros(2, 5, dtype=torch.long)
    for number, row in enumerate(rows):
        own = places[: len(row)] if side != "left" else places[-len(row) :]
        ids[number, own] = torch.tensor(row)
        mask[number, own] = 1
    total = -torch.cat([log_p(model, row) for row in rows]).sum()
    for labels in (ids, ids.where(mask.bool(), -100)):
        output = model(input_ids=ids, attention_mask=mask, labels=labels)
        torch.testing.assert_close(output.loss, total / 3)
        output = model(input_ids=ids, attention_mask=mask, labels=labels, num_items_in_batch=7)
        torch.testing.assert_close(output.loss, total / 7)


def test_shifted_labels_reach_over_the_end_of_a_window() -> None:
    model = make(cell_type="lstm")
    whole = torch.cat([log_p(model, row) for row in IDS.tolist()]).view(2, 3)
    first, second = IDS[:, :2], IDS[:, 2:]
    output = model(
        input_ids=first,
        labels=first,
        shift_labels=IDS[:, 1:3],
        num_items_in_batch=6,
        output_final_state=True,
    )
    torch.testing.assert_close(output.loss, -whole[:, :2].sum() / 6)
    last = torch.tensor([[2], [2]])
    output = model(
        input_ids=second,
        labels=second,
        shift_labels=torch.cat([IDS[:, 3:], last * 0 - 100], dim=1),
        initial_hidden_state=output.final_hidden_state,
        initial_cell_state=output.final_cell_state,
        num_items_in_batch=torch.tensor(6),
    )
    torch.testing.assert_close(output.loss, -whole[:, 2:].sum() / 6)


def test_trainer_counts_shifted_labels_too(tmp_path: Path) -> None:
    """The step on two accumulated batches is that on the whole batch."""
    rows = [
        {"input_ids": ids, "labels": ids, "shift_labels": [*ids[1:], last]}
        for ids, last in zip(IDS.tolist(), [5, -100], strict=True)
    ]
    model = make()
    batch = {name: torch.tensor([row[name] for row in rows]) for name in rows[0]}
    loss = model(**batch).loss
    loss.backward()
    expected = {n: p.detach() - p.grad for n, p in model.named_parameters()}
    model.zero_grad()
    train_one_step(model, rows, 1, 2, tmp_path, remove_unused_columns=False)
    for name, value in model.named_parameters():
        torch.testing.assert_close(value, expected[name], rtol=1e-5, atol=1e-5)


def test_label_smoothing_counts_in_training_only() -> None:
    model, smooth = make(), make(label_smoothing=0.2)
    output = smooth(input_ids=IDS, labels=IDS)
    torch.testing.assert_close(output.loss, model(input_ids=IDS, labels=IDS).loss)
    smooth.train()
    output = smooth(input_ids=IDS, labels=IDS)
    expected = LabelSmoother(epsilon=0.2)(output, IDS, shift_labels=True)
    torch.testing.assert_close(output.loss, expected)


def test_label_smoothing_of_trainer_shifts_the_labels(tmp_path: Path) -> None:
    model, rows = make(), [{"input_ids": ids, "labels": ids} for ids in IDS.tolist()]
    LabelSmoother(epsilon=0.2)(model(input_ids=IDS), IDS, shift_labels=True).backward()
    expected = {n: p.detach() - p.grad for n, p in model.named_parameters()}
    model.zero_grad()
    train_one_step(model, rows, 2, 1, tmp_path, label_smoothing_factor=0.2)
    for name, value in model.named_parameters():
        torch.testing.assert_close(value, expected[name], rtol=1e-5, atol=1e-5)


INPUT_LAYERS: dict[str, dict[str, Any]] = {
    "ngram": {"min_n": 2, "max_n": 3, "bucket": 11},
    "char_cnn": {"num_characters": 9, "filters": 3},
    "one_hot": {},
    "fp16": {},
    "int8": {},
    "partial": {"rows": 6},
}


@pytest.mark.parametrize("kind", INPUT_LAYERS)
def test_any_input_layer_trains_and_what_reads_ids_generates(kind: str) -> None:
    model = make(embedding_config={"kind": kind, **INPUT_LAYERS[kind]})
    extra = model.get_input_embeddings().extra_inputs
    given = {name: IDS.unsqueeze(-1) % 5 for name in extra}
    model(input_ids=IDS, labels=IDS, **given).loss.backward()
    assert model.lm_head.weight.grad.any()
    if not extra:
        assert model.generate(IDS, max_new_tokens=3).shape == (2, 7)
        return
    with pytest.raises(ValueError, match=r"reads .* beside input_ids") as caught:
        model.generate(IDS, max_new_tokens=3, **given)
    assert_one_sentence(caught.value, *extra)


@pytest.mark.parametrize("kind", ["ngram", "partial"])
def test_the_output_layer_is_resized_with_the_input_layer(kind: str) -> None:
    model = make(embedding_config={"kind": kind, **INPUT_LAYERS[kind]})
    extra = model.get_input_embeddings().extra_inputs
    given = {name: IDS.unsqueeze(-1) % 5 for name in extra}
    before = model(IDS, **given).logits
    model.resize_token_embeddings(15)
    after = model(IDS, **given).logits
    assert after.shape == (2, 4, 15)
    torch.testing.assert_close(after[..., :13], before)


@pytest.mark.parametrize("width", [5, 4])
def test_tied_weights_are_one_tensor_also_when_loaded(tmp_path: Path, width: int) -> None:
    model = make(embedding_size=width, tie_word_embeddings=True)
    assert (model.projection is None) == (width == 4)
    assert model.lm_head.weight is model.get_input_embeddings().weight
    model.save_pretrained(tmp_path)
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path)
    assert loaded.lm_head.weight is loaded.get_input_embeddings().weight
    assert torch.equal(loaded(IDS).logits, model(IDS).logits)
    loaded.resize_token_embeddings(15)
    assert loaded.lm_head.weight is loaded.get_input_embeddings().weight
    assert loaded(IDS).logits.shape == (2, 4, 15)


@pytest.mark.parametrize("kept", [1, 3, torch.tensor([0, 2])])
def test_logits_to_keep(kept: Any) -> None:
    model = make()
    mask = torch.tensor([[0, 1, 1, 1], [1, 1, 1, 0]])
    logits = model(input_ids=IDS, attention_mask=mask).logits
    expected = logits[:, -kept:] if isinstance(kept, int) else logits[:, kept]
    found = model(input_ids=IDS, attention_mask=mask, logits_to_keep=kept).logits
    torch.testing.assert_close(found, expected)


def test_a_cache_is_made_where_it_is_useful() -> None:
    model = make()
    assert model(IDS).past_key_values.get_seq_length() == 4
    for more in ({"labels": IDS}, {"use_cache": False}):
        assert "past_key_values" not in model(IDS, **more)
    assert "past_key_values" in model(IDS, labels=IDS, use_cache=True)
    assert "past_key_values" not in model.train()(IDS)


def _cache(rows: int, **fields: Any) -> DynamicCache:
    return make(**fields)(IDS[:rows]).past_key_values


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "labels of another shape": ({"labels": IDS[:, :3]}, ["labels", "(2, 3)", "(2, 4)"]),
    "labels that are no ids": ({"labels": IDS.float()}, ["labels", "float32"]),
    "an unknown label": ({"labels": IDS + 9}, ["13", "0 to 12"]),
    "some logits": ({"labels": IDS, "logits_to_keep": 1}, ["logits_to_keep"]),
    "a tuple": ({"past_key_values": ((1, 2),)}, ["past_key_values", "tuple", "DynamicCache"]),
    "another batch": ({"past_key_values": _cache(1)}, ["past_key_values", "1 rows", "2"]),
    "another width": ({"past_key_values": _cache(2, hidden_size=7)}, ["width 4", "width 7"]),
    "more layers": (
        {"past_key_values": _cache(2, num_hidden_layers=2)},
        ["1 layers", "has 2 of"],
    ),
    "another cell": ({"past_key_values": _cache(2, cell_type="gru")}, ["with a cell state"]),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_in_one_sentence(case: str) -> None:
    arguments, named = BAD[case]
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is checked below
        make()(input_ids=IDS, **arguments)
    assert_one_sentence(caught.value, *named)


def test_continuous_batching_is_refused() -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        make().generate_batch([[3, 4]])
    assert_one_sentence(caught.value, "continuous batching", "generate")


@pytest.mark.parametrize("kind", ["words", "whitespace", "characters", "bytes"])
def test_a_stopping_string_ends_a_text_whatever_its_tokens_are(kind: str) -> None:
    tokenizer = language_model_tokenizer("the old king met a new queen , and the queen him", kind)
    model = make(vocab_size=len(tokenizer), initializer_range=1.0)
    ids = tokenizer("the king", return_tensors="pt").input_ids
    start, settings = ids.shape[1], {"max_new_tokens": 12, "do_sample": True}
    settings["suppress_tokens"] = [*range(97), *range(123, 258)] if kind == "bytes" else None
    torch.manual_seed(1)
    (free,) = model.generate(ids, **settings)
    stop = tokenizer.decode(free[start + 4]).strip() or " "
    torch.manual_seed(1)
    (found,) = model.generate(ids, **settings, stop_strings=[stop], tokenizer=tokenizer)
    assert found.tolist() == free[: len(found)].tolist()
    assert len(found) <= start + 5
    assert stop in tokenizer.decode(found[start:])
    assert stop not in tokenizer.decode(found[start:-1])
