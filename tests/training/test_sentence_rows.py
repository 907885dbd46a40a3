"""The sentences of a text train a bidirectional language model with the plain Trainer."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import Subset
from transformers import Trainer, TrainingArguments

from hf_recurrent import ElmoConfig, ElmoForPreTraining, ElmoTokenizer
from hf_recurrent.training import (
    SentenceRows,
    StateCarrier,
    bidirectional_perplexity,
    collate_sentences,
    count_tokens,
)
from hf_recurrent.vectors import elmo_tokenizer, tokenizer_from_texts

SENTENCES = ["a bank .", "", "the river", "a river bank of a river", ".", "of a bank"]


@pytest.fixture(scope="module")
def tokenizer() -> ElmoTokenizer:
    return elmo_tokenizer(["a", "bank", ".", "river"])


def make(tokenizer: ElmoTokenizer, **fields: Any) -> ElmoForPreTraining:
    torch.manual_seed(0)
    config = ElmoConfig(
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        character_size=3,
        filters=[[1, 4], [2, 6]],
        num_highway_layers=1,
        hidden_size=8,
        cell_size=12,
        **fields,
    )
    return ElmoForPreTraining(config)


def test_rows_are_what_the_tokenizer_gives(tokenizer: ElmoTokenizer) -> None:
    rows = SentenceRows(SENTENCES, tokenizer, longest=4)
    pieces = ["a bank .", "the river", "a river bank of", "a river", ".", "of a bank"]
    assert len(rows) == rows.sentences == len(pieces)
    batch = collate_sentences(list(rows))
    expected = tokenizer(pieces, padding=True, return_tensors="pt")
    assert torch.equal(batch["attention_mask"], expected["attention_mask"])
    assert torch.equal(batch["char_ids"], expected["char_ids"])
    real = batch["attention_mask"] == 1
    assert torch.equal(batch["labels"], expected["input_ids"].where(real, -100))
    assert rows.labels.tolist() == batch["labels"][real].tolist()


def test_long_words_that_begin_alike_keep_their_own_labels() -> None:
    tokenizer = elmo_tokenizer(["x" * 60, "x" * 61])
    rows = SentenceRows([f"{'x' * 61} {'x' * 60} {'x' * 62}"], tokenizer)
    assert rows[0]["labels"].tolist() == [1, 0, tokenizer.unk_token_id]


def test_streams_go_through_the_text_side_by_side(tokenizer: ElmoTokenizer) -> None:
    rows = SentenceRows([str(number) for number in range(7)], elmo_tokenizer(map(str, range(7))),
                        streams=3)  # fmt: skip
    found = [(row["labels"].tolist(), row["row"], row["continues"]) for row in rows]
    streams = [[labels for labels, *_ in found[place::3]] for place in range(3)]
    assert streams == [[[0], [1], []], [[2], [3], []], [[4], [5], [6]]]
    assert [continues for *_, continues in found] == [-1, -1, -1, 0, 1, 2, 3, 4, 5]
    assert rows[0]["mean_items"] == pytest.approx(7 / 3)


def test_what_is_refused(tokenizer: ElmoTokenizer) -> None:
    for given, named in (
        ({"longest": 0}, "longest is 0"),
        ({"streams": 0}, "streams is 0"),
        ({"streams": 9}, "5 sentences, which is too few for 9 streams"),
    ):
        with pytest.raises(ValueError, match=named):
            SentenceRows(SENTENCES, tokenizer, **given)
    with pytest.raises(ValueError, match="have no words"):
        SentenceRows(["", " "], tokenizer)
    with pytest.raises(ValueError, match="sentences must be several texts"):
        SentenceRows("a bank", tokenizer)
    with pytest.raises(ValueError, match="returns no char_ids, expected an ElmoTokenizer"):
        SentenceRows(SENTENCES, tokenizer_from_texts(SENTENCES))
    with pytest.raises(IndexError, match="row 5"):
        SentenceRows(SENTENCES, tokenizer)[5]
    with pytest.raises(ValueError, match="there are no rows with words"):
        bidirectional_perplexity(make(tokenizer), Subset(SentenceRows(["a"], tokenizer), []))
    with pytest.raises(ValueError, match="laid out in streams"):
        bidirectional_perplexity(make(tokenizer), SentenceRows(SENTENCES, tokenizer, streams=2))


def arguments(folder: Path, **given: Any) -> TrainingArguments:
    return TrainingArguments(
        str(folder),
        per_device_train_batch_size=2,
        learning_rate=0.02,
        lr_scheduler_type="constant",
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        **given,
    )


def test_perplexity_is_that_of_the_losses_and_falls(
    tokenizer: ElmoTokenizer, tmp_path: Path
) -> None:
    """With negatives that are drawn, evaluated with all words."""
    fields = {"output_loss": "sampled_softmax", "output_loss_config": {"negatives": 5}}
    model, rows = make(tokenizer, **fields), SentenceRows(SENTENCES, tokenizer)
    counts = count_tokens([rows.labels], len(tokenizer))
    model.set_token_counts(counts + 1)
    before = bidirectional_perplexity(model, rows, batch_size=2)
    assert model.training
    with torch.no_grad():
        found = model.eval()(**collate_sentences(list(rows)))
    assert before["forward_perplexity"] == pytest.approx(math.exp(float(found.forward_loss)))
    assert before["backward_perplexity"] == pytest.approx(math.exp(float(found.backward_loss)))
    assert before["words"] == len(rows.labels)
    assert before["loss"] == pytest.approx(math.log(before["perplexity"]))
    Trainer(
        model, arguments(tmp_path, num_train_epochs=8), train_dataset=rows,
        data_collator=collate_sentences,
    ).train()  # fmt: skip
    after = bidirectional_perplexity(model, rows)
    assert after["perplexity"] < 0.8 * before["perplexity"]
    with torch.no_grad():
        model.lm_head.bias[-1] = 1e4
    assert bidirectional_perplexity(model, rows)["perplexity"] == math.exp(700)


def test_states_go_on_from_sentence_to_sentence(tokenizer: ElmoTokenizer, tmp_path: Path) -> None:
    """The loss of an epoch is that of a loop that carries the states by hand."""
    model, rows = make(tokenizer), SentenceRows(SENTENCES, tokenizer, streams=2)
    losses, states = [], {}
    for step in range(0, len(rows), 2):
        batch = collate_sentences([rows[step], rows[step + 1]])
        for name in ("row", "continues", "mean_items"):
            del batch[name]
        with torch.no_grad():
            output = model(**batch, **states, output_final_state=True)
        states = {
            f"initial_{kind}_state": output[f"final_{kind}_state"] for kind in ("hidden", "cell")
        }
        losses.append(float(output.loss))
    training = arguments(tmp_path, max_steps=3, train_sampling_strategy="sequential")
    training.learning_rate = 0.0
    seen: list[float] = []
    model.register_forward_hook(lambda m, a, out: seen.append(float(out.loss)))
    Trainer(
        model, training, train_dataset=rows, data_collator=collate_sentences,
        callbacks=[StateCarrier()],
    ).train()  # fmt: skip
    np.testing.assert_allclose(seen, losses, atol=1e-5)
    reset = [float(make(tokenizer)(**collate_sentences([rows[2], rows[3]])).loss)]
    assert abs(reset[0] - losses[1]) > 1e-4  # the states matter
