import pytest
import torch

from hf_recurrent.models.classification import token_mask

IDS = torch.tensor([[5, 6], [7, 0]])


def test_without_a_mask_all_tokens_are_real() -> None:
    assert token_mask(IDS, None, None).all()
    assert token_mask(None, torch.zeros(2, 3, 4), None).shape == (2, 3)


@pytest.mark.parametrize("dtype", [torch.long, torch.int32, torch.bool, torch.float32])
def test_masks_of_any_type(dtype: torch.dtype) -> None:
    mask = token_mask(IDS, None, torch.tensor([[1, 1], [1, 0]]).to(dtype))
    assert mask.tolist() == [[True, True], [True, False]]
