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


def joined_model(frozen: bool) -> RecurrentForSequenceClassification:
    """A model whose ids 4 and 8 to 11 share a row of the second part."""
    torch.manual_seed(0)
    parts = [
        {"kind": "plain", "embedding_size": 2, "frozen": frozen},
        {"kind": "partial", "embedding_size": 3, "rows": 9},
        {"kind": "one_hot"},
    ]
    config = RecurrentConfig(
        vocab_size=12,
        hidden_size=3,
        pad_token_id=0,
        embedding_config={"kind": "joined", "parts": parts},
    )
    made = RecurrentForSequenceClassification(config)
    made.get_input_embeddings().parts[1].row_of_id[4] = 1
    return made


@pytest.mark.parametrize("frozen", [True, False])
def test_look_ups_side_by_side_are_tuned_as_every_row_would_be(frozen: bool, tmp_path) -> None:
    whole = joined_model(frozen)
    rows = copy.deepcopy(whole)
    before = copy.deepcopy(whole.state_dict())
    tune_rows(rows, ROWS)
    tables = [m for m in rows.modules() if isinstance(m, TunedRows)]
    assert [len(table.tuned) for table in tables] == ([4] if frozen else [5, 4])
    train(whole)
    train(rows)
    rows.save_pretrained(tmp_path)
    merge_rows(rows)
    assert not any(isinstance(m, TunedRows) for m in rows.modules())
    loaded = RecurrentForSequenceClassification.from_pretrained(tmp_path)
    assert whole.state_dict().keys() == rows.state_dict().keys() == loaded.state_dict().keys()
    for name, expected in whole.state_dict().items():
        torch.testing.assert_close(
            rows.state_dict()[name], expected, rtol=0, atol=1e-6, msg=name, check_dtype=True
        )
        assert torch.equal(loaded.state_dict()[name], rows.state_dict()[name]), name
    changed = {
        name.removeprefix("model.embed_tokens."): (value != before[name]).any(1).nonzero()
        for name, value in rows.state_dict().items()
        if name.endswith("weight") and "embed_tokens" in name
    }
    moved = {name: ids.flatten().tolist() for name, ids in changed.items()}
    assert moved["parts.0.weight"] == ([] if frozen else [3, 4, 5, 6, 8])
    # The rows of 3, 5 and 6, and the one that 4 and 8 share.
    own = whole.get_input_embeddings().parts[1].row_of_id[[3, 4, 5, 6, 8]]
    assert moved["parts.1.table.weight"] == sorted(set(own.tolist()))


def test_an_id_without_a_row_and_other_widths_are_told_while_rows_are_tuned() -> None:
    rows = model()
    tune_rows(rows, ROWS)
    with pytest.raises(ValueError, match="input_ids holds 12, but the model's embedding has ids"):
        rows(torch.tensor([[3, 12]]))
    with pytest.raises(ValueError, match="inputs_embeds has width 7"):
        rows(inputs_embeds=torch.zeros(1, 2, 7))


def test_characters_beside_a_look_up_are_trained_as_they_are() -> None:
    parts = [
        {"kind": "plain", "embedding_size": 2},
        {"kind": "char_cnn", "num_characters": 6, "filters": 3},
        {"kind": "char_lstm", "num_characters": 6, "character_hidden_size": 2},
    ]
    torch.manual_seed(0)
    config = RecurrentConfig(
        vocab_size=12,
        hidden_size=3,
        pad_token_id=0,
        embedding_config={"kind": "joined", "parts": parts},
    )
    whole = RecurrentForSequenceClassification(config)
    rows, before = copy.deepcopy(whole), copy.deepcopy(whole.state_dict())
    tune_rows(rows, ROWS)
    assert [type(m) for m in rows.get_input_embeddings().parts] == [
        TunedRows,
        *(type(m) for m in whole.get_input_embeddings().parts[1:]),
    ]
    characters = torch.tensor([[0, 0], [2, 4], [2, 5]])
    ids = torch.tensor(ROWS)
    for trained in (whole, rows):
        parameters = [p for p in trained.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(parameters, lr=0.1, weight_decay=0.0)
        batch = {"char_ids": characters[ids % 3], "labels": torch.tensor([0, 1, 1])}
        for _ in range(3):
            optimizer.zero_grad()
            trained(ids, (ids != 0).long(), **batch).loss.backward()
            optimizer.step()
    merge_rows(rows)
    for name, expected in whole.state_dict().items():
        torch.testing.assert_close(rows.state_dict()[name], expected, rtol=0, atol=1e-6, msg=name)
        if "parts.1" in name or "parts.2" in name:
            assert not torch.equal(expected, before[name]), name
