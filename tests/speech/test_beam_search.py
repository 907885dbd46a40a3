"""Beam search against the sum over all ways to write a text."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest

from hf_recurrent.speech import BeamSearch, NgramModel, ctc_tokenizer, read_lexicon
from tests.common.bad_input import assert_one_sentence

TOKENIZER = ctc_tokenizer(["a b"])  # <pad> <unk> | a b
LANGUAGE = NgramModel.from_texts(["ab a", "a ab", "b a a"], order=2)
STEPS = 5


def logits(seed: int) -> np.ndarray:
    values = np.random.default_rng(seed).normal(size=(STEPS, len(TOKENIZER)))
    values[:, 1] = -1e9  # <unk> is never written
    return values


def by_brute_force(
    values: np.ndarray, lexicon: list[str] | None, weight: float, bonus: float
) -> dict[str, float]:
    """The score of each text, summed over all sequences of tokens."""
    log_p = values - np.logaddexp.reduce(values, 1, keepdims=True)
    texts: dict[str, float] = {}
    for path in itertools.product((0, 2, 3, 4), repeat=STEPS):
        written = "".join(" ab"[t - 2] for t, _ in itertools.groupby(path) if t)
        words = written.split()
        if lexicon is not None:
            if any(word not in lexicon for word in words):
                continue
            if written.startswith(" ") or "  " in written:
                continue
        score = sum(log_p[step, token] for step, token in enumerate(path))
        text = " ".join(words)
        texts[text] = np.logaddexp(texts.get(text, -math.inf), score)
    for text in texts:
        words, state, total = text.split(), LANGUAGE.begin(), 0.0
        for word in words:
            added, state = LANGUAGE.score(state, word)
            total += added
        texts[text] += weight * (total + LANGUAGE.end(state)) + bonus * len(words)
    return texts


@pytest.mark.parametrize("lexicon", [None, ["a", "ab", "ba"]], ids=["open", "lexicon"])
@pytest.mark.parametrize("weight", [0.0, 1.3])
def test_a_wide_beam_is_exact(lexicon: list[str] | None, weight: float) -> None:
    for seed in range(3):
        values = logits(seed)
        expected = by_brute_force(values, lexicon, weight, 0.4)
        search = BeamSearch(
            TOKENIZER,
            beam_width=10**6,
            lexicon=lexicon,
            language_model=LANGUAGE if weight else None,
            language_weight=weight,
            word_bonus=0.4,
            token_floor=-1e6,
        )
        found = {one.text: one.score for one in search.transcripts(values, n=10**6)}
        assert found.keys() == expected.keys()
        for text, score in expected.items():
            assert found[text] == pytest.approx(score, abs=1e-9), text


def test_a_narrow_beam_finds_the_best_text() -> None:
    for seed in range(5):
        values = 3 * logits(seed)
        expected = by_brute_force(values, None, 0.5, 0.0)
        search = BeamSearch(TOKENIZER, beam_width=20, language_model=LANGUAGE, language_weight=0.5)
        assert search.transcripts(values)[0].text == max(expected, key=expected.__getitem__)


def test_a_beam_is_carried() -> None:
    search = BeamSearch(TOKENIZER, beam_width=4, language_model=LANGUAGE, lexicon=["a", "ab"])
    values, beam = logits(7), search.begin()
    for piece in (values[:2], values[2:2], values[2:]):
        beam = search.feed(beam, piece)
    assert search.finish(beam, 3) == search.transcripts(values, 3)


def test_words_as_tokens() -> None:
    tokenizer = ctc_tokenizer(["go on", "back"], "word")
    values = np.full((4, len(tokenizer)), -9.0)
    for step, word in enumerate(["go", "go", "<pad>", "back"]):
        values[step, tokenizer.convert_tokens_to_ids(word)] = 0
    assert BeamSearch(tokenizer).transcripts(values)[0].text == "go back"
    only = BeamSearch(tokenizer, lexicon=["go", "on"], token_floor=-99)
    assert only.transcripts(values)[0].text in ("go", "go on", "go go")


def test_nothing_to_search() -> None:
    assert BeamSearch(TOKENIZER).transcripts(np.zeros((0, 5)))[0].text == ""
    for lexicon, named in ([], "empty"), (["a b"], "'a b'"):
        with pytest.raises(ValueError, match="the lexicon") as caught:
            BeamSearch(TOKENIZER, lexicon=lexicon)
        assert_one_sentence(caught.value, named)
    for changed in (
        *({"beam_width": width} for width in (0, 1.5, math.inf)),
        {"language_weight": math.nan},
    ):
        with pytest.raises(ValueError, match=next(iter(changed))):
            BeamSearch(TOKENIZER, **changed)
    values = logits(1)
    assert BeamSearch(TOKENIZER, beam_width=2.0).transcripts(values)
    for given, named in ((values[None], "shape"), (values[:, 1:], "shape"), (np.nan, "step 0")):
        with pytest.raises(ValueError, match="the logits") as caught:
            BeamSearch(TOKENIZER).transcripts(values * given if given is np.nan else given)
        assert_one_sentence(caught.value, named)


def test_words_of_a_pronouncing_dictionary(tmp_path: Path) -> None:
    file = tmp_path / "an4.dic"
    file.write_text("A   AH\nA(2)   EY\n\nAND   AE N D\n")
    assert read_lexicon(file) == ["A", "AND"]
    file.write_bytes("\ufeff;;; a comment\r\nB\u00c4   B AE\r\n".encode())
    assert read_lexicon(file) == ["B\u00c4"]
    file.write_bytes("B\u00c4 B AE\n".encode("latin-1"))
    with pytest.warns(UserWarning, match="not UTF-8"):
        assert read_lexicon(file) == ["B\u00c4"]
    file.write_text("\n")
    with pytest.raises(ValueError, match=r"an4\.dic holds no word"):
        read_lexicon(file)
