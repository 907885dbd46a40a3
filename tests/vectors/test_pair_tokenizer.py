"""Tokenizers of two languages, with one vocabulary or one each."""

import copy
import pickle
from pathlib import Path

import pytest
from transformers import AutoTokenizer, DataCollatorForSeq2Seq, PreTrainedTokenizerFast

from hf_recurrent import TranslationTokenizer
from hf_recurrent.vectors import translation_tokenizer

ENGLISH = [
    "A dog runs on the green grass.",
    "Two dogs run.",
    "The cat sleeps, and sees nothing!",
] * 4
GERMAN = [
    "Ein Hund läuft auf dem grünen Gras.",
    "Zwei Hunde laufen.",
    "Die Katze schläft – nichts!",
] * 4
ODD = ["Ein Hünd.", "  läuft  auf dem Gras ", "日本語 🙂 </s> [PAD]", "", "Straße\tmit\nZeilen"]


def made(joint: bool, kind: str = "bpe", **settings) -> PreTrainedTokenizerFast:
    settings = {"vocab_size": 320} | settings
    return translation_tokenizer(ENGLISH, GERMAN, kind, joint=joint, **settings)


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
@pytest.mark.parametrize("joint", [True, False])
def test_it_travels_and_gives_texts_back(joint: bool, kind: str, tmp_path: Path) -> None:
    tokenizer = made(joint, kind)
    tokenizer.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    assert isinstance(again, TranslationTokenizer) != joint
    others = (tokenizer, again, copy.deepcopy(again), pickle.loads(pickle.dumps(again)))
    for each in others:
        assert (each.pad_token_id, each.eos_token_id, each.bos_token_id) == (0, 1, 1)
        assert each.padding_side == "right"
        both = each(ENGLISH[:3], text_target=GERMAN[:3])
        assert both == tokenizer(ENGLISH[:3], text_target=GERMAN[:3])
        assert all(ids[-1] == 1 for ids in [*both.input_ids, *both.labels])
        assert both.labels == each(text_target=GERMAN[:3]).input_ids
        ids = each(text_target=ODD).input_ids
        texts = each.batch_decode(ids, skip_special_tokens=True)
        assert texts == [text.strip() for text in ODD]
        sources = [each(text).input_ids for text in ODD]
        decoded = [
            each.decode(own, skip_special_tokens=True, use_source_tokenizer=True) for own in sources
        ]
        assert decoded == texts
        assert len(each) <= 320
    # What is loaded can be saved, also where its folder is gone.
    (tmp_path / "tokenizer.json").unlink()
    again.save_pretrained(tmp_path / "second")
    third = AutoTokenizer.from_pretrained(tmp_path / "second")
    assert third(ENGLISH[0], text_target=GERMAN[0]) == tokenizer(ENGLISH[0], text_target=GERMAN[0])


def test_each_side_has_its_vocabulary() -> None:
    tokenizer = made(False)
    assert isinstance(tokenizer, TranslationTokenizer)
    assert "Ġdog" in tokenizer.tokenize(" dog")
    hund = tokenizer(text_target="Hund").input_ids
    assert tokenizer.convert_ids_to_tokens(hund) == ["ĠHund", "</s>"]
    assert len(tokenizer("Hund").input_ids) > 2
    # A source comes after a target as before it.
    assert tokenizer("dog", text_target="Hund").input_ids == tokenizer("dog").input_ids
    assert tokenizer.get_vocab() != tokenizer.target_tokenizer.get_vocab()
    assert tokenizer.target_vocab_size == tokenizer.target_tokenizer.get_vocab_size()
    with pytest.raises(ValueError, match="batch"):
        tokenizer(text_target=["a"], text_pair_target=["b", "c"])
    assert len(tokenizer(text_target="Hund").input_ids) == 2 < len(tokenizer("Hund").input_ids)


@pytest.mark.parametrize("joint", [True, False])
def test_batches_of_the_collator(joint: bool) -> None:
    tokenizer = made(joint)
    rows = [dict(tokenizer(a, text_target=b)) for a, b in zip(ENGLISH[:2], GERMAN[:2], strict=True)]
    batch = DataCollatorForSeq2Seq(tokenizer)(rows)
    short = len(rows[1]["labels"])
    assert batch["labels"][1, short:].eq(-100).all()
    assert batch["labels"][1, :short].tolist() == rows[1]["labels"]
    assert batch["input_ids"].shape == batch["attention_mask"].shape
    assert set(batch) == {"input_ids", "attention_mask", "labels"}


def test_lower_case() -> None:
    tokenizer = made(True, lowercase=True)
    ids = tokenizer("A DOG, Äpfel").input_ids
    assert tokenizer.decode(ids, skip_special_tokens=True) == "a dog, äpfel"


def test_bad_arguments_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="kind must be one of bpe, unigram, not 'words'"):
        made(True, "words")
    with pytest.raises(ValueError, match="vocab_size is 100, expected at least 258"):
        made(True, vocab_size=100)
    with pytest.raises(ValueError, match="There is no text to make a tokenizer of"):
        translation_tokenizer([], [], joint=False)
    with pytest.raises(ValueError, match="targets holds 3 at place 1, expected strings only"):
        translation_tokenizer(["a"], [3])
    other = made(True)
    other.add_special_tokens({"unk_token": "<unk>"})
    with pytest.raises(ValueError, match="both need the same ones, with the same ids"):
        TranslationTokenizer.from_tokenizers(made(True), other)
    made(False).save_pretrained(tmp_path)
    (tmp_path / "target_tokenizer.json").unlink()
    with pytest.raises(ValueError, match=r"there is no target_tokenizer\.json beside the tokeni"):
        AutoTokenizer.from_pretrained(tmp_path)("a dog")


def test_an_error_among_translations_leaves_the_vocabulary_of_sentences(tmp_path: Path) -> None:
    tokenizer = translation_tokenizer(
        ["Ein Hund ."] * 9, ["A dog ."] * 9, vocab_size=270, joint=False
    )
    tokens, ids = tokenizer.tokenize("Ein Hund ."), tokenizer("Ein Hund .").input_ids
    with pytest.raises(ValueError, match="text input must be of type"):
        tokenizer(text_target=[3])
    assert tokenizer.tokenize("Ein Hund .") == tokens
    tokenizer.save_pretrained(tmp_path)
    assert AutoTokenizer.from_pretrained(tmp_path)("Ein Hund .").input_ids == ids
