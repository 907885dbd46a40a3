"""Every word of a set is found where it stands alone, or it is counted and said."""

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.models.token_ids import cuts_at_spaces
from hf_recurrent.vectors import tokenizer_from_texts, tokenizer_from_vectors, word_inputs
from hf_recurrent.vectors._own_words import _is_plain, _letters, with_own_words
from hf_recurrent.vectors._preparation import Preparation, guessed

from .files import make_vectors

ZWNJ, ZWJ, VS16 = "\u200c", "\u200d", "\ufe0f"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
EMOJI = [
    FAMILY,
    f"\u2764{VS16}",
    "\U0001f44d\U0001f3fd",
    "\U0001f469\U0001f3fd\u200d\u2695\ufe0f",
    "\U0001f1fa\U0001f1f8",
    "1\ufe0f\u20e3",
    "#\ufe0f\u20e3",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
]
SETS = {
    "persian": [f"می{ZWNJ}خواهم", "کتاب"],
    "sinhala": [f"ශ්{ZWJ}රී", "ලංකා"],
    "malayalam, at the end": [f"അവന്{ZWJ}", "ആണ്"],
    "emoji": ["the", *EMOJI],
    "tags": ["the", "<user>", "<url>", "</p>", "<repeat>"],
    "smileys": ["the", ":)", ":", ")", ":-(", "<3", ";p", "^_^"],
    "code": ["the", "c", "+", "#", "c++", "c#", "f#"],
    "marks": ["home", "me", "@", "#", "@home", "#me"],
    "contractions kept whole": ["did", "didn't", "man", "man's"],
    "addresses": ["http://example.org/a", "me@example.org"],
    "no. and !?": ["no.", "!?", "the"],
}


def tokens(tokenizer, text: str) -> list[str]:
    return tokenizer.convert_ids_to_tokens(tokenizer(text, add_special_tokens=False).input_ids)


@pytest.mark.parametrize("words", SETS.values(), ids=SETS)
@pytest.mark.parametrize("name", ["auto", "ptb", "googlenews", "chinese"])
def test_words_are_reached(name: str, words: list[str]) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tokenizer = tokenizer_from_vectors(make_vectors(words), name)
    lost = [w for w in words if tokens(tokenizer, w) != [w] and tokens(tokenizer, w + " 1")[0] != w]
    if name in ("auto", "ptb"):
        assert lost == []
    # What is said is exact, in every way to cut.
    said = [int(re.match(r"[\d,]+", str(w.message)).group()) for w in caught]
    assert said == ([len(lost)] if lost else [])
    assert cuts_at_spaces(tokenizer.backend_tokenizer)


def test_words_among_others() -> None:
    words = ["c++", "c", "is", "not", "a", "plus", "@home", "#me", "<user>", ":)", ",", "."]
    tokenizer = tokenizer_from_vectors(make_vectors(words))
    assert tokens(tokenizer, "C++, is not @home.") == ["c++", ",", "is", "not", "@home", "."]
    assert tokens(tokenizer, "<user>a :). #me!")[:5] == ["<user>", "a", ":)", ".", "#me"]
    # A longer word is not cut to hold one.
    assert "@home" not in tokens(tokenizer, "you@home.com x@home")
    assert "c++" not in tokens(tokenizer, "abc++ c++x")


def test_emoji_are_one_word_only_where_the_set_has_such() -> None:
    heart = "\u2764"
    plain = tokenizer_from_vectors(make_vectors(["a", heart]))
    assert tokens(plain, heart + VS16)[0] == heart
    whole = tokenizer_from_vectors(make_vectors(["a", heart, heart + VS16]))
    assert tokens(whole, f"a{heart + VS16}a {heart}") == ["a", heart + VS16, "a", heart]
    texts = tokenizer_from_texts([f"{FAMILY}{FAMILY} good"])
    assert tokens(texts, f"good {FAMILY}") == ["good", FAMILY]


def test_what_is_out_of_reach_is_counted_once() -> None:
    words = ["the", "New York", "gen.", "gen", ".", "", "NASA", *(f"w{i}" for i in range(500))]
    with pytest.warns(UserWarning, match="out of reach") as caught:
        tokenizer_from_vectors(make_vectors(words))
    assert [str(w.message) for w in caught] == [
        "4 of the 507 words are out of reach of any text, for the tokenizer cuts or changes them: "
        "'New York', 'gen.', '', 'NASA'."
    ]
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="1 of the 2 words is out of reach .* changes it: 'a b'"):
        tokenizer_from_vectors(make_vectors(["a", "a b"]))


def test_extra_words_are_counted_too() -> None:
    texts = ["the film", "the New York <user>"]
    with pytest.warns(UserWarning, match="1 of the 3 words is out of reach") as caught:
        tokenizer = tokenizer_from_texts(texts, extra_words=["New York", "<user>", "York"])
    assert len(caught) == 1
    assert tokens(tokenizer, "New York <user>") == ["new", "york", "<user>"]
    vectors = make_vectors(["the", "a b"])
    with pytest.warns(UserWarning, match="'a b'"):
        word_inputs(vectors, texts)


def test_words_that_a_unigram_model_cuts_are_counted() -> None:
    words = ["我", "们", *(f"词{chr(0x4E00 + i)}" for i in range(200)), "我们"]
    with pytest.warns(UserWarning, match="1 of the 203 words is out of reach"):
        tokenizer = tokenizer_from_vectors(make_vectors(words))
    assert tokens(tokenizer, "我们") == ["我", "们"]


def test_ordinary_words_ask_for_nothing() -> None:
    words = ["the", "n't", "'s", "don", "well-known", "u.s.", ",", ".", "o'clock", "1.5", "r&b"]
    preparation, lost = with_own_words(words, guessed(words))
    assert preparation.own == ""
    assert lost == []
    # Punctuation that some sets glue to words changes no text.
    glued = ["said", ".", '"', "said.", '."']
    preparation, lost = with_own_words(glued, Preparation())
    assert preparation.own == ""
    assert lost == ["said.", '."']


@pytest.mark.parametrize("name", ["ptb", "googlenews", "whitespace"])
@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("form", ["NFC", "NFD", None])
@given(words=st.lists(st.text(st.sampled_from("abAÉéς\u0301ßİǰ한ﬁ我ªⅷ²\u0958\u200dʼ"), max_size=4)))
def test_the_quick_look_at_words_is_exact(name, lowercase, form, words) -> None:
    preparation = Preparation(name, lowercase, form)
    normalize = preparation.normalizer().normalize_str
    cut = preparation.split().pre_tokenize_str
    letters = _letters(words, preparation)
    for word in words:
        if _is_plain(word, preparation, letters):
            assert [piece for piece, _ in cut(normalize(word))] == [word]


def test_a_word_of_every_sign_is_a_pattern() -> None:
    words = [f"a{sign}b+" for sign in r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""]
    tokenizer = tokenizer_from_vectors(make_vectors(words))
    assert all(tokens(tokenizer, word) == [word] for word in words)
    assert cuts_at_spaces(tokenizer.backend_tokenizer)
