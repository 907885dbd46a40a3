"""Vectors of words in sentences, against transformers' own states and against brute force."""

import copy
import itertools
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel, RobertaConfig, RobertaModel
from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

from hf_recurrent._pretrained import longest_text
from hf_recurrent.vectors.contextual import (
    TWO_SENSES,
    ContextualVectors,
    SenseRow,
    compare_senses,
    context_spread,
    cut_words,
    neighbors_in_context,
    plot_layers,
    read_senses,
)
from tests.tasks.pretrained import save_bert, save_elmo

SENTENCES = [
    "They sat on the bank of the river .",
    "The bank lent him money !",
    "A river bank , a bank of the river .",
    "Money is in the bank",
    "the river runs",
    "The old bank",
    "",
]
WORDS = sorted({word.lower() for sentence in SENTENCES for word in cut_words(sentence)})


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("contextual")
    return {
        "elmo": save_elmo(folder / "my-elmo", WORDS),
        "bert": save_bert(folder / "my-bert", WORDS),
    }


@pytest.fixture(scope="module")
def loaded(folders: dict[str, str]) -> dict[str, ContextualVectors]:
    return {kind: ContextualVectors.load(folder) for kind, folder in folders.items()}


def test_vectors_are_means_of_the_states_of_pieces(loaded) -> None:
    for kind, vectors in loaded.items():
        cut = [cut_words("The bank lent riverbanks"), ["a"], cut_words(SENTENCES[0])]
        found = [*vectors.of_sentences(cut, batch_size=2)]
        for words, states in zip(cut, found, strict=True):
            assert states.shape[:2] == (vectors.number_of_layers, len(words))
            encoded = vectors.tokenizer(words, is_split_into_words=True, return_tensors="pt")
            with torch.no_grad():
                layers = vectors.model(**encoded, output_hidden_states=True).hidden_states
            owners = encoded.word_ids(0)
            for place in range(len(words)):
                own = [at for at, word in enumerate(owners) if word == place]
                assert own
                for layer, hidden in enumerate(layers):
                    expected = hidden[0, own].mean(0).numpy()
                    np.testing.assert_allclose(states[layer, place], expected, atol=1e-5)
        if kind == "elmo":  # a word alone has one vector
            same = [states[0, words.index("a")] for words, states in zip(
                [["a"], ["the", "a"]], vectors.of_sentences([["a"], ["the", "a"]]), strict=True
            )]  # fmt: skip
            np.testing.assert_allclose(*same, atol=1e-6)


def test_a_long_sentence_has_its_first_words(loaded) -> None:
    vectors = loaded["bert"]  # which reads 24 pieces
    states = vectors(["the"] * 40)
    assert states.shape[1] == 22
    with pytest.raises(ValueError, match=r"'bank' is word 41 of its sentence, .* reads 22"):
        neighbors_in_context(vectors, "bank", "the " * 40 + "bank", SENTENCES)


@pytest.mark.parametrize("kind", ["elmo", "bert"])
def test_neighbors_are_those_of_all_cosines(kind: str, loaded) -> None:
    vectors, context = loaded[kind], SENTENCES[0]
    cut = [cut_words(each) for each in SENTENCES[1:-1]]
    query = vectors(cut_words(context))[1][4]
    every = []
    for words, states in zip(cut, vectors.of_sentences(cut), strict=True):
        for place, word in enumerate(words):
            if word.isalnum():
                lengths = np.linalg.norm(query) * np.linalg.norm(states[1][place])
                every.append((float(states[1][place] @ query / lengths), word, place))
    every.sort(reverse=True)
    found = neighbors_in_context(vectors, "bank", context, SENTENCES, layer=1, count=5)
    assert [(each.word, each.place) for each in found] == [each[1:] for each in every[:5]]
    np.testing.assert_allclose(
        [each.cosine for each in found], [e[0] for e in every[:5]], atol=1e-5
    )
    least = found[-1]
    before, after = least.around(3)
    assert least.sentence[least.sentence.index(before.removeprefix("…")) :].startswith(
        f"{before.removeprefix('…')}{least.word}"
    )
    assert len(after) <= 4


