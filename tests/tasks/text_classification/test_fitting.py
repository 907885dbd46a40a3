import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification

from hf_recurrent.tasks import networks
from hf_recurrent.tasks.encoders import load_encoder
from hf_recurrent.tasks.input_layers import WEIGHTS_FILE
from hf_recurrent.tasks.text_classification.encoding import texts_and_labels
from hf_recurrent.tasks.text_classification.fitting import fit_encoder
from hf_recurrent.training import ThreadSearch, length_grouped_order

AUTO = AutoModelForSequenceClassification
STEEP = {"learning_rate": 0.02, "hidden_size": 8, "batch_size": 8, "epochs": 6}


def accuracy(fitted, rows) -> float:
    texts, labels = texts_and_labels(rows)
    return float(np.mean(np.asarray(fitted.predict(texts)) == labels))


@pytest.mark.parametrize("model", ["mean", "gru", "bilstm-attention"])
def test_a_word_model_learns_and_is_saved_as_it_predicts(model: str, given, vectors) -> None:
    work, place = given(model, "glove:tuned", values=STEEP)
    fitted = work.row.fit(work)
    assert accuracy(fitted, work.data["test"]) > 0.8
    assert fitted.validation == max(fitted.curve)
    assert len(fitted.curve) == fitted.epochs <= 6
    assert fitted.training_seconds > 0
    assert len(work.data["train"]) * fitted.epochs / fitted.training_rate < fitted.training_seconds

    fitted.save(place.model)
    loaded = AutoModelForSequenceClassification.from_pretrained(place.model)
    assert loaded.config.id2label == dict(enumerate(work.data["train"].features["label"].names))
    assert loaded.num_parameters() == fitted.parameters


def test_frozen_embeddings_stay_and_do_not_count_as_trained(given, vectors) -> None:
    work, place = given("lstm", "glove:frozen", values=STEEP)
    fitted = work.row.fit(work)
    fitted.save(place.model)
    loaded = AutoModelForSequenceClassification.from_pretrained(place.model)
    matrix = load_file(place.vocabulary / WEIGHTS_FILE)["weight"]
    assert torch.equal(loaded.get_input_embeddings().weight, matrix)
    assert fitted.parameters - fitted.trainable_parameters == matrix.numel()


def test_tuned_embeddings_move_where_words_occur(given, vectors) -> None:
    work, place = given("lstm", "glove:tuned", values=STEEP)
    fitted = work.row.fit(work)
    fitted.save(place.model)
    loaded = AutoModelForSequenceClassification.from_pretrained(place.model)
    matrix = load_file(place.vocabulary / WEIGHTS_FILE)["weight"]
    moved = (loaded.get_input_embeddings().weight != matrix).any(1)
    assert moved.any()
    assert not moved[loaded.config.pad_token_id]


def test_random_embeddings_need_no_vectors_and_repeat_themselves(given) -> None:
    work, place = given("rnn", "random:tuned", values=STEEP)
    assert load_file(place.vocabulary / WEIGHTS_FILE) == {}
    first, second = (work.row.fit(work) for _ in range(2))
    assert first.curve == second.curve
    # Words that stand once are unknown, so that the unknown word is trained.
    assert first.parameters < 100 * 100 + 8 * (100 + 8 + 2) + 8 * 2 + 2


def test_attention_explains_and_other_poolings_do_not(given, vectors) -> None:
    work, _place = given("bilstm-attention", "glove:tuned", values=STEEP)
    fitted = work.row.fit(work)
    words = fitted.explain("the film is Clever and warm")
    assert [word for word, _ in words] == ["the", "film", "is", "Clever", "and", "warm"]
    assert sum(weight for _, weight in words) == pytest.approx(1, abs=1e-5)
    other = replace(work, values={**work.values, "pooling": "max"})
    assert work.row.fit(other).explain is None


def test_texts_are_cut_and_the_row_says_how_many(given, vectors) -> None:
    work, _place = given("lstm", "glove:tuned", values=STEEP, max_length=3)
    fitted = work.row.fit(work)
    assert fitted.truncation == "3 words, 100.0% of the texts"


