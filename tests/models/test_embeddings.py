import numpy as np
import pytest
import torch
from torch import nn

from hf_recurrent.models.embeddings import LockedDropout, set_word_vectors

ONES = torch.ones(50, 20, 30)


@pytest.mark.parametrize("locked", [False, True])
def test_dropout_keeps_the_scale_and_rests_outside_training(locked: bool) -> None:
    torch.manual_seed(0)
    dropout = LockedDropout(0.25, locked)
    dropped = dropout(ONES)
    assert dropped.unique().tolist() == pytest.approx([0, 4 / 3])
    assert dropped.mean().item() == pytest.approx(1, abs=0.03)
    assert torch.equal(dropout.eval()(ONES), ONES)
    assert torch.equal(LockedDropout(0.0, locked)(ONES), ONES)


def test_locked_dropout_has_one_mask_for_all_steps() -> None:
    torch.manual_seed(0)
    dropped = LockedDropout(0.5, locked=True)(ONES)
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert not torch.equal(dropped[0], dropped[1])  # but one of its own for each row
    free = LockedDropout(0.5, locked=False)(ONES)
    assert not torch.equal(free, free[:, :1].expand_as(free))


def test_dropout_keeps_the_type() -> None:
    assert LockedDropout(0.5, locked=True)(ONES.bfloat16()).dtype == torch.bfloat16


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_word_vectors_of_any_type(dtype: type) -> None:
    matrix = np.arange(8).reshape(4, 2).astype(dtype)
    embedding = nn.Embedding(4, 2)
    set_word_vectors(embedding, matrix)
    assert embedding.weight.dtype == torch.float32
    assert embedding.weight.tolist() == matrix.tolist()