@pytest.mark.parametrize("kind", ["elmo", "bert"])
def test_spread_is_the_mean_of_all_pairs(kind: str, loaded) -> None:
    vectors = loaded[kind]
    found = context_spread(vectors, SENTENCES, words=["Bank", "river"], pairs=50, seed=1)
    for word, places in (("bank", [(0, 4), (1, 1), (2, 2), (3, 4), (5, 2)]),
                         ("river", [(0, 7), (2, 1), (4, 1)])):  # fmt: skip
        rows = [vectors(cut_words(SENTENCES[s]))[:, p] for s, p in places]
        pairs = [*itertools.combinations(rows, 2)]
        for layer, value in enumerate(found.words[word]):
            cosines = [
                a[layer] @ b[layer] / np.linalg.norm(a[layer]) / np.linalg.norm(b[layer])
                for a, b in pairs
            ]
            assert value == pytest.approx(np.mean(cosines), abs=1e-5)
    assert found.occurrences == 8
    mean = np.mean([*found.words.values()], axis=0)
    np.testing.assert_allclose(found.self_similarity, mean)
    np.testing.assert_allclose(found.adjusted, mean - found.baseline)
    assert all(-1 <= value < 1 for value in found.baseline)
    again = context_spread(vectors, SENTENCES, words=["bank", "river"], pairs=50, seed=1)
    assert again == found
    if kind == "elmo":
        by_case = context_spread(vectors, ["a river", "my river", "the river"], words=["river"])
        assert by_case.self_similarity[0] == pytest.approx(1, abs=1e-6)


def test_marks_stay_in_their_words_and_accents_are_equal_composed_or_not(loaded) -> None:
    hindi = "कुत्ता बैंक में है ।"
    assert cut_words(hindi) == hindi.split()
    accented = "the cafe\u0301's ra\u200cw bank \u2764\ufe0f!"
    assert cut_words(accented) == [*accented.split()[:-1], "\u2764\ufe0f", "!"]
    for word, context in (("कुत्ता", hindi), ("Café", "a cafe\u0301 , my café")):
        found = neighbors_in_context(loaded["elmo"], word, context, SENTENCES, count=1)
        assert len(found) == 1


def test_vectors_that_are_not_finite_are_near_to_nothing(loaded) -> None:
    model = copy.deepcopy(loaded["elmo"].model)
    with torch.no_grad():
        model.layers[0][0].bias.fill_(math.nan)
    broken = ContextualVectors(model, loaded["elmo"].tokenizer, "mine")
    with pytest.raises(ValueError, match="the vectors of mine are no finite numbers"):
        neighbors_in_context(broken, "bank", SENTENCES[0], SENTENCES)


def test_inputs_are_where_the_model_is(loaded) -> None:
    class Elsewhere:
        """A model on another device, whose states come back as they are."""

        config, device = loaded["bert"].model.config, torch.device("meta")

        def eval(self) -> "Elsewhere":
            return self

        def named_modules(self) -> list:
            return []

        def __call__(self, input_ids: torch.Tensor, **others: torch.Tensor) -> SimpleNamespace:
            assert {each.device.type for each in (input_ids, others["attention_mask"])} == {"meta"}
            return SimpleNamespace(hidden_states=[torch.ones(*input_ids.shape, 2)])

    assert ContextualVectors(Elsewhere(), loaded["bert"].tokenizer)(["bank"]).tolist() == [[[1, 1]]]


def test_positions_behind_that_of_the_padding_are_those_of_a_text() -> None:
    sizes = {"hidden_size": 4, "intermediate_size": 4, "num_hidden_layers": 1}
    sizes |= {"num_attention_heads": 1, "max_position_embeddings": 9}
    model = RobertaModel(RobertaConfig(vocab_size=5, pad_token_id=1, **sizes))
    tokenizer = SimpleNamespace(model_max_length=VERY_LARGE_INTEGER)
    longest = longest_text(model, tokenizer)
    assert longest == 7
    model(torch.full((1, longest), 3))
    with pytest.raises((IndexError, RuntimeError)):
        model(torch.full((1, longest + 1), 3))
    assert longest_text(BertModel(BertConfig(vocab_size=5, **sizes)), tokenizer) == 9
    assert longest_text(model, SimpleNamespace(model_max_length=4)) == 4
    assert longest_text(SimpleNamespace(config=None), tokenizer) is None


def test_words_are_chosen_by_their_sentences(loaded) -> None:
    text = [f"{word} {other}" for word in ("x", "y") for other in "abcdef"] + ["z a", "z b"]
    found = context_spread(loaded["bert"], text, pairs=10)
    assert sorted(found.words) == ["x", "y"]
    with pytest.raises(ValueError, match="no word is in 5 different sentences"):
        context_spread(loaded["bert"], ["a b", "a b", "c d"])
    for name, value in (("contexts", 1), ("pairs", 0), ("most_words", 0)):
        with pytest.raises(ValueError, match=f"{name} is {value}, expected at least"):
            context_spread(loaded["bert"], text, **{name: value})
    with pytest.raises(ValueError, match="'z' is not in two different sentences"):
        context_spread(loaded["bert"], ["z b", "a b"], words=["z"])


