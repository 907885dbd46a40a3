"""The log-probability and the perplexity of texts."""

import math
from typing import Any

import pytest
import torch

from hf_recurrent import RecurrentConfig, RecurrentForCausalLM
from hf_recurrent.metrics import Perplexity
from tests.common.bad_input import assert_one_sentence
from tests.common.tokenizer import word_tokenizer

ROWS = [[3, 4, 5, 6, 7], [8], [], [2, 9, 9]]
EOS = 12


def make(**fields: Any) -> RecurrentForCausalLM:
    torch.manual_seed(0)
    tiny: dict[str, Any] = {"vocab_size": 13, "embedding_size": 5, "hidden_size": 4}
    model = RecurrentForCausalLM(RecurrentConfig(**tiny, num_hidden_layers=2, **fields))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model.double()


def of_whole(model: RecurrentForCausalLM, ids: list[int]) -> torch.Tensor:
    """Return the log-probabilities of the tokens after the first, read at once."""
    row = torch.tensor([ids])
    scores = model.eval()(row).logits[0, :-1].log_softmax(-1)
    return scores.gather(1, row[0, 1:, None])[:, 0].detach()


@pytest.mark.parametrize("window", [1, 2, 3, None])
@pytest.mark.parametrize("cell_type", ["lstm", "gru"])
def test_each_token_is_predicted_from_all_before_it(cell_type: str, window: int | None) -> None:
    model = make(cell_type=cell_type, eos_token_id=EOS)
    for size in (1, 3, 10):
        found = model.log_probabilities(iter(ROWS), window=window, batch_size=size)
        assert len(found) == len(ROWS)
        for row, scores in zip(ROWS, found, strict=True):
            torch.testing.assert_close(scores, of_whole(model, [EOS, *row]))


def test_what_the_first_token_is_predicted_from() -> None:
    (scores,) = make(eos_token_id=[EOS, 11], bos_token_id=10).log_probabilities([[3, 4]])
    torch.testing.assert_close(scores, of_whole(make(), [10, 3, 4]))
    (scores,) = make().log_probabilities([[3, 4]])  # from nothing
    torch.testing.assert_close(scores, of_whole(make(), [3, 4]))
    # One row has it already.
    for scores in make(bos_token_id=10).log_probabilities([[10, 3, 4], [3, 4]]):
        torch.testing.assert_close(scores, of_whole(make(), [10, 3, 4]))


def test_perplexity_of_texts_is_that_of_the_metric() -> None:
    model, tokenizer = make(eos_token_id=EOS), word_tokenizer(13)
    texts = ["a good film", "", "the plot"]
    found = model.log_probabilities(texts, tokenizer)
    assert [len(scores) for scores in found] == [3, 0, 2]
    ids = tokenizer(texts[0]).input_ids
    torch.testing.assert_close(found[0], of_whole(model, [EOS, *ids]))
    perplexity = model.perplexity(texts, tokenizer, batch_size=2, window=2)
    assert perplexity == pytest.approx(math.exp(-torch.cat(found).mean()))
    metric = Perplexity().compute(predictions=[scores.tolist() for scores in found])
    assert metric["perplexity"] == pytest.approx(perplexity)


def test_memory_does_not_grow_with_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    model, sizes = make(), []
    hook = model.register_forward_hook(lambda *given: sizes.append(given[2].logits.numel()))
    model.log_probabilities([torch.arange(1000) % 13], window=50)
    hook.remove()
    assert len(sizes) == 20
    assert max(sizes) == 50 * 13
    monkeypatch.setattr("hf_recurrent.models.text_scoring._MOST_LOGITS", 13 * 2 * 7)
    with_default = []
    model.register_forward_hook(lambda *given: with_default.append(given[2].logits.numel()))
    model.log_probabilities([torch.arange(100) % 13] * 2, batch_size=2)
    assert max(with_default) == 13 * 2 * 7


def test_the_model_stays_in_its_mode_and_dropout_is_off() -> None:
    model = make(hidden_dropout=0.5, embedding_dropout=0.5, eos_token_id=EOS).train()
    first, second = model.log_probabilities([ROWS[0], ROWS[0]], batch_size=1)
    assert torch.equal(first, second)
    assert model.training


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no tokenizer": ({"texts": ["a film"]}, ["tokenizer"]),
    "no batch": ({"texts": ROWS, "batch_size": 0}, ["batch_size", "0"]),
    "no window": ({"texts": ROWS, "window": 0}, ["window", "0"]),
    "an unknown id": ({"texts": [[3, 40, 5]]}, ["40", "0 to 12"]),
    "an unknown last id": ({"texts": [[3, 5, 13]]}, ["13", "0 to 12"]),
    "an ignored label": ({"texts": [[3, -100]]}, ["-100", "0 to 12"]),
    "one string": ({"texts": "a film"}, ["texts", "list"]),
    "one row": ({"texts": [3, 4, 5]}, ["texts", "3", "rows of token ids"]),
    "no ids": ({"texts": [[3.5, 4.5]]}, ["[3.5, 4.5]", "rows of token ids"]),
    "no text": ({"texts": [None]}, ["None", "rows of token ids"]),
    "words": ({"texts": [["a", "film"]]}, ["['a', 'film']", "rows of token ids"]),
    "both": ({"texts": ["a film", [3, 4]]}, ["strings alone"]),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_in_one_sentence(case: str) -> None:
    arguments, named = BAD[case]
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is checked below
        make().log_probabilities(**arguments)
    assert_one_sentence(caught.value, *named)


def test_nothing_to_predict() -> None:
    with pytest.raises(ValueError, match="no token"):
        make().perplexity([[3], []])
