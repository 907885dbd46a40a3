"""The task of a model is read from its record and its class, without running anything."""

import json
from pathlib import Path

import pytest

from hf_recurrent._tasks import get_task
from hf_recurrent.hub import Record
from hf_recurrent.hub.record import RECORD_FILE
from hf_recurrent.tasks.of_model import task_of_model

from .made_up import stories

__all__ = ["stories"]


def save(folder: Path, task: str | None, *classes: str) -> str:
    (folder / "config.json").write_text(json.dumps({"architectures": list(classes)}))
    Record(task=task).save(folder)
    return str(folder)


@pytest.mark.parametrize(
    ("recorded", "model_class", "found"),
    [
        ("stories", "RecurrentForSequenceStories", "stories"),
        ("text-generation", "RecurrentForSequenceStories", "stories"),
        (None, "RecurrentForSequenceStories", "stories"),
        (None, "BertForSequenceClassification", "text-classification"),
        ("feature-extraction", "BertForSequenceClassification", "text-classification"),
        # A record of what was once there; a class that no task has.
        ("stories", "RecurrentForSequenceClassification", "text-classification"),
        ("stories", "Strange", "stories"),
    ],
)
def test_the_record_and_the_class_say_it(recorded, model_class, found, stories, tmp_path) -> None:
    assert task_of_model(save(tmp_path, recorded, model_class)) is get_task(found)


def test_a_class_that_two_tasks_share_is_told_by_the_record(stories, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(type(stories), "head", "ForSequenceClassification")
    for recorded in ("stories", "text-classification"):
        source = save(tmp_path, recorded, "RecurrentForSequenceClassification")
        assert task_of_model(source).id == recorded


@pytest.mark.parametrize(
    ("classes", "said"),
    [(["RecurrentModel"], "it is a RecurrentModel"), ([], "its config.json names no class")],
)
def test_an_unknown_task_is_one_sentence_that_lists_the_known(
    classes, said, stories, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="is not known") as caught:
        task_of_model(save(tmp_path, None, *classes))
    assert said in str(caught.value)
    assert "text-classification" in str(caught.value)
    assert str(caught.value).endswith("stories.")
    assert "\n" not in str(caught.value)


def test_a_task_that_is_not_asked_for_is_one_sentence(stories, tmp_path: Path) -> None:
    asked = [get_task("text-classification")]
    with pytest.raises(ValueError, match="expected") as caught:
        task_of_model(save(tmp_path, "stories"), asked)
    said = f"'{tmp_path}' is a model for stories: expected a model for text-classification."
    assert str(caught.value) == said


def test_a_model_that_reads_no_words_is_one_sentence(tmp_path: Path) -> None:
    layer = {"kind": "frames", "num_channels": 3}
    classes = ["RecurrentForSequenceClassification"]
    config = {"architectures": classes, "embedding_config": layer}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match="reads input_features, and text-classification") as caught:
        task_of_model(str(tmp_path))
    assert "\n" not in str(caught.value)
    # Of a version to come, or damaged: the model itself says what is wrong, where it is loaded.
    for other in ({"kind": "of a version to come"}, {"kind": ["frames"]}, ["frames"], "frames"):
        (tmp_path / "config.json").write_text(json.dumps(config | {"embedding_config": other}))
        assert task_of_model(str(tmp_path)).id == "text-classification"


@pytest.mark.parametrize("config", ["{", "[]", '"text"', "\0"])
def test_a_damaged_configuration_is_named(config: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(ValueError, match=r"config\.json' is no configuration of a model\.$"):
        task_of_model(str(tmp_path))


@pytest.mark.parametrize("config", ["{}", '{"architectures": null}', '{"architectures": "Some"}'])
def test_a_configuration_may_name_no_class(config: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(ValueError, match="names no class"):
        task_of_model(str(tmp_path))


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    source = save(tmp_path, None, "RecurrentForSequenceClassification")
    (tmp_path / RECORD_FILE).write_text('{"task": 3}')
    with pytest.raises(ValueError, match="no record of a model"):
        task_of_model(source)


def test_no_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"holds no config\.json"):
        task_of_model(str(tmp_path))
    with pytest.raises(OSError, match="is no folder here") as caught:
        task_of_model(str(tmp_path / "nothing"))
    assert "\n" not in str(caught.value)
