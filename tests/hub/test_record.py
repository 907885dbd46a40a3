from pathlib import Path

import pytest

from hf_recurrent.hub import DataRecord, Plot, PlotPoint, Record, RecordedResult
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
)


@pytest.mark.parametrize("record", [WHOLE, Record()])
def test_what_is_saved_comes_back(record: Record, tmp_path: Path) -> None:
    record.save(tmp_path)
    assert Record.load(tmp_path) == record
    assert [p.name for p in tmp_path.iterdir()] == ["training_record.json"]


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
