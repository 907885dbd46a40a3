"""What ELMo does beside the promises of all models: words, boundaries, mix, slots, cache, LSTM."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from hf_recurrent import ElmoConfig, ElmoForPreTraining, ElmoModel, ElmoTokenizer
from hf_recurrent.models.bounded_sentences import BoundedSentences
from hf_recurrent.models.elmo_characters import elmo_char_ids
from hf_recurrent.models.projected_cell import Clips, projected_lstm_loop
from hf_recurrent.models.projected_steps import projected_lstm
from hf_recurrent.models.ragged import RaggedBatch
from hf_recurrent.models.scalar_mix import ScalarMix
from hf_recurrent.models.slot_states import SlotStates
from hf_recurrent.models.word_cache import WordCache
from hf_recurrent.vectors import elmo_tokenizer

FIELDS: dict[str, Any] = {
    "character_size": 2,
    "filters": [[1, 2], [3, 4]],
    "num_highway_layers": 1,
    "hidden_size": 3,
    "cell_size": 5,
}


@pytest.fixture
def tokenizer() -> ElmoTokenizer:
    return elmo_tokenizer(["a", "bank", "."])


def model(**fields: Any) -> ElmoModel:
    torch.manual_seed(0)
    return ElmoModel(ElmoConfig(**{**FIELDS, **fields})).eval()


def batch(tokenizer: ElmoTokenizer, *texts: str) -> Any:
    return tokenizer(list(texts), padding=True, return_tensors="pt")


# What each state does at its limit, and what is far from it.
@pytest.mark.parametrize("clips", [Clips(0.2, 0.1), Clips(None, None), Clips(0.2, None)], ids=str)
@pytest.mark.parametrize("projects", [True, False])
def test_fast_equals_the_cell_in_values_and_gradients(clips: Clips, projects: bool) -> None:
    torch.manual_seed(0)
    size, cell = (3, 5) if projects else (4, 4)
    mask = torch.arange(7) < torch.tensor([[7], [4], [4], [1]])
    ragged = RaggedBatch.from_mask(mask)

    def leaf(*shape: int) -> Tensor:
        return torch.randn(*shape, dtype=torch.float64, requires_grad=True)

    leaves = [leaf(sum(ragged.counts), 6), leaf(4, size), leaf(4, cell)]
    weights = [leaf(4 * cell, 6), leaf(4 * cell, size), leaf(4 * cell)]
    weights.append(leaf(size, cell) if projects else None)
    given = (*leaves, *weights)
    known = [each for each in given if each is not None]
    expected = projected_lstm_loop(ragged.counts, ragged.last, clips, *given)
    if clips.cell is not None:
        assert expected[2].abs().eq(clips.cell).any()
    found = projected_lstm(ragged.counts, ragged.last, clips, *leaves, weights)
    with torch.no_grad():
        plain = projected_lstm(ragged.counts, ragged.last, clips, *leaves, weights)
    for one, other, third in zip(found, expected, plain, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)
        torch.testing.assert_close(third, other, rtol=0, atol=1e-12)
    slopes = [
        torch.autograd.grad(sum((v * v.detach().cos()).sum() for v in values), known)
        for values in (found, expected)
    ]
    for one, other in zip(*slopes, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_a_second_derivative_and_blocks_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    counts, last, clips = [3, 2, 2], torch.tensor([5, 6, 2]), Clips(3.0, 3.0)
    shapes = ((7, 4), (3, 3), (3, 5), (20, 4), (20, 3), (20,), (3, 5))
    x, h, c, *weights = (torch.randn(s, dtype=torch.float64, requires_grad=True) for s in shapes)

    def slope_of_slope(run: Any) -> Tensor:
        (slope,) = torch.autograd.grad(run()[0].sin().sum(), x, create_graph=True)
        return torch.autograd.grad(slope.square().sum(), weights[1])[0]

    fast = slope_of_slope(lambda: projected_lstm(counts, last, clips, x, h, c, weights))
    plain = slope_of_slope(lambda: projected_lstm_loop(counts, last, clips, x, h, c, *weights))
    torch.testing.assert_close(fast, plain)
    with torch.no_grad():
        expected = projected_lstm(counts, last, clips, x, h, c, weights)
        monkeypatch.setattr("hf_recurrent.models.projected_steps._TOKENS", 1)
        found = projected_lstm(counts, last, clips, x, h, c, weights)
    torch.testing.assert_close(found, expected)


def test_characters_are_those_of_the_original() -> None:
    """The ids of ``UnicodeCharsVocabulary`` plus 1."""
    assert elmo_char_ids("né", 8) == (259, 111, 196, 170, 260, 261, 261, 261)
    assert elmo_char_ids("<S>", 4) == (259, 257, 260, 261)
    assert elmo_char_ids("</S>", 4) == (259, 258, 260, 261)
    assert elmo_char_ids("", 4) == (259, 260, 261, 261)
    long = elmo_char_ids("x" * 60)
    assert (len(long), long[0], long[-1], set(long[1:-1])) == (50, 259, 260, {121})


def test_the_tokenizer_reads_words_as_they_are_written(tokenizer: ElmoTokenizer) -> None:
    texts = ["A BANK <unk> [PAD] </S>", ""]
    encoded = tokenizer(texts, padding=True, return_tensors="np")
    words = texts[0].split()
    expected = [elmo_char_ids(word) for word in words]
    assert encoded["char_ids"][0].tolist() == [list(ids) for ids in expected]
    assert encoded["attention_mask"].tolist() == [[1] * 5, [0] * 5]
    assert not encoded["char_ids"][1].any()
    one_by_one = tokenizer([words], is_split_into_words=True)["char_ids"]
    assert one_by_one == [expected]
    assert elmo_tokenizer(pre_tokenizer="ptb").tokenize("don't.") == ["<unk>"] * 3


def test_the_tokenizer_is_saved(tokenizer: ElmoTokenizer, tmp_path: Any) -> None:
    from transformers import AutoTokenizer

    elmo_tokenizer(["a"], max_characters_per_token=9).save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert isinstance(loaded, ElmoTokenizer)
    assert loaded.max_characters_per_token == 9
    assert loaded("a ü")["char_ids"] == [elmo_char_ids("a", 9), elmo_char_ids("ü", 9)]
    assert (loaded.bos_token, loaded.eos_token) == ("<S>", "</S>")


def test_what_the_tokenizer_refuses(tokenizer: ElmoTokenizer) -> None:
    from hf_recurrent import CharTokenizer

    with pytest.raises(ValueError, match="max_characters_per_token is 2"):
        ElmoTokenizer.from_tokenizer(tokenizer, max_characters_per_token=2)
    other = CharTokenizer.from_tokenizer(tokenizer, alphabet="ab")
    with pytest.raises(ValueError, match="code points"):
        ElmoTokenizer.from_tokenizer(other)


def test_boundaries_are_read_and_not_returned() -> None:
    mask = torch.tensor([[1, 0, 1], [0, 0, 0]]).bool()
    sentences = BoundedSentences.of(mask)
    vectors = torch.arange(1.0, 7.0).view(2, 3, 1)
    packed = sentences.pack(vectors, torch.tensor([[-1.0], [-2.0]]))
    assert packed.flatten().tolist() == [-1, 1, 3, -2]
    assert sentences.tokens(packed).flatten().tolist() == [1, 0, 3, 0, 0, 0]
    assert sentences.steps(packed)[0].flatten().tolist() == [-1, 1, 3, -2, 0]


def test_a_sentence_has_the_same_vectors_wherever_it_is_read(tokenizer: ElmoTokenizer) -> None:
    elmo, texts = model(), ("a river bank .", "a")
    with torch.no_grad():
        first = elmo(**batch(tokenizer, *texts)).last_hidden_state
        again = elmo(**batch(tokenizer, *texts)).last_hidden_state
        alone = elmo(**batch(tokenizer, texts[1])).last_hidden_state
        of_characters = elmo(char_ids=batch(tokenizer, *texts)["char_ids"])
    assert torch.equal(first, again)
    torch.testing.assert_close(first[1, :1], alone[0], rtol=0, atol=1e-6)
    assert torch.equal(of_characters.last_hidden_state, first)
    assert of_characters.mask.tolist() == [[1, 1, 1, 1], [1, 0, 0, 0]]


def test_unknown_characters_and_no_words_at_all(tokenizer: ElmoTokenizer) -> None:
    elmo = model()
    with torch.no_grad():
        unknown = elmo(**batch(tokenizer, "\ufffd 鑫", "")).last_hidden_state
    assert unknown[0].abs().sum(1).all()
    assert unknown.isfinite().all()
    assert not unknown[1].any()


def test_states_stay_in_their_slots(tokenizer: ElmoTokenizer) -> None:
    """Against batches to which the states are given by hand."""
    texts = [("a bank", "river"), ("bank .",), ("a", "b", "c"), ("a", "")]
    elmo, by_hand = model(stateful=True), model()
    states: list[Any] = [None, None]
    names = ("initial_hidden_state", "initial_cell_state")
    for several in texts:
        given = batch(tokenizer, *several)
        own = {}
        if states[0] is not None:
            for name, state in zip(names, states, strict=True):
                more = state.new_zeros(3, *state.shape[1:])
                own[name] = torch.cat([state, more])[: len(several)]
        with torch.no_grad():
            found = elmo(**given).last_hidden_state
            expected = by_hand(**given, **own, output_final_state=True)
        assert torch.equal(found, expected.last_hidden_state)
        finals = (expected.final_hidden_state, expected.final_cell_state)
        rest = [None if s is None else s[len(several) :] for s in states]
        states = [
            final if old is None else torch.cat([final, old])
            for final, old in zip(finals, rest, strict=True)
        ]
    elmo.reset_states()
    with torch.no_grad():
        given = batch(tokenizer, "a bank")
        assert torch.equal(elmo(**given).last_hidden_state, by_hand(**given).last_hidden_state)


def test_slots_begin_with_nothing() -> None:
    assert SlotStates().of(3, torch.ones(1)) == (None, None)


@pytest.mark.parametrize("norm", [None, "sentence", "batch"])
def test_the_mix_by_its_formula(norm: str | None) -> None:
    torch.manual_seed(0)
    mix = ScalarMix(2, norm)
    with torch.no_grad():
        mix.weights.copy_(torch.tensor([0.5, -1.0]))
        mix.gamma.fill_(3.0)
    mask = torch.tensor([[1, 1, 0], [0, 1, 0]]).bool()
    layers = [torch.randn(2, 3, 4).where(mask.unsqueeze(-1), 0) for _ in range(2)]
    shares = np.exp([0.5, -1.0]) / np.exp([0.5, -1.0]).sum()
    expected = np.zeros((2, 3, 4))
    for share, layer in zip(shares, layers, strict=True):
        values, real = layer.numpy(), mask.numpy()
        for row in range(2):
            known = values[row][real[row]] if norm == "sentence" else values[real]
            mean, deviation = (0, 1) if norm is None else (known.mean(), known.std())
            expected[row][real[row]] += share * (values[row][real[row]] - mean) / deviation
    found = mix(layers, mask).detach().numpy()
    np.testing.assert_allclose(found, 3 * expected, atol=1e-5)


def test_the_cache_of_words(tokenizer: ElmoTokenizer) -> None:
    elmo, texts = model(), ("a river bank", "bank of a")
    with torch.no_grad():
        expected = elmo(**batch(tokenizer, *texts)).last_hidden_state
    elmo.cache_words(3)
    cache = elmo.embed_tokens.cache
    assert elmo(**batch(tokenizer, *texts)).last_hidden_state.requires_grad
    assert len(cache) == 0  # gradients were asked for
    for mode in (torch.inference_mode, torch.no_grad, torch.no_grad):
        with mode():
            found = elmo(**batch(tokenizer, *texts)).last_hidden_state
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)
        assert len(cache) == 3
    with torch.no_grad():
        elmo.embed_tokens.character_weight.add_(1.0)
        elmo.embed_tokens.cache = None
        changed = elmo(**batch(tokenizer, *texts)).last_hidden_state
        elmo.embed_tokens.cache = cache
        found = elmo(**batch(tokenizer, *texts)).last_hidden_state
    torch.testing.assert_close(found, changed, rtol=0, atol=1e-6)
    with pytest.raises(ValueError, match="limit is 0"):
        WordCache(0)


def test_the_cache_of_words_knows_autocast(tokenizer: ElmoTokenizer) -> None:
    elmo, given = model(), batch(tokenizer, "a river bank")
    elmo.cache_words()
    with torch.no_grad():
        with torch.autocast("cpu", torch.bfloat16):
            elmo(**given)
        found = elmo(**given).last_hidden_state
        elmo.embed_tokens.cache = None
        assert torch.equal(found, elmo(**given).last_hidden_state)


def test_filters_see_no_more_than_the_longest_word(tokenizer: ElmoTokenizer) -> None:
    """Also beside padding, which has no characters at all."""
    elmo, seen = model(), []
    elmo.embed_tokens.filters[0].register_forward_pre_hook(
        lambda module, given: seen.append(given[0].shape[2])
    )
    elmo(**batch(tokenizer, "a river", "bank"))
    # The longest word with its two marks, and the width of the widest filter.
    assert max(seen) == len("river") + 2 + 3


def test_only_the_mix_is_trained(tokenizer: ElmoTokenizer, tmp_path: Any) -> None:
    elmo = model(freeze_language_model=True)
    elmo.save_pretrained(tmp_path)
    for each in (elmo, ElmoModel.from_pretrained(tmp_path)):
        trained = [name for name, p in each.named_parameters() if p.requires_grad]
        assert trained == ["mix.weights", "mix.gamma"]


def test_each_direction_predicts_from_its_side(tokenizer: ElmoTokenizer) -> None:
    """The losses are those of the logits, and of the boundaries."""
    torch.manual_seed(0)
    ids = {name: getattr(tokenizer, name) for name in ("bos_token_id", "eos_token_id")}
    lm = ElmoForPreTraining(ElmoConfig(**FIELDS, vocab_size=len(tokenizer), **ids)).eval()
    given = batch(tokenizer, "a bank .", "bank", "")
    labels = given["input_ids"].where(given["attention_mask"] == 1, -100)
    labels[0, 0] = -100
    with torch.no_grad():
        output, scores = lm(**given, labels=labels), lm(**given)
        reading = lm.model.run(None, None, None, given["char_ids"], (None, None))[0]
        steps = [reading.sentences.steps(lm.lm_head(side)).log_softmax(-1) for side in reading.top]
    # The begin of the first row is left out, as the word beside it is.
    sums = {"forward": 0.0, "backward": 0.0}
    for name, first in (("forward", 0), ("backward", 2)):
        logits = scores[f"{name}_logits"].log_softmax(-1)
        for row, place in (labels != -100).nonzero().tolist():
            score = logits[row, place, labels[row, place]]
            sums[name] -= float(score)
            same = steps[first // 2][row, place + first, labels[row, place]]
            assert float(score) == pytest.approx(float(same), abs=1e-6)
    sums["forward"] -= float(steps[0][0, 3, ids["eos_token_id"]])
    sums["forward"] -= float(steps[0][1, 1, ids["eos_token_id"]])
    sums["backward"] -= float(steps[1][1, 1, ids["bos_token_id"]])
    assert float(output.loss) == pytest.approx(sum(sums.values()) / 2 / 3, abs=1e-5)
    assert float(output.forward_loss) == pytest.approx(sums["forward"] / 5, abs=1e-5)
    assert float(output.backward_loss) == pytest.approx(sums["backward"] / 4, abs=1e-5)
    with pytest.raises(ValueError, match="label 99 is unknown"):
        lm(**given, labels=labels.where(labels < 0, 99))
    with pytest.raises(ValueError, match="labels has shape"):
        lm(**given, labels=labels[:2])


def test_counts_can_set_the_bias_of_a_fresh_model() -> None:
    lm = ElmoForPreTraining(ElmoConfig(**FIELDS, vocab_size=4))
    before = lm.lm_head.bias.clone()
    lm.set_token_counts([1, 2, 0, 4])
    assert torch.equal(lm.lm_head.bias, before)
    lm.set_token_counts([1, 2, 0, 4], set_bias=True)
    torch.testing.assert_close(lm.lm_head.bias.exp() * 8, torch.tensor([1.0, 2.0, 1.0, 4.0]))


def test_words_to_predict_can_be_added() -> None:
    lm = ElmoForPreTraining(ElmoConfig(**FIELDS, vocab_size=4))
    lm.resize_token_embeddings(6)
    assert (lm.config.vocab_size, lm.lm_head.out_features) == (6, 6)
    assert "embedding_config" not in lm.config.to_dict()
    drawn = {"output_loss": "sampled_softmax", "output_loss_config": {"negatives": 2}}
    lm = ElmoForPreTraining(ElmoConfig(**FIELDS, vocab_size=4, **drawn))
    lm.set_token_counts([5, 6, 7, 8])
    lm.resize_token_embeddings(6)
    assert lm.sampled_loss.token_counts.tolist() == [5, 6, 7, 8, 0, 0]
    lm.resize_token_embeddings(3)
    assert lm.sampled_loss.token_counts.tolist() == [5, 6, 7]


def test_a_sampled_loss_is_not_ignored_where_trainer_takes_the_labels(tokenizer) -> None:
    drawn = {"output_loss": "sampled_softmax", "output_loss_config": {"negatives": 2}}
    lm = ElmoForPreTraining(ElmoConfig(**FIELDS, vocab_size=4, **drawn))
    with pytest.raises(ValueError, match="Trainer took the labels away before the forward pass"):
        lm(**batch(tokenizer, "a"), num_items_in_batch=torch.tensor(1))
