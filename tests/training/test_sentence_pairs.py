"""Rows of pairs: what they are made of, what is hidden, and that they follow from the seed."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from transformers import BertTokenizer

from hf_recurrent.training import SentencePairs
from hf_recurrent.training.masking import IGNORED, Masking
from hf_recurrent.vectors import word_piece_tokenizer

# Each document has letters of its own, so a piece tells where it is from.
DOCUMENTS = [
    [" ".join(f"{letter}{number % 7}" for number in range(start, start + 2 + start % 5))
     for start in range(9)]
    for letter in "abcd"
]  # fmt: skip


@pytest.fixture(scope="module")
def tokenizer() -> BertTokenizer:
    texts = [sentence for document in DOCUMENTS for sentence in document]
    return word_piece_tokenizer(texts, vocab_size=60)


def unmasked(row: dict[str, Any]) -> np.ndarray:
    return np.where(row["labels"] == IGNORED, row["input_ids"], row["labels"])


def segments(row: dict[str, Any], tokenizer: BertTokenizer) -> list[str]:
    ids, kinds = unmasked(row), row["token_type_ids"]
    assert ids[0] == tokenizer.cls_token_id
    assert ids[-1] == tokenizer.sep_token_id
    assert ids[np.flatnonzero(kinds == 0)[-1]] == tokenizer.sep_token_id
    sides = [ids[kinds == 0][1:-1], ids[kinds == 1][:-1]]
    return [tokenizer.decode(side) for side in sides]


def plain(rows: SentencePairs) -> list[Any]:
    return [{name: np.asarray(value).tolist() for name, value in row.items()} for row in rows]


def test_segments_are_stretches_of_one_or_two_documents(tokenizer: BertTokenizer) -> None:
    rows = SentencePairs(DOCUMENTS, tokenizer, longest=16, seed=1)
    texts = [" ".join(document) for document in DOCUMENTS]
    labels = Counter()
    for epoch in range(10):
        rows.set_epoch(epoch)
        for row in rows:
            assert len(row["input_ids"]) <= 16
            left, right = segments(row, tokenizer)
            where = [{letter for letter in "abcd" if letter in side} for side in (left, right)]
            assert [len(each) for each in where] == [1, 1]
            following = row["next_sentence_label"]
            assert (where[0] == where[1]) == (following == 0)
            for side, letter in zip((left, right), where, strict=True):
                assert side in texts["abcd".index(*letter)]
            labels[following] += 1
    assert 0.35 < labels[0] / labels.total() < 0.55  # of single sentences none goes on


def test_without_cutting_the_next_one_follows(tokenizer: BertTokenizer) -> None:
    rows = SentencePairs(DOCUMENTS, tokenizer, longest=200, seed=2)
    texts = [" ".join(document) for document in DOCUMENTS]
    found = [segments(row, tokenizer) for row in rows if row["next_sentence_label"] == 0]
    assert found
    for left, right in found:
        assert any(f"{left} {right}" in text for text in texts)
    assert sum(map(len, (rows.pieces,))) == sum(len(tokenizer.tokenize(text)) for text in texts)


def test_rows_follow_from_seed_epoch_and_number(tokenizer: BertTokenizer) -> None:
    rows = SentencePairs(DOCUMENTS, tokenizer, longest=16, seed=3)
    first = plain(rows)
    rows.set_epoch(1)
    second = plain(rows)
    assert second != first
    rows.set_epoch(0)
    assert plain(rows) == first
    assert plain([rows[2]]) == first[2:3]
    assert plain(SentencePairs(DOCUMENTS, tokenizer, longest=16, seed=4)) != first


SPECIALS = ("[UNK]", "[CLS]", "[SEP]", "[MASK]")


def test_what_is_refused(tokenizer: BertTokenizer) -> None:
    for documents, given, named in (
        (DOCUMENTS, {"longest": 4}, "longest is 4, expected at least 5"),
        (DOCUMENTS, {"share": 0.0}, "share is 0.0, expected more than 0"),
        ([["a"], [], [" "]], {}, "is 1 document with words, expected at least 2"),
        (["a b", "c"], {}, "a document must be several texts"),
        ([["a", None], ["b"]], {}, "a document holds None at place 2"),
    ):
        with pytest.raises(ValueError, match=named):
            SentencePairs(documents, tokenizer, **given)
    without = BertTokenizer(vocab=tokenizer.get_vocab())
    without.mask_token = None
    with pytest.raises(ValueError, match="the tokenizer has no mask_token"):
        SentencePairs(DOCUMENTS, without)
    words = BertTokenizer(vocab={w: n for n, w in enumerate(("[PAD]", *SPECIALS, "a", "b"))})
    with pytest.raises(ValueError, match="no piece of the tokenizer begins with '##'"):
        SentencePairs(DOCUMENTS, words, whole_words=True)
    with pytest.raises(IndexError, match="does not exist"):
        SentencePairs(DOCUMENTS, tokenizer)[10_000]


def test_masks_hide_the_share_as_the_paper_does() -> None:
    masking = Masking(4, np.arange(5, 100))
    ids = np.tile(np.arange(5, 100), 10)
    special = np.zeros(len(ids), dtype=bool)
    special[:100] = True
    masked, labels = masking(ids, special, np.random.default_rng(0))
    chosen = labels != IGNORED
    assert chosen.sum() == round(0.15 * (len(ids) - 100))
    assert not chosen[:100].any()
    assert (labels[chosen] == ids[chosen]).all()
    assert (masked[~chosen] == ids[~chosen]).all()
    assert (masked[chosen] == 4).mean() == pytest.approx(0.8, abs=0.08)
    same = (masked[chosen] == ids[chosen]).mean()
    assert 0.04 < same < 0.18
    alone = masking([5, 3], [False, True], np.random.default_rng(0))[1]
    assert alone.tolist() == [5, IGNORED]  # one at least
    assert (masking([3], [True], np.random.default_rng(0))[1] == IGNORED).all()


def test_whole_words_are_hidden_together() -> None:
    continues = np.arange(50) % 3 == 1
    masking = Masking(4, np.arange(5, 50), continues, share=0.3)
    ids = np.arange(5, 50)  # words such as 6 | 5 7, 8 10 ...
    special = np.zeros(len(ids), dtype=bool)
    special[ids == 11] = True  # a special token ends a word
    for seed in range(20):
        chosen = masking(ids, special, np.random.default_rng(seed))[1] != IGNORED
        assert not chosen[special].any()
        for place in np.flatnonzero(continues[ids] & ~special):
            if place and not special[place - 1]:
                assert chosen[place] == chosen[place - 1]
    with pytest.raises(ValueError, match="there are no pieces"):
        Masking(4, np.arange(0))
