"""The cache of states, and single steps read from it."""

from typing import Any

import pytest
import torch
from transformers import DynamicCache

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from tests.common.bad_input import assert_one_sentence

IDS = torch.tensor([[3, 4, 5, 6], [7, 8, 9, 2], [1, 1, 2, 3]])


def make(**fields: Any) -> RecurrentForCausalLM:
    torch.manual_seed(0)
    tiny: dict[str, Any] = {"vocab_size": 13, "embedding_size": 5, "hidden_size": 4}
    config = RecurrentConfig(**{**tiny, "num_hidden_layers": 2, **fields})
    return RecurrentForCausalLM(config).double().eval()


def states(cache: DynamicCache) -> torch.Tensor:
    kept = [layer.states for layer in cache.layers]
    return torch.cat([torch.cat([one.hidden, one.cell], dim=-1) for one in kept], dim=1)


def test_rows_of_a_cache_are_chosen_repeated_and_forgotten() -> None:
    model = make()
    cache = model(IDS).past_key_values
    before = states(cache)
    assert (cache.get_seq_length(), cache.batch_size) == (4, 3)
    cache.reorder_cache(torch.tensor([2, 0, 0]))
    assert torch.equal(states(cache), before[[2, 0, 0]])
    cache.batch_select_indices(torch.tensor([1]))
    cache.batch_repeat_interleave(2)
    assert torch.equal(states(cache), before[[0, 0]])
    cache.reset()
    assert (cache.get_seq_length(), cache.batch_size) == (0, -1)
    output = model(IDS, past_key_values=cache)
    assert torch.equal(states(output.past_key_values), before)


def test_a_cache_goes_back_to_what_it_kept() -> None:
    model = make()
    cache = DynamicCache(config=model.config)
    cache.activate_past_recording()
    model(IDS, past_key_values=cache, logits_to_keep=2)
    cache.crop(-2)
    torch.testing.assert_close(states(cache), states(model(IDS[:, :2]).past_key_values))
    assert cache.get_seq_length() == 2
    for back, named in ((-1, "cannot go back to 1"), (1, "minus the number")):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is checked below
            cache.crop(back)
        assert_one_sentence(caught.value, named)


def test_a_cache_without_a_configuration_gets_its_layers() -> None:
    model, cache = make(), DynamicCache()
    found = model(IDS[:, 2:], past_key_values=model(IDS[:, :2], past_key_values=cache)[1])
    torch.testing.assert_close(found.logits, model(IDS).logits[:, 2:])
    assert len(cache) == 2


@pytest.mark.parametrize(
    ("made", "rows", "named"),
    [
        ({}, 2, "of another batch: it holds 2 rows, and 3 were given"),
        ({"cell_type": "gru"}, 3, "and the cache has 2 of width 4, without a cell state"),
        ({"hidden_size": 6}, 3, "and the cache has 2 of width 6, with a cell state"),
        ({"num_hidden_layers": 1}, 3, "this one has 2 layers of width 4, with a cell state"),
    ],
)
def test_a_cache_of_another_model_or_batch_is_refused(made, rows: int, named: str) -> None:
    cache = make(**made)(IDS[:rows]).past_key_values
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is checked below
        make()(IDS, past_key_values=cache)
    assert_one_sentence(caught.value, named)


def test_an_empty_cache_of_another_model_is_refused() -> None:
    cache = DynamicCache(config=make(num_hidden_layers=1).config)
    with pytest.raises(ValueError, match="and the cache has 1 without states"):
        make()(IDS, past_key_values=cache)


def test_a_cache_of_keys_and_values_is_refused() -> None:
    cache = DynamicCache()
    for layer in range(2):
        cache.update(torch.zeros(3, 1, 4, 2), torch.zeros(3, 1, 4, 2), layer)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is checked below
        make()(IDS, past_key_values=cache)
    assert_one_sentence(caught.value, "of another model: it holds keys and values")


def test_the_cache_does_not_grow_with_what_is_generated() -> None:
    model = make()
    sizes = []
    for tokens in (2, 30):
        made = model.generate(IDS, max_new_tokens=tokens, return_dict_in_generate=True)
        held = [state for layer in made.past_key_values.layers for state in layer.kept()]
        sizes.append(sum(state.hidden.numel() + state.cell.numel() for state in held))
    assert sizes == [2 * 3 * 2 * 4] * 2


@pytest.mark.parametrize(
    "asked", ["hooks", "hidden states", "final states", "gradients", "vectors"]
)
def test_a_single_step_gives_what_is_asked_for(asked: str) -> None:
    model, seen = make(), []
    cache = model(IDS[:, :3]).past_key_values
    given: dict[str, Any] = {"input_ids": IDS[:, 3:]}
    if asked == "hooks":
        model.model.register_forward_hook(lambda *_: seen.append(1))
        model.model.layers[1].register_forward_hook(lambda *_: seen.append(2))
    elif asked == "hidden states":
        given["output_hidden_states"] = True
    elif asked == "final states":
        given["output_final_state"] = True
    elif asked == "vectors":
        given = {"inputs_embeds": model.get_input_embeddings()(IDS[:, 3:])}
    output = model(**given, past_key_values=cache)
    whole = model(IDS, output_hidden_states=True, output_final_state=True)
    torch.testing.assert_close(output.logits, whole.logits[:, 3:])
    if asked == "hooks":
        assert seen[:2] == [2, 1]
    elif asked == "hidden states":
        for one, other in zip(output.hidden_states, whole.hidden_states, strict=True):
            torch.testing.assert_close(one, other[:, 3:])
    elif asked == "final states":
        torch.testing.assert_close(output.final_cell_state, whole.final_cell_state)
    elif asked == "gradients":
        output.logits.sum().backward()
        assert model.model.layers[0].weight_hh_l0.grad.any()


def test_generation_begins_with_given_states() -> None:
    model = make(cell_type="gru")
    start = torch.randn(3, 2, 4, dtype=torch.float64)
    found = model.generate(IDS, initial_hidden_state=start, max_new_tokens=4)
    for length in range(4, 8):
        logits = model(found[:, :length], initial_hidden_state=start).logits[:, -1]
        assert torch.equal(logits.argmax(-1), found[:, length])
    beams = model.generate(IDS, initial_hidden_state=start, max_new_tokens=4, num_beams=2)
    assert beams.shape == found.shape
