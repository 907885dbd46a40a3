"""Figures are called and written as the metrics of the record's task say."""

from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

import hf_recurrent as hr
from hf_recurrent.hub import Record, RecordedResult, describe, model_card, write_card
from hf_recurrent.hub.figures import figure_text, hub_metric, metric_title
from hf_recurrent.hub.metadata import front_matter

from ..tasks.made_up import stories
from .test_cards import CONFIG
from .test_record import WHOLE

__all__ = ["stories"]

TOLD = replace(
    WHOLE,
    task="stories",
    example="Once",
    coverage="all",
    results=(RecordedResult("perplexity", 78.4, 0.3, 3), RecordedResult("boredom", 2.0)),
)


@pytest.mark.parametrize(
    ("key", "task", "title", "on_the_hub"),
    [
        ("accuracy", "text-classification", "Accuracy", "accuracy"),
        ("f1_macro", "text-classification", "F1 (macro)", "f1"),
        ("f1_macro", None, "F1 (macro)", "f1"),
        ("perplexity", "stories", "Perplexity", "perplexity"),
        ("boredom", "stories", "bored", "ennui"),
        ("spearmanr", "feature-extraction", "Spearman's rank correlation", "spearmanr"),
        ("no_such", "text-classification", "no_such", "no_such"),
    ],
)
def test_names(key: str, task: str | None, title: str, on_the_hub: str, stories) -> None:
    assert metric_title(key, task) == title
    assert hub_metric(key, task) == on_the_hub


def test_bounds_are_no_metrics() -> None:
    results = tuple(RecordedResult(key, 0.1) for key in ("wer", "wer_low", "wer_high", "cer"))
    record = replace(WHOLE, task="automatic-speech-recognition", results=results)
    data = front_matter(record, "ears")
    assert data.metrics == ["wer", "cer"]
    assert [each.metric_type for each in data.eval_results] == ["wer", "cer"]


@pytest.mark.parametrize(
    ("key", "value", "spread", "written"),
    [
        ("accuracy", 0.94, 0.006, "94.0 ± 0.6 %"),
        ("told", 0.5, None, "50.0 %"),
        ("perplexity", 78.412, 0.3, "78.41 ± 0.30 (less is better)"),
        ("boredom", 2.0, None, "2.0 yawns (less is better)"),
        ("spearmanr", 0.25, None, "0.250"),
    ],
)
def test_figures(key: str, value: float, spread: float | None, written: str, stories) -> None:
    assert figure_text(RecordedResult(key, value, spread), "stories") == written


def test_the_task_of_a_record_has_the_first_word(stories, monkeypatch) -> None:
    own = replace(stories.metrics[2], key="accuracy", title="mine")
    monkeypatch.setattr(type(stories), "metrics", (own,))
    assert metric_title("accuracy", "stories") == "mine"
    assert metric_title("accuracy", "text-classification") == "Accuracy"


def test_a_card_is_in_the_words_of_the_task(stories) -> None:
    config = hr.RecurrentConfig(**CONFIG)
    config.architectures = ["RecurrentForSequenceStories"]
    card = model_card(config, TOLD, "ada/tales")
    assert card.data.pipeline_tag == "text-generation"
    assert card.data.metrics == ["perplexity", "ennui"]
    assert card.data.widget == [{"beginning": "Once"}]
    names = {(r.task_type, r.metric_type, r.metric_name) for r in card.data.eval_results}
    assert ("text-generation", "ennui", "bored") in names
    for told in (
        '\ngo_on("ada/tales", "Once", True)\n',
        "import hf_recurrent  # registers",
        "| Perplexity | test | 78.40 ± 0.30 (less is better) | 3 |",
        "- Latency from story to end, median: 1.5 ms (one story at a time, 2 threads)",
        "Of the test stories: 97.0% of the words.",
        "Share of the training stories with a vector",
    ):
        assert told in str(card), told
    assert "labels:" not in str(card)
    of_class = str(model_card(config, replace(TOLD, task=None, example=None), "ada/tales"))
    assert 'go_on("ada/tales", None, True)' in of_class


def test_a_folder_is_described_in_the_words_of_the_task(stories, tmp_path: Path) -> None:
    hr.RecurrentForSequenceClassification(hr.RecurrentConfig(**CONFIG)).save_pretrained(tmp_path)
    TOLD.save(tmp_path)
    write_card(tmp_path, TOLD, "ada/tales")
    assert ModelCard.load(tmp_path / "README.md").data.pipeline_tag == "text-generation"
    results = describe(tmp_path)["results"]
    assert "perplexity 78.40 ± 0.30 (less is better) (test)" in results


def test_a_task_that_the_hub_does_not_know_is_refused(stories, monkeypatch) -> None:
    monkeypatch.setattr(stories, "pipeline_tag", "story-telling")
    with pytest.raises(ValueError, match="no task 'story-telling'"):
        model_card(hr.RecurrentConfig(**CONFIG), Record(task="stories"), "ada/tales")
