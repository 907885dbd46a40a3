from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import AutoModelForTokenClassification, AutoTokenizer

from hf_recurrent import CharTokenizer, RecurrentConfig, RecurrentForTokenClassification
from hf_recurrent.models.cells import lstm_cell
from hf_recurrent.models.char_cnn import CharCnnEmbedding
from hf_recurrent.models.char_embedding import CharEmbedding, CharLstmEmbedding
from hf_recurrent.models.embeddings import TableShape
from hf_recurrent.models.initialization import init_module
from tests.common.checkpoints import run_outside
from tests.common.tokenizer import word_tokenizer

SHAPE = TableShape(9, 1, 0)
FIELDS = {
    "char_cnn": {"num_characters": 12, "character_size": 4, "filters": 5, "window": 3},
    "char_lstm": {"num_characters": 12, "character_size": 4, "character_hidden_size": 3},
}
KINDS = {"char_cnn": CharCnnEmbedding, "char_lstm": CharLstmEmbedding}
# Words of 0 to 5 characters, some of them twice.
WORDS = torch.tensor(
    [
        [[2, 5, 6, 3, 0, 0, 0], [2, 7, 3, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0]],
        [[2, 7, 3, 0, 0, 0, 0], [2, 8, 9, 10, 11, 5, 3], [2, 5, 6, 3, 0, 0, 0]],
    ]
)


def layer_of(kind: str, **changes) -> CharEmbedding:
    torch.manual_seed(0)
    fields = {**KINDS[kind].fields, **FIELDS[kind], **changes}
    layer = KINDS[kind](SHAPE, fields).double()
    for module in layer.modules():
        init_module(module, 0.1)
    return layer


