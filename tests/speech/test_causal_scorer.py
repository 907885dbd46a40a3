"""A causal language model in a beam search, against its own log-probabilities."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent.speech import BeamSearch, CausalScorer, ctc_tokenizer
from hf_recurrent.vectors.language_tokenizer import language_model_tokenizer


def language_model(kind: str) -> tuple[Any, Any]:
    tokenizer = language_model_tokenizer(["ab a don't", "a ab", "b a a"], kind)
    ids = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    torch.manual_seed(0)
    model = RecurrentForCausalLM(
        RecurrentConfig(vocab_size=len(tokenizer), hidden_size=4, num_hidden_layers=1, **ids)
    )
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.5 * torch.randn_like(parameter))
    return model, tokenizer


def by_the_model(model: Any, tokenizer: Any, text: str) -> float:
    end = tokenizer.eos_token_id  # begins a text too
    ids = [end, *tokenizer(text)["input_ids"], end]
    return float(model.log_probabilities([ids])[0].sum())


@pytest.mark.parametrize("kind", ["words", "characters", "bytes"])
def test_words_and_end_add_up_to_the_text(kind: str) -> None:
    model, tokenizer = language_model(kind)
    scorer = CausalScorer(model, tokenizer, kept=3)  # so few that what was said is forgotten
    for text in ("ab a don't", "zz a", "a", ""):
        state, total = scorer.begin(), 0.0
        for word in text.split():
            added, state = scorer.score(state, word)
            total += added
        expected = by_the_model(model, tokenizer, text)
        assert total + scorer.end(state) == pytest.approx(expected, abs=1e-4)


def test_a_search_ranks_by_the_model() -> None:
    model, tokenizer = language_model("words")
    search = BeamSearch(
        ctc_tokenizer(["a b"]),
        beam_width=8,
        language_model=CausalScorer(model, tokenizer),
        language_weight=0.7,
    )
    found = search.transcripts(np.random.default_rng(0).normal(size=(4, 5)), n=5)
    assert len(found) == 5
    for each in found:
        expected = by_the_model(model, tokenizer, each.text)
        assert each.language_score == pytest.approx(expected, abs=1e-4)
        assert each.score == pytest.approx(each.acoustic_score + 0.7 * expected, abs=1e-4)


def test_a_tokenizer_without_an_end_is_refused() -> None:
    model, _ = language_model("words")
    with pytest.raises(ValueError, match="has no eos_token"):
        CausalScorer(model, SimpleNamespace(bos_token_id=None, eos_token_id=None))


def test_a_word_of_which_nothing_is_left_is_not_certain() -> None:
    model, tokenizer = language_model("words")

    class Dropping:
        """A tokenizer that leaves out words with a "c"."""

        bos_token_id, eos_token_id = None, tokenizer.eos_token_id

        def __call__(self, text: str, **given: Any) -> Any:
            return {"input_ids": []} if "c" in text else tokenizer(text, **given)

    scorer = CausalScorer(model, Dropping())
    known, _ = scorer.score(scorer.begin(), "ab")
    dropped, state = scorer.score(scorer.begin(), "cab")
    assert state == scorer.begin()
    assert dropped < 10 * known < 0
