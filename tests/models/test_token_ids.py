"""Token ids from words that are tokenized once equal those of whole texts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertTokenizer, PreTrainedTokenizerFast

from hf_recurrent.models import token_ids
from hf_recurrent.models.token_ids import TokenIds, cuts_at_spaces
from hf_recurrent.vectors import tokenizer_from_texts

WORD_LIST = """
no. No. (no. 5 12 3.5 don't can't ’s n't it's U.S. u.s.-based e.g. ol' 'em mr. Mr. i. I. http.com
a-b / \\/ -- ... !? ?! ## $ % é É ß ſ İ Σ ΣΑΣ 我们 我 喜欢film 😀 <unk> [PAD] [UNK] x<unk>y -lrb- ''
` the film
"""
WORDS = [*WORD_LIST.split(), "\u0301a", "\u00a0", "\t", "\n", "\x1f", "\u2028"]
TEXTS = st.lists(
    st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=8).map(" ".join)
    | st.lists(st.sampled_from([*WORDS, " ", "  "]), max_size=8).map("".join),
    max_size=6,
)
VOCABULARY = ["the film don't no. 5 no a b 12 我们 我 <unk>", "喜欢 电影 u.s. mr. mr i. i -lrb-"]


def bert() -> Tokenizer:
    pieces = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "the",
        "fi",
        "##lm",
        "我",
        "e",
        "no",
        ".",
    ]
    return BertTokenizer(vocab={piece: i for i, piece in enumerate(pieces)}).backend_tokenizer


def of_texts(pre_tokenizer: str, **options: bool) -> Tokenizer:
    made = tokenizer_from_texts(VOCABULARY, pre_tokenizer=pre_tokenizer, **options)
    return made.backend_tokenizer


TOKENIZERS = {
    "ptb": of_texts("ptb"),
    "cased": of_texts("ptb", lowercase=False),
    "googlenews": of_texts("googlenews"),
    "chinese": of_texts("chinese"),
    "whitespace": of_texts("whitespace"),
    "bert": bert(),
}


def naive(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]


def split(found: tuple[np.ndarray, np.ndarray]) -> list[list[int]]:
    ids, lengths = found
    assert ids.dtype == lengths.dtype == np.int64
    return [part.tolist() for part in np.split(ids, lengths.cumsum())[:-1]]


@pytest.mark.parametrize("name", TOKENIZERS)
@settings(max_examples=60)
@given(first=TEXTS, second=TEXTS)
def test_stretch_by_stretch_equals_whole_texts(name: str, first: list, second: list) -> None:
    tokenizer = TOKENIZERS[name]
    assert cuts_at_spaces(tokenizer)
    fast = TokenIds(tokenizer)
    for texts in (first, second, first):
        assert split(fast._by_stretch(texts)) == naive(tokenizer, texts)


def test_number_after_no() -> None:
    """The one place where a pattern looks over a space."""
    texts = ["no. 5", "no. five", "no.", "say no.", "no.  5", "no. \n5", "5 no.", "no. 5 no. x 5"]
    for tokenizer in TOKENIZERS.values():
        for part in (texts, ["no.", "5 x"], ["no.", " 5"], ["x no.", "\n5"]):
            assert split(TokenIds(tokenizer)._by_stretch(part)) == naive(tokenizer, part)
    tokens = TOKENIZERS["ptb"].encode("no. 5").tokens, TOKENIZERS["ptb"].encode("no. x").tokens
    assert tokens == (["no.", "5"], ["no", ".", "<unk>"])


def with_parts(normalizer: object, pre_tokenizer: object) -> Tokenizer:
    tokenizer = Tokenizer(models.WordLevel({"<unk>": 0, "a": 1}, unk_token="<unk>"))
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    if pre_tokenizer is not None:
        tokenizer.pre_tokenizer = pre_tokenizer
    return tokenizer


def matches(pattern: str) -> object:
    return pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True)


class OwnNormalizer:
    def normalize(self, normalized: object) -> None:
        """Leave it."""


SPACES = pre_tokenizers.WhitespaceSplit()


@pytest.mark.parametrize(
    ("normalizer", "pre_tokenizer"),
    [
        (None, None),
        (None, pre_tokenizers.Metaspace()),
        (None, pre_tokenizers.ByteLevel()),
        (None, pre_tokenizers.Punctuation()),
        (None, pre_tokenizers.Split(Regex(r"\S+"), behavior="isolated")),
        *(
            (None, matches(pattern))
            for pattern in (
                r"\S+ \S+", r"\S+\s*", r".+", r"[^a]+", r"\W+", r"^a", r"a$", r"a\b", r"a(?=\s)",
                r"[\x00-z]+", r"\p{Z}", r"[\s]+", r"[a ]+", r"\x20", r"\S+(?!\s)", "\t",
            )
        ),
        (normalizers.Replace(" ", "_"), SPACES),
        (normalizers.Replace("a", " "), SPACES),
        (normalizers.Replace(Regex(r"a\s"), "b"), SPACES),
        (normalizers.Sequence([normalizers.Lowercase(), normalizers.Strip()]), SPACES),
        (normalizers.Prepend("_"), SPACES),
        (normalizers.Normalizer.custom(OwnNormalizer()), SPACES),
    ],
)  # fmt: skip
def test_what_may_look_over_a_space_is_refused(normalizer: object, pre_tokenizer: object) -> None:
    assert not cuts_at_spaces(with_parts(normalizer, pre_tokenizer))


def test_added_tokens_with_spaces_are_refused() -> None:
    for token in (AddedToken("a b"), AddedToken("a", lstrip=True), AddedToken("a", rstrip=True)):
        tokenizer = with_parts(None, SPACES)
        assert cuts_at_spaces(tokenizer)
        tokenizer.add_tokens([token])
        assert not cuts_at_spaces(tokenizer)


def test_every_kind_of_tokenizer() -> None:
    texts = ["the film", "", "no. 5", "a b <unk> the"] * 64
    tokenizer = TOKENIZERS["ptb"]
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]")
    expected = naive(tokenizer, texts)
    fast(texts, padding="max_length", max_length=2, truncation=True)  # leaves both switched on

    def plain(batch: list[str], add_special_tokens: bool) -> dict[str, list[list[int]]]:
        assert not add_special_tokens
        return {"input_ids": naive(tokenizer, batch)}

    looks_over = with_parts(None, pre_tokenizers.Split(Regex(r"\s+"), behavior="removed"))
    for given_tokenizer in (tokenizer, fast, plain):
        for part in (texts, texts[:3], []):
            assert split(TokenIds(given_tokenizer)(part)) == expected[: len(part)]
    assert split(TokenIds(looks_over)(texts)) == naive(looks_over, texts)
    assert fast.backend_tokenizer.truncation["max_length"] == 2
    assert fast.backend_tokenizer.padding["length"] == 2


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_ids, "_MOST_STRETCHES", 30)
    fast = TokenIds(TOKENIZERS["ptb"])
    for start in range(0, 200, 20):
        texts = [f"word{i} the no{i} film" for i in range(start, start + 20)]
        assert split(fast._by_stretch(texts)) == naive(TOKENIZERS["ptb"], texts)
        assert len(fast._numbers) < 30 + 2 * 20 + 3


def test_texts_that_are_none() -> None:
    with pytest.raises(ValueError, match="texts holds None, expected strings"):
        TokenIds(TOKENIZERS["ptb"])(["a", None])
