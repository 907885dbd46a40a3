import copy

import pytest
import torch

from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification
from hf_recurrent.training import merge_rows, tune_rows
from hf_recurrent.training.tuned_rows import TunedRows

ROWS = [[3, 4, 5], [5, 3, 6], [8, 3, 0]]


def model() -> RecurrentForSequenceClassification:
    torch.manual_seed(0)
    config = RecurrentConfig(
        vocab_size=12, embedding_size=4, hidden_size=3, pad_token_id=0, num_labels=2
    )
    return RecurrentForSequenceClassification(config)


def train(model: RecurrentForSequenceClassification) -> None:
    ids = torch.tensor(ROWS)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=0.1, weight_decay=0.0)
    for _ in range(5):
        loss = model(ids, (ids != 0).long(), labels=torch.tensor([0, 1, 1])).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 0.1)
        optimizer.step()


def test_gives_the_model_that_tuning_every_row_gives() -> None:
    whole = model()
    rows = copy.deepcopy(whole)
    tune_rows(rows, ROWS)
    train(whole)
    train(rows)
    merge_rows(rows)
    assert type(rows.get_input_embeddings()) is torch.nn.Embedding
    for (name, expected), (_, given) in zip(
        whole.named_parameters(), rows.named_parameters(), strict=True
    ):
        torch.testing.assert_close(given, expected, rtol=0, atol=1e-6, msg=name)
    assert not torch.equal(
        whole.get_input_embeddings().weight, model().get_input_embeddings().weight
    )


def test_a_checkpoint_made_in_training_is_that_of_a_plain_model(tmp_path) -> None:
    rows = model()
    tune_rows(rows, ROWS)
    train(rows)
    rows.save_pretrained(tmp_path)
    plain = RecurrentForSequenceClassification.from_pretrained(tmp_path)
    other = model()
    tune_rows(other, ROWS)
    other.load_state_dict(rows.state_dict())
    merge_rows(rows)
    for name, value in rows.state_dict().items():
        assert torch.equal(plain.state_dict()[name], value), name
    # The tuned rows are those of the checkpoint too, and go on being tuned.
    embedding, expected = other.get_input_embeddings(), rows.get_input_embeddings().weight
    assert isinstance(embedding, TunedRows)
    assert torch.equal(embedding.tuned, expected[embedding.rows])
    train(other)
    assert not torch.equal(embedding.merged().weight, expected)


def test_a_checkpoint_of_another_size_is_refused() -> None:
    rows = model()
    tune_rows(rows, ROWS)
    state = {n: v[:5] if "embed" in n else v for n, v in rows.state_dict().items()}
    with pytest.raises(RuntimeError, match="size mismatch"):
        rows.load_state_dict(state)


def test_trains_just_the_rows_that_occur() -> None:
    rows = model()
    before = rows.get_input_embeddings().weight.detach().clone()
    tune_rows(rows, ROWS)
    embedding = rows.get_input_embeddings()
    assert isinstance(embedding, TunedRows)
    assert embedding.tuned.shape == (5, 4)  # 3, 4, 5, 6, 8: the padding is not tuned
    train(rows)
    merge_rows(rows)
    after = rows.get_input_embeddings().weight
    changed = (after != before).any(1).nonzero().flatten().tolist()
    assert changed == [3, 4, 5, 6, 8]


def test_refuses_rows_without_ids() -> None:
    with pytest.raises(ValueError, match="no id occurs"):
        tune_rows(model(), [[], [0]])
    with pytest.raises(ValueError, match="no id occurs"):
        tune_rows(model(), [])


def test_merging_a_plain_model_changes_nothing() -> None:
    plain = model()
    embedding = plain.get_input_embeddings()
    merge_rows(plain)
    assert plain.get_input_embeddings() is embedding


def test_another_input_layer_is_refused() -> None:
    config = RecurrentConfig(
        vocab_size=9, embedding_size=9, hidden_size=3, embedding_config={"kind": "one_hot"}
    )
    with pytest.raises(ValueError, match="only the rows of a plain look-up"):
        tune_rows(RecurrentForSequenceClassification(config), [[1, 2]])
