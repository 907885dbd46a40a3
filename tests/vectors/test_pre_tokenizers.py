"""How text is cut: raw text as the Penn Treebank cuts it, and cut text comes through unchanged."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.vectors._pre_tokenizers import PRE_TOKENIZERS, fitting_texts, split


def cut(name: str, text: str) -> list[str]:
    return [word for word, _ in split(name).pre_tokenize_str(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I don't know, it's John's.", "I do n't know , it 's John 's ."),
        ("can't WON'T shouldn't've we'll", "ca n't WO N'T should n't 've we 'll"),
        ("the U.S. and U.S.-based e.g. this", "the U.S. and U.S.-based e.g. this"),
        ("by Mr. Smith and J.R.R. Tolkien... end.", "by Mr. Smith and J.R.R. Tolkien ... end ."),
        ('He said "no." So am I.', 'He said " no . " So am I .'),
        ("''Conan'' (2002) costs $3,000.50 at 10:30!!!", None),
        ("co-star's o'clock R&B actors' 'the '70s", "co-star 's o'clock R&B actors ' ' the '70s"),
        ("writer/director 1/2 end.Next", "writer / director 1/2 end . Next"),
        ("good--bad—worse", "good -- bad — worse"),
        ("我喜欢 it 😀👍", "我喜欢 it 😀 👍"),
        ("", ""),
    ],
)
def test_raw_text_is_cut_as_the_treebank_cuts_it(text, words):
    if words is None:
        words = "'' Conan '' ( 2002 ) costs $ 3,000.50 at 10:30 ! ! !"
    assert cut("ptb", text) == words.split()


TREEBANK = (
    "-lrb- -RRB- ... .. -- `` '' ` ' n't N'T 's 'll 're 've 'm 'd 't 'em '70s 'til 'n' "
    "mr. Mrs. vs. etc. j. u.s. U.S.A. e.t. i.e. p.m. writer\\/director 1\\/2 \\/ \\* \\*\\*\\* "
    "well-known direct-to-video\\/dvd 10,000 1.8 o'fallon d'etre ol' r&b answers.com ?! $ % # "
    "2nd 8/28/1941 café naïve"
)


def test_cut_text_comes_through_unchanged():
    words = TREEBANK.split()
    assert cut("ptb", TREEBANK) == words
    assert cut("ptb", " ".join(reversed(words))) == words[::-1]


@pytest.mark.parametrize("name", PRE_TOKENIZERS)
@given(
    text=st.text(st.sampled_from("ab1.'’-n t!$我é😀\u00a0\n\\/#_") | st.characters(codec="utf-8"))
)
def test_nothing_but_white_space_is_lost(name, text):
    words = cut(name, text)
    # Python counts the separators U+001C to U+001F among white space, Unicode does not.
    assert "".join(words) == re.sub(r"[^\S\x1c-\x1f]", "", text)
    assert all(words)


def test_google_news():
    words = cut("googlenews", "film's don't New_York ##/##/#### well-known U.S. ok.")
    assert " ".join(words) == "film 's don't New_York ##/##/#### well - known U.S. ok ."


def test_published_treebank_text_comes_through_unchanged(real_data):
    lines = (real_data / "text" / "stsa.binary.test").read_text(encoding="utf-8").splitlines()
    sentences = [line.split(" ", 1)[1].split() for line in lines]
    same = sum(cut("ptb", " ".join(words)) == words for words in sentences)
    assert same / len(sentences) > 0.998


def test_chinese_is_known_by_its_characters() -> None:
    assert fitting_texts(["这本书很好", "不好"]) == "chinese"
    assert fitting_texts(["A fine film", "Fine !"]) == "ptb"