def naive(layer: CharEmbedding, word: list[int]) -> torch.Tensor:
    """One word alone, as its paper writes it."""
    word = [i for i in word if i]
    if not word:
        return layer.character_weight.new_zeros(layer.embedding_dim)
    x = layer.character_weight[word]
    if isinstance(layer, CharCnnEmbedding):
        reach = layer.window // 2
        around = nn.functional.pad(x, (0, 0, reach, reach))
        windows = around.unfold(0, layer.window, 1)
        values = torch.einsum("tcw,fcw->tf", windows, layer.filter_weight) + layer.filter_bias
        return values.max(0).values.tanh()
    assert isinstance(layer, CharLstmEmbedding)
    last = []
    for weights, order in zip(layer.lstm.weights().directions, (x, x.flip(0)), strict=True):
        h = c = x.new_zeros(1, layer.hidden_size)
        for character in order:
            h, c = lstm_cell(character.unsqueeze(0), h, c, *weights)
        last.append(h[0])
    return torch.cat(last)


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_word_is_as_it_is_alone(kind: str) -> None:
    layer = layer_of(kind)
    found = layer(WORDS[..., 0], char_ids=WORDS)
    for row, words in zip(found, WORDS.tolist(), strict=True):
        for vector, word in zip(row, words, strict=True):
            torch.testing.assert_close(vector, naive(layer, word), rtol=0, atol=1e-10)
    # A wider rectangle, and a batch of one word, change nothing.
    wide = nn.functional.pad(WORDS, (0, 4))
    assert torch.equal(layer(WORDS[..., 0], char_ids=wide), found)
    alone = layer(WORDS[:1, :1, 0], char_ids=WORDS[:1, :1, :4])
    torch.testing.assert_close(alone[0, 0], found[0, 0], rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", list(KINDS))
def test_gradients_are_those_of_a_word_at_a_time(kind: str) -> None:
    """A word that stands twice is computed once, and gets the gradients of both its places."""
    layer = layer_of(kind)
    weights = torch.randn(2, 3, layer.embedding_dim, dtype=torch.double)
    (layer(WORDS[..., 0], char_ids=WORDS) * weights).sum().backward()
    found = [p.grad.clone() for p in layer.parameters()]
    layer.zero_grad()
    for row, words in zip(weights, WORDS.tolist(), strict=True):
        for weight, word in zip(row, words, strict=True):
            if any(word):
                (naive(layer, word) * weight).sum().backward()
    for given, parameter in zip(found, layer.parameters(), strict=True):
        torch.testing.assert_close(given, parameter.grad, rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_batch_without_words_is_zeros_and_has_gradients(kind: str) -> None:
    layer = layer_of(kind)
    empty = torch.zeros(2, 3, 7, dtype=torch.long)
    found = layer(empty[..., 0], char_ids=empty)
    assert not found.any()
    if found.requires_grad:
        found.sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in layer.parameters())
    none = layer(torch.zeros(2, 0, dtype=torch.long), char_ids=torch.zeros(2, 0, 7).long())
    assert none.shape == (2, 0, layer.embedding_dim)


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_distinct_word_is_computed_once(kind: str, monkeypatch) -> None:
    layer = layer_of(kind)
    seen = []
    compose = layer.compose

    def counted(characters, mask):
        seen.append(len(characters))
        return compose(characters, mask)

    monkeypatch.setattr(layer, "compose", counted)
    layer(WORDS[..., 0], char_ids=WORDS)
    assert seen == [4]  # three words and the token without any


@pytest.mark.parametrize(
    ("kind", "changes", "sentence"),
    [
        ("char_cnn", {"window": 2}, "window is 2, expected an odd number"),
        ("char_cnn", {"filters": 0}, "filters is 0, expected a whole number of at least 1"),
        ("char_lstm", {"num_characters": True}, "num_characters is True"),
        ("char_lstm", {"character_dropout": 1.0}, "character_dropout is 1.0, expected at least 0"),
    ],
)
def test_fields_that_cannot_be(kind: str, changes: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        layer_of(kind, **changes)


def test_a_character_without_a_vector_is_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"char_ids holds 11, but .* has characters 0 to 8"):
        layer_of("char_cnn", num_characters=9)(WORDS[..., 0], char_ids=WORDS)
    with pytest.raises(ValueError, match="char_ids holds -2, but"):
        layer_of("char_lstm")(WORDS[..., 0], char_ids=-WORDS.clamp(max=2))


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_word_with_a_hole_is_the_same_beside_longer_ones(kind: str) -> None:
    layer = layer_of(kind)
    holed = torch.tensor([[[2, 5, 0, 6, 3]]])
    alone = layer(holed[..., 0], char_ids=holed)
    beside = torch.tensor([[[2, 5, 0, 6, 3, 0, 0], [2, 8, 9, 10, 11, 5, 3]]])
    torch.testing.assert_close(layer(beside[..., 0], char_ids=beside)[:, :1], alone)


def tagger(kind: str, tokenizer: CharTokenizer) -> RecurrentForTokenClassification:
    torch.manual_seed(0)
    fields = {**FIELDS[kind], "num_characters": tokenizer.num_characters}
    parts = [{"kind": "plain", "embedding_size": 3}, {"kind": kind, **fields}]
    config = RecurrentConfig(
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        embedding_config={"kind": "joined", "parts": parts},
        hidden_size=4,
        num_labels=3,
        crf=True,
    )
    return RecurrentForTokenClassification(config).eval()


TEXTS = ["Good FILM", "the plot", "", "unseen 😀 好"]


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_tagger_over_words_and_characters_ignores_padding(kind: str, side: str) -> None:
    tokenizer = CharTokenizer.from_tokenizer(
        word_tokenizer(), alphabet="adefghilmnopqtuvxyGFILM😀", longest_word=6
    )
    tokenizer.padding_side = side
    model = tagger(kind, tokenizer)
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    logits = model(**batch).logits
    for text, row, mask in zip(TEXTS, logits, batch["attention_mask"].bool(), strict=True):
        if text:
            single = model(**tokenizer([text], return_tensors="pt")).logits[0]
            torch.testing.assert_close(row[mask], single, rtol=0, atol=1e-5)
    cases = model(**tokenizer(["good film", "Good FILM"], return_tensors="pt")).logits
    assert not torch.equal(cases[0], cases[1]), "characters tell the case"


@pytest.mark.slow
def test_saved_equals_loaded_with_the_package_and_without(tmp_path: Path) -> None:
    tokenizer = CharTokenizer.from_tokenizer(word_tokenizer(), alphabet="adefgilmo")
    for kind in KINDS:
        folder = tmp_path / kind
        model = tagger(kind, tokenizer)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        loaded = AutoModelForTokenClassification.from_pretrained(folder)
        again = AutoTokenizer.from_pretrained(folder)
        batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
        assert again(TEXTS, padding=True, return_tensors="pt")["char_ids"].equal(batch["char_ids"])
        expected = model(**batch).logits
        assert torch.equal(loaded(**batch).logits, expected)
        torch.save(expected, folder / "expected.pt")
        code = f"""
import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer
folder = {str(folder)!r}
model = AutoModelForTokenClassification.from_pretrained(folder, trust_remote_code=True).eval()
tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
batch = tokenizer({TEXTS!r}, padding=True, return_tensors="pt")
assert torch.equal(model(**batch).logits, torch.load(folder + "/expected.pt"))
"""
        run_outside(code, tmp_path / f"outside-{kind}")
