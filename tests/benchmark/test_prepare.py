from pathlib import Path

import numpy as np
import pytest

from hf_recurrent.benchmark.prepare import prepare
from hf_recurrent.benchmark.settings import BenchmarkSettings
from hf_recurrent.tasks.input_layers import load_inputs

from .conftest import sentences, write_csv


def prepared(path: Path, **changes):
    return prepare(BenchmarkSettings(dataset=str(path), **changes))


def test_the_digest_knows_texts_labels_and_splits(tmp_path: Path) -> None:
    rows = sentences(60)
    first = prepared(write_csv(tmp_path / "a.csv", rows))
    assert prepared(write_csv(tmp_path / "b.csv", rows)).digest == first.digest
    other = [*rows[:-1], (rows[-1][0], "good")]
    assert prepared(write_csv(tmp_path / "c.csv", other)).digest != first.digest
    other = [*rows[:-1], (rows[-1][0] + "!", rows[-1][1])]
    assert prepared(write_csv(tmp_path / "d.csv", other)).digest != first.digest


def test_a_limit_keeps_the_classes_and_is_told(reviews: Path) -> None:
    limited = prepared(reviews, limit_train=40)
    labels = limited.data["train"]["label"][:]
    assert len(labels) == 40
    assert sum(labels) == 20
    assert limited.available > 40
    assert limited.digest == prepared(reviews).digest
    assert f"The training part has 40 of {limited.available} rows." in limited.warnings[-1]
    assert set(limited.data["train"]["text"]) <= set(prepared(reviews).data["train"]["text"])


def test_a_limit_below_the_number_of_classes_is_one_sentence(reviews: Path) -> None:
    with pytest.raises(ValueError, match=r"limit_train is 1, .*2 classes") as caught:
        prepared(reviews, limit_train=1)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("size", [30, 126, 127])
def test_a_limit_that_leaves_a_class_without_its_share_is_kept(size: int, tmp_path: Path) -> None:
    rows = [*sentences(158), ("one of its kind", "rare")]
    limited = prepared(write_csv(tmp_path / "a.csv", rows), limit_train=size)
    assert (len(limited.data["train"]), limited.available) == (size, 127)


def test_test_texts_in_the_training_data_are_told(tmp_path: Path) -> None:
    rows = sentences(40)
    write_csv(tmp_path / "train.csv", rows)
    write_csv(tmp_path / "test.csv", sentences(10, seed=1) + rows[:4])
    write_csv(tmp_path / "validation.csv", sentences(9, seed=2))
    (found,) = prepared(tmp_path).warnings
    assert "4 of 14 test texts" in found
    write_csv(tmp_path / "validation.csv", sentences(9, seed=2) + rows[:2])
    assert "2 of 14 test texts stand in the validation part" in prepared(tmp_path).warnings[1]


def test_dropped_duplicates_are_told(tmp_path: Path) -> None:
    rows = sentences(60)
    (found,) = prepared(write_csv(tmp_path / "a.csv", rows + rows[:3])).warnings
    assert "3 of 63 rows were dropped" in found


def test_the_title_holds_no_folder(reviews: Path) -> None:
    assert prepared(reviews).title == "reviews.csv"


def test_a_vocabulary_has_the_words_of_texts_and_vectors(
    reviews: Path, vectors, tmp_path: Path
) -> None:
    vectors.add_vectors(["unseen"], np.ones((1, 4)))
    coverage = prepared(reviews).save_vocabulary("glove", tmp_path / "vocabulary")
    inputs = load_inputs(tmp_path / "vocabulary")
    tokenizer = inputs.tokenizer
    assert inputs.config["vocab_size"] == len(inputs.weights["weight"]) == len(tokenizer)
    assert tokenizer.convert_tokens_to_ids("unseen") != tokenizer.unk_token_id
    assert coverage is not None
    # Each sentence ends in a number, which has no vector.
    assert 0.8 < coverage["share"] < 1
