from pathlib import Path

import numpy as np
import pytest

from hf_recurrent.app import WordSet, analogy, near, open_classifier, sets_of_models
from hf_recurrent.vectors import neighbors

from .samples import save_bag, save_bert, vectors

WORDS = WordSet("small", vectors())


def test_neighbours_are_the_nearest_by_cosine() -> None:
    found = near(WORDS, " queen ", count=2)
    rows = WORDS.vectors.vectors / np.linalg.norm(WORDS.vectors.vectors, axis=1, keepdims=True)
    cosines = dict(zip(WORDS.vectors.index_to_key, rows @ rows[3], strict=True))
    del cosines["queen"]
    best = sorted(cosines.items(), key=lambda pair: -pair[1])[:2]
    assert [word for word, _ in found.words] == [word for word, _ in best]
    assert [cosine for _, cosine in found.words] == pytest.approx([c for _, c in best], abs=1e-6)


def test_a_word_is_found_in_another_case() -> None:
    assert near(WORDS, "QUEEN") == near(WORDS, "queen")
    assert near(WORDS, "Queen").question == "queen"


def test_an_analogy_asks_for_the_fourth_word() -> None:
    found = analogy(WORDS, "man", "King", "woman")
    assert found.question == "man : king = woman : ?"
    assert found.words[0][0] == "queen"
    assert found.words == neighbors(WORDS.vectors, ["king", "woman"], ["man"])


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (near(WORDS, "  "), "Type a word."),
        (near(WORDS, "horse"), "The word “horse” has no vector in small."),
        (near(WORDS, "Queeen"), "The word “Queeen” has no vector in small. Near spellings: queen."),
        (near(WORDS, "x" * 100), f"The word “{'x' * 60}…” has no vector in small."),
        (analogy(WORDS, "man", "", "woman"), "Type three words"),
        (analogy(WORDS, "man", "horse", "woman"), "The word “horse” has no vector in small."),
    ],
)
def test_what_is_unknown_is_one_sentence(found, said: str) -> None:
    assert found.error.startswith(said)
    assert found.words == ()


def test_models_bring_the_vectors_of_their_input_layers(tmp_path: Path) -> None:
    bag = open_classifier(str(save_bag(tmp_path / "bag")))
    bert = open_classifier(str(save_bert(tmp_path / "bert")))
    of_bag, of_bert = sets_of_models([bag, bert])
    assert of_bag.name == "input layer of bag"
    assert "<unk>" not in of_bag.vectors.index_to_key
    row = bag.tokenizer.convert_tokens_to_ids("king")
    wanted = bag.model.get_input_embeddings().weight[row].detach().numpy()
    assert np.array_equal(of_bag.vectors["king"], wanted)
    assert of_bert.vectors.index_to_key == ["a", "fine", "film", "##s"]


def test_an_input_layer_without_a_vector_for_each_word_is_left_out(tmp_path, monkeypatch) -> None:
    bag = open_classifier(str(save_bag(tmp_path / "bag")))
    layer = bag.model.get_input_embeddings()
    monkeypatch.setattr(layer, "extra_inputs", ("ngram_ids",), raising=False)
    assert sets_of_models([bag]) == []
