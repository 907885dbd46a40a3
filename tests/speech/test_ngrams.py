"""N-grams with back-off."""

import gzip
import math
from pathlib import Path

import pytest

from hf_recurrent.speech import NgramModel
from tests.common.bad_input import assert_one_sentence

TEXTS = ["a b a", "b b", "a c", "a b c a"]
HEAD = "\\data\\\nngram 1=1\n\n\\1-grams:\n"


@pytest.mark.parametrize("order", [1, 2, 3])
def test_probabilities_sum_to_one(order: int) -> None:
    model = NgramModel.from_texts(TEXTS, order)
    states = {model.begin()}
    for text in ("a b c", "c c a", "x b a"):
        state = model.begin()
        for word in text.split():
            _, state = model.score(state, word)
            states.add(state)
    for state in states:
        total = sum(math.exp(model.score(state, word)[0]) for word in ("a", "b", "c", "<unk>"))
        assert total + math.exp(model.end(state)) == pytest.approx(1)


def test_interpolation_by_the_formula() -> None:
    model = NgramModel.from_texts(TEXTS, order=2)
    # 15 words and ends of 4 kinds; after a: b twice, c once, the end twice.
    unigram = (4 + 4 * (1 / 5)) / (15 + 4)
    assert math.exp(model.log_probabilities["b",]) == pytest.approx(unigram)
    state = model.score(model.begin(), "a")[1]
    assert math.exp(model.score(state, "b")[0]) == pytest.approx((2 + 3 * unigram) / (5 + 3))
    unknown = 4 / 5 / 19
    assert math.exp(model.score(state, "zzz")[0]) == pytest.approx(3 / 8 * unknown)


def test_arpa_files_come_back(tmp_path: Path) -> None:
    model, file = NgramModel.from_texts(TEXTS, 3), tmp_path / "lm.arpa"
    model.save_arpa(file)
    again = NgramModel.from_arpa(file)
    state = other = model.begin()
    for word in ["a", "b", "x", "c", "a", "b", "a"]:
        score, state = model.score(state, word)
        score_again, other = again.score(other, word)
        assert score_again == pytest.approx(score, abs=1e-7)
        assert again.end(other) == pytest.approx(model.end(state), abs=1e-7)
    again.save_arpa(tmp_path / "again.arpa")
    assert file.read_text() == (tmp_path / "again.arpa").read_text()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "holds no n-grams"),
        (f"{HEAD}x a\n", "line 5"),
        (f"{HEAD}-1 a b c\n", "line 5"),
        (f"{HEAD}nan a\n", "line 5"),
        (f"{HEAD}0.1 a\n", "line 5"),
        (f"{HEAD}-1 a\n", "cut off"),
        (f"{HEAD}-1 a\n-1 b\n\\end\\\n", "holds 2 n-grams of 1 words, and its head says 1"),
        ("\\data\\\n-1 a\n", "line 2"),
        ("-1 a\n", "with a line \\data\\"),
    ],
)
def test_bad_files(text: str, named: str, tmp_path: Path) -> None:
    file = tmp_path / "lm.arpa"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"lm\.arpa") as caught:
        NgramModel.from_arpa(file)
    assert_one_sentence(caught.value, named)


def test_files_of_other_tools(tmp_path: Path) -> None:
    """A comment before, a mark, compression, capitals of the unknown word, spaces in words."""
    file, odd = tmp_path / "lm.arpa", "a\u00a0b"
    NgramModel.from_texts(TEXTS, 2).save_arpa(file)
    expected = NgramModel.from_arpa(file)
    text = "##### a toolkit\nThis is a model.\n" + file.read_text().replace("<unk>", "<UNK>")
    text = text.replace("ngram 1=", "ngram  1=  ").replace("\n", "\r\n") + "the end\n"
    for number, content in enumerate((text.encode("utf-8-sig"), gzip.compress(text.encode()))):
        other = tmp_path / f"other{number}"
        other.write_bytes(content)
        assert NgramModel.from_arpa(other).log_probabilities == expected.log_probabilities
    file.write_text(f"{HEAD}-1 {odd} -inf\n\\end\\\n")
    assert NgramModel.from_arpa(file).back_offs[odd,] < -200
    file.write_bytes(f"{HEAD}-1 \u00e4\n\\end\\\n".encode("latin-1"))
    with pytest.warns(UserWarning, match="line 5 is not UTF-8"):
        assert NgramModel.from_arpa(file).log_probabilities.keys() == {("\u00e4",)}


def test_a_file_without_the_unknown_word_still_ranks(tmp_path: Path) -> None:
    file = tmp_path / "closed.arpa"
    file.write_text("\\data\\\n\n\\1-grams:\n-0.3 a\n-0.3 </s>\n\n\\end\\\n")
    model = NgramModel.from_arpa(file)
    unknown, state = model.score(model.begin(), "b")
    known, _ = model.score(state, "a")
    assert math.isfinite(unknown)
    assert unknown < 100 * known


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="order is 0"):
        NgramModel.from_texts(["a"], 0)
    with pytest.raises(ValueError, match="no text"):
        NgramModel.from_texts([], 2)
