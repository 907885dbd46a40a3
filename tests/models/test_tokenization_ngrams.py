import copy
import pickle
from types import SimpleNamespace

import pytest
import torch
from datasets import Dataset
from gensim.models.fasttext import ft_ngram_hashes
from tokenizers.processors import TemplateProcessing
from transformers import DataCollatorWithPadding, default_data_collator

from hf_recurrent import NgramTokenizer
from hf_recurrent.vectors import tokenizer_from_texts, tokenizer_from_vectors
from tests.common.tokenizer import word_tokenizer

RULE = {"min_n": 2, "max_n": 4, "bucket": 1000}
TEXTS = ["A Good film", "the 😀 plot 特别好 is überraschend dull", "", "not bad"]


@pytest.fixture
def tokenizer() -> NgramTokenizer:
    plain = tokenizer_from_texts(["a good film the plot is not bad dull"])
    return NgramTokenizer.from_tokenizer(plain, **RULE)


def ids_of(word: str) -> tuple[int, ...]:
    return tuple(value + 1 for value in ft_ngram_hashes(word, *RULE.values()))


def test_ids_of_known_and_unseen_words(tokenizer: NgramTokenizer) -> None:
    for text in TEXTS:
        encoded = tokenizer(text)
        assert encoded["ngram_ids"] == [ids_of(word) for word in text.lower().split()]
        assert len(encoded["input_ids"]) == len(encoded["attention_mask"]) == len(text.split())
    assert tokenizer.unk_token_id in tokenizer(TEXTS[1])["input_ids"]


def test_one_text_is_as_one_of_many(tokenizer: NgramTokenizer) -> None:
    together = tokenizer(TEXTS)
    for number, text in enumerate(TEXTS):
        assert {k: v[number] for k, v in together.items()} == dict(tokenizer(text))


def test_tensors_are_as_wide_as_a_long_word(tokenizer: NgramTokenizer) -> None:
    width = tokenizer.ngrams_width
    assert width == len(ft_ngram_hashes("x" * 40, *RULE.values()))
    for options in ({"padding": True}, {"padding": "max_length", "max_length": 9}):
        batch = tokenizer(TEXTS, return_tensors="pt", **options)
        assert batch["ngram_ids"].shape == (*batch["input_ids"].shape, width)
        assert batch["ngram_ids"].dtype == torch.long
        for row, text in enumerate(TEXTS):
            for place, word in enumerate(text.lower().split()):
                own = batch["ngram_ids"][row, place]
                assert tuple(own[own > 0].tolist()) == ids_of(word)
        assert not batch["ngram_ids"][batch["attention_mask"] == 0].any()
    assert tokenizer("a film", return_tensors="np")["ngram_ids"].shape == (1, 2, width)
    assert tokenizer("", return_tensors="pt")["ngram_ids"].shape == (1, 0, width)


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_afterwards_equals_padding_at_once(tokenizer: NgramTokenizer, side: str) -> None:
    tokenizer.padding_side = side
    expected = tokenizer(TEXTS, padding=True, return_tensors="pt")
    rows = [dict(tokenizer(text)) for text in TEXTS]
    for found in (
        tokenizer.pad(rows, return_tensors="pt"),
        tokenizer.pad(tokenizer(TEXTS), return_tensors="pt"),
        tokenizer.pad(rows, return_tensors="pt", padding_side=side),
        DataCollatorWithPadding(tokenizer)(rows),
    ):
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            assert torch.equal(found[name], value), name


def test_labels_and_multiples(tokenizer: NgramTokenizer) -> None:
    rows = [{**tokenizer(text), "label": number} for number, text in enumerate(TEXTS)]
    batch = DataCollatorWithPadding(tokenizer, pad_to_multiple_of=4)(rows)
    assert batch["labels"].tolist() == [0, 1, 2, 3]
    assert batch["input_ids"].shape == (4, 8)
    assert batch["ngram_ids"].shape == (4, 8, tokenizer.ngrams_width)


def test_a_data_set_keeps_them(tokenizer: NgramTokenizer) -> None:
    rows = Dataset.from_dict({"text": TEXTS})
    mapped = rows.map(lambda r: tokenizer(r["text"]), batched=True, remove_columns="text")
    assert mapped["ngram_ids"][3] == [[*ids_of("not")], [*ids_of("bad")]]
    expected = tokenizer(TEXTS, padding=True, return_tensors="pt")
    collate = DataCollatorWithPadding(tokenizer)
    for given in (mapped, mapped.with_format("torch")):
        batch = collate([given[number] for number in range(len(TEXTS))])
        assert torch.equal(batch["ngram_ids"], expected["ngram_ids"])
    padded = rows.map(
        lambda r: tokenizer(r["text"], padding="max_length", max_length=7), remove_columns="text"
    )
    batch = default_data_collator([padded[number] for number in range(len(TEXTS))])
    assert torch.equal(batch["ngram_ids"][:, :7], expected["ngram_ids"])


