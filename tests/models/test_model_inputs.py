import pytest
import torch
from torch import nn

from hf_recurrent.models.model_inputs import ModelInputs, embed

IDS = torch.tensor([[5, 6], [7, 0]])


def test_without_a_mask_all_steps_are_real() -> None:
    for name, value in (
        ("input_ids", IDS),
        ("input_features", torch.zeros(2, 2, 3)),
        ("inputs_embeds", torch.zeros(2, 2, 4)),
    ):
        main = "input_ids" if name == "inputs_embeds" else name
        mask = ModelInputs.of(main, None, {name: value, "char_ids": None}).mask
        assert mask.tolist() == [[True, True], [True, True]]


@pytest.mark.parametrize("dtype", [torch.long, torch.int32, torch.bool, torch.float32])
def test_masks_of_any_type(dtype: torch.dtype) -> None:
    mask = torch.tensor([[1, 1], [1, 0]]).to(dtype)
    found = ModelInputs.of("input_ids", mask, {"input_ids": IDS}).mask
    assert found.tolist() == [[True, True], [True, False]]


def test_ids_in_the_padding_are_not_read() -> None:
    embedding, ids = nn.Embedding(4, 2), torch.tensor([[1, 99, -5]])
    inputs = ModelInputs.of("input_ids", torch.tensor([[1, 0, 0]]), {"input_ids": ids})
    assert torch.equal(embed(embedding, inputs)[0, 0], embedding.weight[1])
    with pytest.raises(ValueError, match="input_ids holds 99, but the model's embedding has ids"):
        embed(embedding, ModelInputs.of("input_ids", None, {"input_ids": ids}))


def test_ids_are_integers_but_for_those_of_an_empty_text() -> None:
    with pytest.raises(ValueError, match=r"input_ids are torch.float32, expected integers"):
        ModelInputs.of("input_ids", None, {"input_ids": torch.ones(1, 2)})
    empty = ModelInputs.of("input_ids", None, {"input_ids": torch.ones(1, 0)})
    assert embed(nn.Embedding(4, 2), empty).shape == (1, 0, 2)


def test_columns_of_padding_are_cut_from_every_input() -> None:
    mask = torch.tensor([[0, 0, 1, 1, 0], [0, 0, 0, 1, 0]])
    given = {"input_ids": torch.arange(10).view(2, 5), "char_ids": torch.ones(2, 5, 3)}
    inputs = ModelInputs.of("input_ids", mask, given).cut()
    assert inputs.given["input_ids"].tolist() == [[2, 3], [7, 8]]
    assert inputs.given["char_ids"].shape == (2, 2, 3)
    assert inputs.mask.tolist() == [[True, True], [False, True]]