def test_what_the_parent_left_is_checked(given, vectors) -> None:
    work, place = given("lstm", "glove:tuned")
    path = place.vocabulary / WEIGHTS_FILE
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'vocab_size\\": ', b'vocab_size\\":9'))
    with pytest.raises(ValueError, match=r"The tokenizer has \d+ ids and the input layer 9\d+"):
        work.row.fit(work)
    path.write_bytes(whole[:-1])
    with pytest.raises(ValueError, match="the file of the word vectors is damaged"):
        work.row.fit(work)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [({"cell_type": "qrnn"}, "cell_type is 'qrnn'"), ({"pooling": "sum"}, "pooling is 'sum'")],
)
def test_an_unknown_cell_or_pooling_is_one_sentence(values, sentence, given, vectors) -> None:
    work, _place = given("lstm", "glove:tuned", values=values)
    with pytest.raises(ValueError, match=sentence):
        work.row.fit(work)


def test_an_encoder_is_fine_tuned(given, encoder: Path) -> None:
    values = {"learning_rate": 0.01, "batch_size": 8, "epochs": 12, "patience": 12}
    work, _place = given("bert-finetuned", baseline=str(encoder), values=values)
    fitted = fit_encoder(work)
    assert accuracy(fitted, work.data["test"]) > 0.8
    assert fitted.trainable_parameters == fitted.parameters
    assert fitted.truncation.startswith("16 word pieces")


def test_a_baseline_with_a_head_for_other_labels_gets_a_fresh_one(
    given, encoder: Path, tmp_path: Path
) -> None:
    old, tokenizer = load_encoder(str(encoder), auto_class=AUTO, id2label={0: "a", 1: "b", 2: "c"})
    old.save_pretrained(tmp_path / "three")
    tokenizer.save_pretrained(tmp_path / "three")
    new, _ = load_encoder(str(tmp_path / "three"), auto_class=AUTO, id2label={0: "a", 1: "b"})
    assert new.classifier.out_features == 2
    name = "embeddings.word_embeddings.weight"
    assert torch.equal(new.bert.state_dict()[name], old.bert.state_dict()[name])


def test_a_damaged_baseline_is_one_sentence(encoder: Path, tmp_path: Path) -> None:
    shutil.copytree(encoder, tmp_path / "bert")
    (tmp_path / "bert" / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(OSError, match=r"The baseline '.*bert' could not be loaded"):
        load_encoder(str(tmp_path / "bert"))


def test_a_baseline_that_is_not_there_is_one_sentence(given, tmp_path: Path) -> None:
    missing = tmp_path / "no-bert"
    missing.mkdir()
    work, _place = given("bert-finetuned", baseline=str(missing))
    with pytest.raises(OSError, match=r"The baseline '.*no-bert' could not be loaded") as caught:
        fit_encoder(work)
    assert "\n" not in str(caught.value)


def test_the_seed_is_that_of_weights_order_and_trainer(given, vectors, monkeypatch) -> None:
    work, _place = given("gru", "glove:tuned", values=STEEP | {"epochs": 1})
    seeds, orders, make = [], [], networks.make_trainer

    def seen(model, tokenizer, arguments, train, validation, **others):
        seeds.append((torch.initial_seed(), arguments.seed))
        trainer = make(model, tokenizer, arguments, train, validation, **others)
        orders.append(trainer.train_dataset.order.tolist())
        return trainer

    monkeypatch.setattr(networks, "make_trainer", seen)
    for seed in (7, 8):
        work.row.fit(replace(work, seed=seed))
    assert seeds == [(7, 7), (8, 8)]
    assert (
        orders[0]
        == length_grouped_order(
            [len(text.split()) for text in work.data["train"]["text"]], 8, 7, 0
        ).tolist()
    )
    assert orders[0] != orders[1]


def test_a_trial_of_threads_changes_no_figure(given, vectors, monkeypatch) -> None:
    work, place = given("gru", "glove:tuned", values=STEEP)
    fixed = work.row.fit(work)
    tried = []

    def find(step, most, use, clock):
        step()
        tried.append(most)
        use(1)
        return 1

    monkeypatch.setattr(networks, "ThreadSearch", partial(ThreadSearch, most=2, find=find))
    values = {name: value for name, value in work.values.items() if name != "threads"}
    searched = work.row.fit(replace(work, values=values))
    assert tried == [2]
    assert searched.threads == fixed.threads == 1
    assert searched.thread_changes == []
    assert searched.curve == fixed.curve
    fixed.save(place.model)
    first = load_file(place.model / "model.safetensors")
    searched.save(place.model)
    second = load_file(place.model / "model.safetensors")
    assert all(torch.equal(first[name], second[name]) for name in first)
