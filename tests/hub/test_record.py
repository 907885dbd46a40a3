from hashlib import sha256
from pathlib import Path

import pytest

from hf_recurrent.hub import DataRecord, Plot, PlotPoint, Record, RecordedAnswer, RecordedResult
from hf_recurrent.hub.citations import citations

WHOLE = Record(
    title="BiLSTM with attention",
    task="text-classification",
    data=DataRecord("trec", "Questions", "CogComp/trec", "v1", "en", None, {"train": 4952}),
    test_coverage="97.0% of the words",
    settings={"learning_rate": 0.002},
    machine={"threads": 2},
    results=(RecordedResult("accuracy", 0.94, 0.006, 3),),
    comparison=({"model": "tf-idf", "accuracy": "90.6"},),
    latency={"median": 1.5},
    size_mib=1.4,
    plots=(
        Plot(
            "accuracy_latency.svg",
            "Accuracy against latency",
            "latency, ms",
            "accuracy, %",
            points=(PlotPoint("tf-idf", 0.5, 90.6), PlotPoint("BiLSTM", 1.5, 94.0, 0.6)),
        ),
        Plot("loss.svg", "Loss", "epoch", "loss", values=(2.0, 0.5, 0.7), best="lowest"),
    ),
    warnings=("It was stopped.",),
    limits=("English only.",),
    citations=citations([]),
    answers=(RecordedAnswer("a fine film", "good"), RecordedAnswer("not bad", "bad", "good")),
)


@pytest.mark.parametrize("record", [WHOLE, Record()])
def test_what_is_saved_comes_back(record: Record, tmp_path: Path) -> None:
    record.save(tmp_path)
    assert Record.load(tmp_path) == record
    assert [p.name for p in tmp_path.iterdir()] == ["training_record.json"]


def test_a_record_names_the_weights_beside_it(tmp_path: Path) -> None:
    """Shards stand for one file; those of an earlier save beside a whole file count for nothing."""
    (tmp_path / "model.safetensors").write_bytes(b"one, two")
    digest = sha256(b"one, two").hexdigest()
    WHOLE.save(tmp_path)
    assert Record.load(tmp_path).weights == digest
    (tmp_path / "model-00001-of-00002.safetensors").write_bytes(b"one, ")
    Record.load(tmp_path).save(tmp_path)
    assert Record.load(tmp_path).weights == digest
    (tmp_path / "model-00002-of-00002.safetensors").write_bytes(b"two")
    (tmp_path / "model.safetensors").unlink()
    Record().save(tmp_path)
    assert Record.load(tmp_path).weights == digest
    other = tmp_path / "other"
    other.mkdir()
    Record.load(tmp_path).save(other)
    assert Record.load(other).weights is None


def test_a_folder_without_a_record(tmp_path: Path) -> None:
    assert Record.load(tmp_path) == Record()


def test_fields_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "training_record.json").write_text('{"title": "LSTM", "colour": "red"}')
    assert Record.load(tmp_path) == Record(title="LSTM")


@pytest.mark.parametrize(
    "content",
    [
        *("[1]", "{", '{"data": 3}', '{"results": [{"x": 1}]}', "\xff"),
        '{"plots": [{"file": "../a.svg", "title": "", "horizontal": "", "vertical": ""}]}',
        '{"plots": [{"file": "a.svg", "title": "", "horizontal": "", "vertical": ""}]}',
    ],
)
def test_damage_is_one_sentence(content: str, tmp_path: Path) -> None:
    (tmp_path / "training_record.json").write_text(content)
    with pytest.raises(ValueError, match=r"training_record\.json: this is no record of a model"):
        Record.load(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"settings": [1]}', "settings is a list, expected an object"),
        ('{"title": 3}', "title is a number, expected a text"),
        ('{"seed": 1.5}', "seed is a number, expected a whole number"),
        ('{"seconds": true}', "seconds is true or false, expected a number"),
        ('{"limits": "none"}', "limits is a text, expected a list"),
        ('{"limits": ["a", null]}', "limits is null, expected a text"),
        ('{"latency": {"median": "fast"}}', "latency is a text, expected a number"),
        ('{"results": [{"metric": "f1", "value": "0.9"}]}', "value is a text, expected a number"),
        ('{"results": [{"metric": "f1"}]}', "results has no value"),
        ('{"data": {"name": "a", "splits": {"train": "1"}}}', "splits is a text, expected a whole"),
        (
            '{"plots": [{"points": 3, "file": "", "title": "", "horizontal": "", "vertical": ""}]}',
            "points is a number, expected a list",
        ),
        ('{"comparison": ["a"]}', "comparison is a text, expected an object"),
    ],
)
def test_a_field_of_a_wrong_type_is_named(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "training_record.json").write_text(content)
    with pytest.raises(ValueError, match=rf"training_record\.json.*{said}"):
        Record.load(tmp_path)