def test_words_given_one_by_one(tokenizer: NgramTokenizer) -> None:
    split = [["Good", "zzyzx!", "film"], ["特别好"]]
    batch = tokenizer(split, is_split_into_words=True)
    assert batch["ngram_ids"][0] == [ids_of(w) for w in ("good", "zzyzx", "!", "film")]
    assert batch["ngram_ids"][1] == [ids_of("特别好")]
    assert batch.word_ids(0) == [0, 1, 1, 2]
    single = tokenizer(split[0], is_split_into_words=True)
    assert single["ngram_ids"] == batch["ngram_ids"][0]


def test_pairs_truncation_and_overflow(tokenizer: NgramTokenizer) -> None:
    first, second = ["aa qq the", "bb"], ["rr film", "ss tt"]
    expected = [[ids_of(w) for w in f"{a} {b}".split()] for a, b in zip(first, second, strict=True)]
    assert tokenizer(first, second)["ngram_ids"] == expected
    assert tokenizer(list(zip(first, second, strict=True)))["ngram_ids"] == expected
    assert tokenizer(first[0], second[0])["ngram_ids"] == expected[0]
    split = tokenizer(
        [f.split() for f in first], [s.split() for s in second], is_split_into_words=True
    )
    assert split["ngram_ids"] == expected
    cut = tokenizer(first, truncation=True, max_length=2)
    assert [len(row) for row in cut["ngram_ids"]] == [2, 1]
    over = tokenizer(first, truncation=True, max_length=2, return_overflowing_tokens=True)
    assert over["ngram_ids"] == [
        [ids_of("aa"), ids_of("qq")],
        [ids_of("the")],
        [ids_of("bb")],
    ]


def test_special_tokens_have_none() -> None:
    plain = word_tokenizer()
    plain.backend_tokenizer.post_processor = TemplateProcessing(
        single="[PAD] $A <unk>", special_tokens=[("[PAD]", 0), ("<unk>", 1)]
    )
    encoded = NgramTokenizer.from_tokenizer(plain, **RULE)("zz a")
    assert encoded["input_ids"] == [0, 1, 6, 1]
    assert encoded["ngram_ids"] == [(), ids_of("zz"), ids_of("a"), ()]


def test_digits_are_folded_as_in_the_vocabulary() -> None:
    plain = tokenizer_from_texts(["the year"], pre_tokenizer="googlenews")
    tokenizer = NgramTokenizer.from_tokenizer(plain, **RULE)
    assert tokenizer("In 1984")["ngram_ids"] == [ids_of("in"), ids_of("####")]


def test_chinese_words_without_spaces() -> None:
    """Known words are found in the running text; what no word covers is one unseen word."""
    words = ["我们", "喜欢", "我", "们", "电影", "的"]
    vectors = SimpleNamespace(index_to_key=words, vectors=None)
    plain = tokenizer_from_vectors(vectors, pre_tokenizer="chinese")
    tokenizer = NgramTokenizer.from_tokenizer(plain, **RULE)
    encoded = tokenizer("我们喜欢饕餮的电影film")
    assert encoded["ngram_ids"] == [
        ids_of(word) for word in ("我们", "喜欢", "饕餮", "的", "电影", "film")
    ]
    assert encoded["input_ids"][2] == encoded["input_ids"][5] == tokenizer.unk_token_id


def test_copies(tokenizer: NgramTokenizer, tmp_path) -> None:
    expected = tokenizer(TEXTS)
    tokenizer.save_pretrained(tmp_path)
    for other in (
        copy.deepcopy(tokenizer),
        pickle.loads(pickle.dumps(tokenizer)),
        NgramTokenizer.from_pretrained(tmp_path),
        NgramTokenizer.from_tokenizer(tokenizer, **RULE),
    ):
        assert other(TEXTS) == expected
        assert other.ngrams == tokenizer.ngrams
        assert other.model_input_names == ["input_ids", "attention_mask", "ngram_ids"]
        assert other.pad_token_id == tokenizer.pad_token_id


def test_using_it_changes_no_state(tokenizer: NgramTokenizer) -> None:
    """`datasets` knows a function by the state of what it uses."""
    before = pickle.dumps(tokenizer)
    tokenizer(TEXTS)
    assert pickle.dumps(tokenizer) == before


def test_bad_rules() -> None:
    for rule, named in (
        ({"min_n": 5}, "min_n is 5 and max_n 4"),
        ({"bucket": 0}, "bucket is 0"),
        ({"longest_word": 0}, "longest_word is 0"),
    ):
        with pytest.raises(ValueError, match=named):
            NgramTokenizer.from_tokenizer(word_tokenizer(), **{**RULE, **rule})
    bare = NgramTokenizer(tokenizer_object=word_tokenizer().backend_tokenizer)
    with pytest.raises(ValueError, match=r"make it by NgramTokenizer\.from_tokenizer"):
        bare("a")
