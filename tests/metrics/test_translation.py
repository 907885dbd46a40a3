"""BLEU and chrF: known figures, signatures, several references, classes of length."""

import math

import pytest

from hf_recurrent.metrics import Bleu, ChrF, bleu, bleu_by_length, chrf

SAID = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]
RIGHT = ["The dog bit the man.", "It was not unexpected.", "The man bit him first."]
OTHER = ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."]


def test_figures_of_sacrebleus_own_documents() -> None:
    """The example of sacrebleu's README: BLEU 48.53, chrF2 59.73 on these references."""
    both = [[*pair] for pair in zip(RIGHT, OTHER, strict=True)]
    found = Bleu().compute(predictions=SAID, references=both)
    assert found["bleu"] == pytest.approx(48.53, abs=0.01)
    assert found["signature"].startswith("nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:")
    found = ChrF().compute(predictions=SAID, references=both)
    assert found["chrf"] == pytest.approx(59.73, abs=0.01)
    assert found["signature"].startswith("nrefs:2|case:mixed|eff:yes|nc:6|nw:0|space:no|version:")
    assert "nw:2" in ChrF().compute(predictions=SAID, references=both, word_order=2)["signature"]


def test_bleu_by_hand() -> None:
    """Four of five words, two of four pairs, one of three triples, none of two quadruples."""
    found = Bleu().compute(predictions=["a b c x d"], references=["a b c y d e"])
    precisions = (4 / 5) * (2 / 4) * (1 / 3) * (1 / (2 * 2))  # the last by exponential smoothing
    assert found["bleu"] == pytest.approx(100 * math.exp(1 - 6 / 5) * precisions**0.25)
    assert found["brevity_penalty"] == pytest.approx(math.exp(1 - 6 / 5))
    assert found["length_ratio"] == pytest.approx(5 / 6)


def test_case_and_the_tokenizer_are_in_the_signature() -> None:
    said, right = ["THE DOG BIT THE MAN."], ["The dog bit the man."]
    cased = bleu(said, right)
    lower = bleu(said, right, lowercase=True)
    assert cased["bleu"] < 20
    assert lower["bleu"] == pytest.approx(100)
    assert "case:mixed" in cased["signature"]
    assert "case:lc" in lower["signature"]
    assert "tok:char" in bleu(said, right, tokenize="char")["signature"]


def test_translations_by_length() -> None:
    sources = ["a b", "a " * 10, "a " * 11, "a " * 31]
    texts = ["w x y z", "w x y z v", "q", "w x y z"]
    told = bleu_by_length(sources, texts, ["w x y z", "w x y z v", "w x y z", "w x y z"])
    assert [(one["shortest"], one["longest"], one["sentences"]) for one in told] == (
        [(0, 10, 2), (11, 20, 1), (31, None, 1)]
    )
    assert [round(one["bleu"]) for one in told] == [100, 0, 100]


def test_wrong_numbers_of_references() -> None:
    with pytest.raises(ValueError, match="There are 2 translations and references of 1"):
        bleu(["a", "b"], ["a"])
    with pytest.raises(ValueError, match="There are 0 translations and references of 0"):
        bleu([], [])
    with pytest.raises(ValueError, match="Translation 2 has no reference"):
        bleu(["a", "b"], [["a"], []])


def test_what_is_no_text_or_no_setting_is_refused() -> None:
    assert bleu(iter(["a b c d"]), iter(["a b c d"]))["bleu"] == pytest.approx(100)
    with pytest.raises(ValueError, match="predictions must be several texts"):
        bleu("abcd", "abcd")  # letters would be translations
    with pytest.raises(ValueError, match="references must be several texts"):
        bleu(["a"], "a")
    with pytest.raises(ValueError, match="predictions holds None at place 1"):
        chrf([None], ["a"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"tokenize must be one of .*13a.*, not 'nope'"):
        bleu(["a"], ["a"], tokenize="nope")
    with pytest.raises(ValueError, match="word_order is -1, expected at least 0"):
        ChrF().compute(predictions=["a"], references=["a"], word_order=-1)
