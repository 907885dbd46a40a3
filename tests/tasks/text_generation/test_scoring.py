"""Log-probabilities of documents equal those of each text alone, and figures those of metrics."""

import datasets
import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent.metrics import BitsPerCharacter, Perplexity, UnknownShare
from hf_recurrent.models import text_scoring
from hf_recurrent.tasks.text_generation import scoring
from hf_recurrent.tasks.text_generation.judging import judge
from hf_recurrent.tasks.text_generation.vocabulary import Vocabulary

IDS = [np.array([1, *np.random.default_rng(size).integers(0, 9, size)]) for size in (0, 1, 23, 7)]


def by_hand(model, ids: np.ndarray) -> np.ndarray:
    if len(ids) < 2:
        return np.zeros(0)
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor(ids[None, :-1])).logits[0].log_softmax(-1)
    return logits.gather(1, torch.tensor(ids[1:, None]))[:, 0].numpy()


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn_tanh", "mingru", "minlstm"])
def test_texts_side_by_side_in_windows_equal_each_alone(cell: str, monkeypatch) -> None:
    monkeypatch.setattr(text_scoring, "_MOST_LOGITS", 4 * 4 * 10)  # windows of four tokens
    torch.manual_seed(0)
    config = RecurrentConfig(
        vocab_size=10, embedding_size=6, hidden_size=5, num_hidden_layers=2, cell_type=cell
    )
    model = RecurrentForCausalLM(config).eval()
    for found, ids in zip(scoring.state_scorer(model)(IDS), IDS, strict=True):
        assert found == pytest.approx(by_hand(model, ids), abs=1e-5)


def test_a_limited_context_sees_at_least_half_of_it(monkeypatch) -> None:
    monkeypatch.setattr(scoring, "_MOST_TOKENS", 16)
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=10, n_positions=8, n_embd=8, n_head=2, n_layer=1)
    model = GPT2LMHeadModel(config).eval()
    for found, ids in zip(scoring.context_scorer(model, 8)(IDS), IDS, strict=True):
        assert len(found) == len(ids) - 1
        assert found[:8] == pytest.approx(by_hand(model, ids[:9]), abs=1e-5)
        # The second window begins at token 4, and the third at token 8.
        assert found[8:12] == pytest.approx(by_hand(model, ids[4:13])[4:], abs=1e-5)
        assert found[12:16] == pytest.approx(by_hand(model, ids[8:17])[4:], abs=1e-5)
        if len(found) == 23:
            assert found[20:] == pytest.approx(by_hand(model, ids[16:])[4:], abs=1e-5)


def test_figures_of_documents_are_those_of_the_metrics() -> None:
    train = datasets.Dataset.from_dict(
        {"text": ["the cat and the dog"] * 3, "tokenizer_kind": ["words"] * 3}
    )
    vocabulary = Vocabulary.of(train)
    tokenizer = vocabulary.tokenizer
    assert (
        list(vocabulary.ids) == [tokenizer.bos_token_id, *tokenizer(train["text"][0]).input_ids] * 3
    )
    texts = ["the mouse and the dog", "a"]
    rows = datasets.Dataset.from_dict({"text": texts})
    logs = [np.log([0.5, 0.25, 0.125, 0.5, 0.5]), np.log([0.1])]
    scored = vocabulary.score(texts, lambda ids: logs)
    assert [each.unknown for each in scored] == [1, 1]
    found = judge(scored, rows, train)
    predictions = [each.tolist() for each in logs]
    assert found["perplexity"] == pytest.approx(
        Perplexity().compute(predictions=predictions)["perplexity"]
    )
    bits = BitsPerCharacter().compute(
        predictions=predictions,
        references=texts,
        unknown=[[" mouse"], ["a"]],
        spelling=vocabulary.spelling,
    )
    assert found["bits_per_character"] == pytest.approx(bits["bits_per_character"])
    ids = [tokenizer(text).input_ids for text in texts]
    share = UnknownShare().compute(predictions=ids, unk_token_id=tokenizer.unk_token_id)
    assert found["unknown_share"] == share["unknown_share"] == pytest.approx(2 / 6)
    of_wikitext = datasets.Dataset.from_dict({"text": ["the <unk>"]})
    assert judge(scored, rows, of_wikitext).keys() == {"perplexity", "unknown_share"}
