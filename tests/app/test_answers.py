from pathlib import Path

import pytest
import torch

import hf_recurrent as hr
from hf_recurrent.app import answers
from hf_recurrent.app.answers import MOST_CHARACTERS, open_classifier, open_classifiers

from ..tasks.made_up import stories
from ..tasks.test_of_model import save as save_task
from .samples import save_bag, save_bert, save_recurrent, save_tagger

__all__ = ["stories"]


def test_attention_stands_with_its_words(tmp_path: Path) -> None:
    classifier = open_classifier(str(save_recurrent(tmp_path / "lstm", pooling="attention")))
    text = "A fine film, never dull"
    answer = classifier.answer(text)
    shown = [text[word.start : word.end] for word in answer.words]
    assert shown == ["A", "fine", "film", ",", "never", "dull"]
    assert [word.known for word in answer.words] == [True, True, True, True, False, True]
    inputs = classifier.tokenizer([text], return_tensors="pt")
    with torch.inference_mode():
        outputs = classifier.model(**inputs, output_attentions=True)
    wanted = outputs.pooling_weights[0].tolist()
    assert [word.weight for word in answer.words] == pytest.approx(wanted, abs=1e-6)
    scores = outputs.logits[0].softmax(-1).tolist()
    assert dict(answer.labels) == pytest.approx(
        dict(zip(("bad", "good"), scores, strict=True)), abs=1e-5
    )
    assert answer.labels[0][1] >= answer.labels[1][1]
    assert answer.notes == []
    assert answer.error == ""


@pytest.mark.parametrize(
    ("pooling", "said"), [("max", "largest value"), ("last", "last state"), ("mean", "the same")]
)
def test_another_pooling_has_no_weights_and_says_so(pooling, said, tmp_path: Path) -> None:
    answer = open_classifier(str(save_recurrent(tmp_path, pooling=pooling))).answer("a fine film")
    assert {word.weight for word in answer.words} == {None}
    (note,) = answer.notes
    assert said in note


def test_a_tagger_gives_each_word_its_tag(tmp_path: Path) -> None:
    classifier = open_classifier(str(save_tagger(tmp_path / "tagger")))
    text = "a playing film 特"
    answer = classifier.answer(text)
    assert (answer.labels, answer.notes, answer.error) == ([], [], "")
    assert answer.milliseconds > 0
    assert classifier.timed == "from words to tags"
    told = [(text[word.start : word.end], word.tag) for word in answer.words]
    assert told == [
        ("a", "B-<b>"),
        ("play", "B-<b>"),
        ("ing", ""),
        ("film", "B-<b>"),
        ("特", "B-<b>"),
    ]
    assert {word.weight for word in answer.words} == {None}
    with torch.no_grad():
        classifier.model.classifier.bias.copy_(torch.tensor([5.0, 0.0, 0.0]))
    assert {word.tag for word in classifier.answer(text).words} == {""}, "no name, no tag"