class Made:
    """Vectors of the word's neighbour: one layer that tells senses apart, and one that cannot."""

    def of_sentences(self, sentences):
        for words in sentences:
            signs = np.array([[1.0, 0.2 if "river" in words else -0.2]] * len(words))
            yield np.stack([np.ones((len(words), 2)), signs])


def test_senses_are_told_apart_where_they_can_be(loaded) -> None:
    rows = [
        SenseRow("bank", "river", "the bank of the river"),
        SenseRow("bank", "river", "a river bank"),
        SenseRow("bank", "money", "the bank lends"),
        SenseRow("bank", "money", "a bank"),
    ]
    blind, seeing = compare_senses(Made(), rows)
    assert blind == pytest.approx((0.5, 1, 1))
    assert seeing.nearest == 1
    assert seeing.same == pytest.approx(1)
    assert seeing.other == pytest.approx((1 - 0.04) / (1 + 0.04))
    layers = compare_senses(loaded["elmo"], rows)
    assert len(layers) == loaded["elmo"].number_of_layers
    assert layers[0].nearest == 0.5
    for wrong in (rows[:2], rows[:3], []):
        with pytest.raises(ValueError, match="expected"):
            compare_senses(loaded["elmo"], wrong)


def test_our_sentences_hold_their_words(tmp_path: Path) -> None:
    lines = ["word\tsense\tsentence", *("\t".join(row) for row in TWO_SENSES)]
    (tmp_path / "senses.tsv").write_text("\n".join(lines) + "\n")
    assert read_senses(tmp_path / "senses.tsv") == [*TWO_SENSES]
    of_windows = "\r\n".join([*lines, " ", ""])
    for encoding in ("utf-8-sig", "utf-16"):
        (tmp_path / "senses.tsv").write_bytes(of_windows.encode(encoding))
        assert read_senses(tmp_path / "senses.tsv") == [*TWO_SENSES]
    (tmp_path / "senses.tsv").write_bytes("bank\tx\tthe café bank\n".encode("cp1252"))
    with pytest.warns(UserWarning, match=r"senses\.tsv.* is not UTF-8 and is read as Windows-1252"):
        assert read_senses(tmp_path / "senses.tsv")[0].sentence == "the café bank"
    for line, named in (("bank\triver", "line 2: 2 columns"), ("bank\tx\tno", "line 2: the word")):
        (tmp_path / "senses.tsv").write_text(f"{lines[0]}\n{line}\n")
        with pytest.raises(ValueError, match=named):
            read_senses(tmp_path / "senses.tsv")


def test_what_is_refused(loaded, folders, tmp_path: Path) -> None:
    vectors = loaded["elmo"]
    for given, named in (
        (("water", SENTENCES[0], SENTENCES), "the word 'water' is not in the sentence"),
        (("bank", SENTENCES[0], [SENTENCES[0], " "]), "no other sentences to search"),
    ):
        with pytest.raises(ValueError, match=named):
            neighbors_in_context(vectors, *given)
    with pytest.raises(ValueError, match="count is 0"):
        neighbors_in_context(vectors, "bank", SENTENCES[0], SENTENCES, count=0)
    with pytest.raises(ValueError, match="layer is 3, expected -3 to 2"):
        neighbors_in_context(vectors, "bank", SENTENCES[0], SENTENCES, layer=3)
    with pytest.raises(OSError, match="gives no vectors of words in context"):
        ContextualVectors.load(str(tmp_path))


def test_the_plot_has_a_panel_a_model(loaded) -> None:
    spreads = {
        name: context_spread(vectors, SENTENCES, words=["bank"], pairs=10)
        for name, vectors in loaded.items()
    }
    drawn = plot_layers(spreads)
    for name, spread in spreads.items():
        assert f"{name}, layer 1, one word in two sentences: {spread.words['bank'][1]:.3f}" in drawn
    assert plot_layers(spreads, form="png").startswith(b"\x89PNG")
    for wrong, form in (({}, "svg"), (spreads, "pdf")):
        with pytest.raises(ValueError, match="expected"):
            plot_layers(wrong, form=form)
