from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, BertConfig, BertForMaskedLM

from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification
from hf_recurrent.tasks.text_classification.prediction import load_classifier, predict, word_weights
from hf_recurrent.vectors import tokenizer_from_texts


def save(folder: Path, **changes) -> Path:
    tokenizer = tokenizer_from_texts(["a fine film , not dull at all"])
    config = RecurrentConfig(
        vocab_size=len(tokenizer),
        embedding_size=4,
        hidden_size=4,
        pad_token_id=tokenizer.pad_token_id,
        id2label={0: "bad", 1: "good"},
        label2id={"bad": 0, "good": 1},
        **changes,
    )
    torch.manual_seed(0)
    RecurrentForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_labels_come_by_name_the_best_first(tmp_path: Path) -> None:
    model, tokenizer = load_classifier(str(save(tmp_path)))
    texts = ["a fine film", "dull", "", "words it never saw"]
    answers = list(predict(model, tokenizer, texts))
    assert len(answers) == 4
    for text, scores in zip(texts, answers, strict=True):
        logits = model(**tokenizer([text], return_tensors="pt").to(model.device)).logits[0]
        wanted = dict(zip(("bad", "good"), logits.softmax(-1).tolist(), strict=True))
        assert dict(scores) == pytest.approx(wanted, abs=1e-5)
        assert scores[0][1] >= scores[1][1]


def test_weights_belong_to_the_words_as_they_stand_in_the_text(tmp_path: Path) -> None:
    model, tokenizer = load_classifier(str(save(tmp_path, pooling="attention")))
    words = word_weights(model, tokenizer, "A Fine film, NEVER dull")
    assert [word for word, _ in words] == ["A", "Fine", "film", ",", "NEVER", "dull"]
    assert sum(weight for _, weight in words) == pytest.approx(1, abs=1e-5)
    assert len(word_weights(model, tokenizer, "a fine film", max_length=2)) == 2
    assert word_weights(model, tokenizer, "") == []


def test_a_model_without_attention_has_no_weights(tmp_path: Path) -> None:
    model, tokenizer = load_classifier(str(save(tmp_path, pooling="max")))
    with pytest.raises(ValueError, match=r"attention pooling.*'max'"):
        word_weights(model, tokenizer, "a fine film")


def test_a_checkpoint_of_another_family_is_one_sentence(tmp_path: Path) -> None:
    config = BertConfig(
        vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
    )
    BertForMaskedLM(config).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"another family.*model_type 'bert'.*missing") as caught:
        load_classifier(str(tmp_path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "config", [None, "{", "{}", '{"model_type": "clip"}', '{"model_type": "no-such-family"}']
)
def test_what_is_no_classifier_is_one_sentence(config, tmp_path: Path) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises((OSError, ValueError), match=r"^('|No model)") as caught:
        load_classifier(str(tmp_path))
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def cut(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:-9])


def resize(folder: Path) -> None:
    text = (folder / "config.json").read_text()
    (folder / "config.json").write_text(text.replace('"hidden_size": 4', '"hidden_size": 5'))


@pytest.mark.parametrize("damage", [cut, resize])
def test_damaged_weights_are_one_sentence(damage, tmp_path: Path) -> None:
    damage(save(tmp_path))
    with pytest.raises(OSError, match="are damaged, or do not fit its configuration") as caught:
        load_classifier(str(tmp_path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["{", "{}", "[]"])
def test_a_damaged_tokenizer_is_one_sentence(content: str, tmp_path: Path) -> None:
    (save(tmp_path) / "tokenizer.json").write_text(content)
    with pytest.raises(OSError, match=r"The tokenizer of .* could not be loaded") as caught:
        load_classifier(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_missing_tokenizer_is_one_sentence(tmp_path: Path) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(save(tmp_path / "whole"))
    model.save_pretrained(tmp_path / "bare")
    with pytest.raises(OSError, match=r"The tokenizer of .*bare' could not be loaded"):
        load_classifier(str(tmp_path / "bare"))