@pytest.mark.parametrize("joined", [True, False])
def test_a_tagger_of_words_says_where_it_splits(joined: bool, tmp_path: Path) -> None:
    """Its words are given by spaces, so "film," is a word that it does not know."""
    tokenizer = hr.tokenizer_from_texts(["a film ,"], pre_tokenizer="whitespace")
    config = hr.RecurrentConfig(vocab_size=len(tokenizer), embedding_size=4, hidden_size=4)
    hr.RecurrentForTokenClassification(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    answer = open_classifier(str(tmp_path)).answer("a film, a" if joined else "a film , a")
    assert ("It splits text at spaces: put a space before punctuation." in answer.notes) == joined


def test_a_bag_of_vectors_and_its_record(tmp_path: Path) -> None:
    classifier = open_classifier(str(save_bag(tmp_path / "bag")))
    assert classifier.name == "bag"
    numbers = classifier.model.num_parameters()
    trained_for = "Text classification, trained on opinions on films"
    assert classifier.about == f"{trained_for} · mean of word vectors · {numbers:,} parameters"
    assert classifier.examples == ["a fine film", "not dull at all"]
    assert "every word counts the same" in classifier.answer("a fine film").notes[0]


def test_a_bert_is_cut_where_its_positions_end(tmp_path: Path) -> None:
    classifier = open_classifier(str(save_bert(tmp_path / "bert")))
    short = classifier.answer("fine films quux")
    assert [(word.start, word.end, word.known) for word in short.words] == [
        (0, 4, True),
        (5, 9, True),
        (9, 10, True),
        (11, 15, False),
    ]
    (note,) = short.notes
    assert "family bert has no attention pooling" in note
    long = classifier.answer("a fine film " * 300)
    assert long.notes[0] == "It reads the first 8 tokens only; the text was cut there."
    assert len(long.words) == 6
    assert long.error == ""


@pytest.mark.parametrize(("allowed", "read"), [(6, 6), (8, 8), (100, 8)])
def test_a_text_is_cut_where_its_tokenizer_or_its_positions_end(
    allowed: int, read: int, tmp_path: Path
) -> None:
    classifier = open_classifier(str(save_bert(tmp_path / "bert")))
    classifier.tokenizer.model_max_length = allowed
    answer = classifier.answer("a fine film " * 300)
    assert answer.notes[0] == f"It reads the first {read} tokens only; the text was cut there."
    assert len(answer.words) == read - 2


def test_a_thousand_words_and_the_longest_text(tmp_path: Path) -> None:
    classifier = open_classifier(str(save_recurrent(tmp_path, pooling="attention")))
    answer = classifier.answer("film " * 1000)
    assert len(answer.words) == 1000
    assert sum(word.weight for word in answer.words) == pytest.approx(1, abs=1e-4)
    assert classifier.answer("x" * MOST_CHARACTERS).error == ""


def test_the_time_is_the_median_of_the_runs(tmp_path: Path, monkeypatch) -> None:
    classifier = open_classifier(str(save_recurrent(tmp_path)))
    monkeypatch.setattr(classifier, "_ask", lambda text: ([("good", 1.0)], []))
    lengths = [5, 1, 3]  # ms; then the time that a text may take is over
    clock = iter([0, *(t for length in lengths for t in (0, 0, length / 1000)), 2])
    monkeypatch.setattr(answers.time, "perf_counter", lambda: next(clock))
    answer = classifier.answer("a film")
    assert answer.runs == 3
    assert answer.milliseconds == pytest.approx(3)


def test_a_text_that_breaks_a_model_is_a_sentence(tmp_path: Path, monkeypatch) -> None:
    classifier = open_classifier(str(save_recurrent(tmp_path)))

    def broken(text: str) -> None:
        raise IndexError("index out of range\nin self")

    monkeypatch.setattr(classifier, "_ask", broken)
    assert classifier.answer("a").error == "The model cannot read this text (index out of range)."


def test_names_tell_models_apart(tmp_path: Path) -> None:
    first, second = save_recurrent(tmp_path / "a" / "best"), save_bag(tmp_path / "b" / "best")
    assert [c.name for c in open_classifiers([str(first), str(second)])] == ["a/best", "b/best"]
    same = [str(save_bag(tmp_path / where / "bag")) for where in ("x", "y")]
    assert [c.name for c in open_classifiers(same)] == same
    with pytest.raises(ValueError, match="is named twice"):
        open_classifiers([str(first), str(first)])


def test_a_model_of_a_task_that_the_page_does_not_show_is_refused(stories, tmp_path: Path) -> None:
    source = save_task(tmp_path, "stories", "Strange")
    with pytest.raises(ValueError, match=r"for stories: expected .* by `hf-recurrent predict`"):
        open_classifier(source)


def test_what_gives_figures_is_no_classifier(tmp_path: Path) -> None:
    folder = save_recurrent(tmp_path, problem_type="regression")
    with pytest.raises(ValueError, match="gives a figure and not labels"):
        open_classifier(str(folder))
