"""The comparisons over sound, from a table to the page, the card and the command."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import Dataset, DatasetDict
from transformers import EvalPrediction

from hf_recurrent.__main__ import main
from hf_recurrent.benchmark import BenchmarkSettings, benchmark
from hf_recurrent.hub import Record, plan
from hf_recurrent.speech import ctc_tokenizer
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.automatic_speech_recognition.decoding import tuned_decoder
from hf_recurrent.tasks.automatic_speech_recognition.fitting import encode, too_long, word_errors
from hf_recurrent.tasks.model_rows import Search
from hf_recurrent.tasks.sound import make_extractor
from tests.benchmark.conftest import no_children  # noqa: F401 - a fixture
from tests.common.bad_input import assert_one_sentence

from .recordings import write_manifests

SMALL = {
    "num_mel_bins": 8,
    "conv_dim": [8],
    "conv_kernel": [5],
    "conv_stride": [2],
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "batch_size": 8,
    "learning_rate": 0.02,
    "mask_time_prob": 0.0,
    "mask_feature_prob": 0.0,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_manifests(tmp_path_factory.mktemp("tones"))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    values = Search.values
    monkeypatch.setattr(
        Search, "values", lambda self, *given: [each | SMALL for each in values(self, *given)]
    )


def compared(task: str, network: str, epochs: int, folder: Path, output: Path) -> dict[str, Any]:
    """Run the comparison of a network with the nearest template; return the results by model."""
    settings = BenchmarkSettings(
        task=task,
        dataset=str(folder),
        models=("template", network),
        epochs=epochs,
        seeds=1,
        threads=1,
    )
    assert benchmark(settings, output) == 0
    rows = [json.loads(line) for line in (output / "results.jsonl").read_text().splitlines()]
    return {row["job"]["model"]: row["result"] for row in rows}


def test_a_comparison_of_recognisers(
    small: None,
    no_children: list[str],  # noqa: F811
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    task = get_task("automatic-speech-recognition")
    found = compared(task.id, "lstm-streaming", 3, folder, tmp_path / "out")
    assert found["template"]["test"]["wer"] <= 0.5
    judged = found["lstm-streaming"]["test"]
    assert judged.keys() >= {m.key for m in task.metrics} - {"wer_unseen"}
    assert judged["wer_low"] <= judged["wer"] <= judged["wer_high"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "95 % of a bootstrap over recordings" in page
    assert "language_weight" in page
    best = tmp_path / "out" / "best"
    assert Record.load(best).task == task.id
    card = plan(best, "ada/ears").card
    assert "pipeline_tag: automatic-speech-recognition" in card
    assert "Word error rate" in card
    capsys.readouterr()
    recording = task.load(str(folder))["test"][0]["audio"]
    assert main(["predict", str(best), recording]) == 0
    assert capsys.readouterr().out.startswith(f"{recording}:")
    assert main(["predict", str(best), str(tmp_path / "none.wav")]) == 1
    assert "no file of sound" in capsys.readouterr().err


@pytest.mark.slow
def test_a_conformer_is_compared(
    small: None,
    no_children: list[str],  # noqa: F811
    folder: Path,
    tmp_path: Path,
) -> None:
    found = compared("automatic-speech-recognition", "conformer", 2, folder, tmp_path / "out")
    recurrent = compared("automatic-speech-recognition", "bilstm", 1, folder, tmp_path / "other")
    sizes = [found["conformer"]["parameters"], recurrent["bilstm"]["parameters"]]
    assert max(sizes) < 4 * min(sizes)  # the least width is above so small a network
    assert found["conformer"]["test"]["wer"] <= 1.5


def test_a_comparison_of_classifiers(
    small: None,
    no_children: list[str],  # noqa: F811
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = get_task("audio-classification")
    told = "All {} are by one person"
    monkeypatch.setattr(
        type(task), "data_limits", lambda self, data: [told.format(len(data["test"]))]
    )
    found = compared(task.id, "bigru", 8, folder, tmp_path / "out")
    for name in ("template", "bigru"):  # the first tone of each
        assert found[name]["test"]["accuracy"] >= 0.8, name
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "<h2>Confused classes</h2>" in page
    best = tmp_path / "out" / "best"
    card = plan(best, "ada/ears").card
    assert "pipeline_tag: audio-classification" in card
    assert told.format(6) in page
    assert told.format(6) in card
    capsys.readouterr()
    recording = task.load(str(folder))["test"][1]["audio"]
    assert main(["predict", str(best), recording]) == 0
    told = capsys.readouterr().out.removeprefix(f"{recording}: ")
    assert told.split()[0] in ("a", "b")
    assert told.strip().endswith("%)")
    (best / "model.safetensors").write_bytes((best / "model.safetensors").read_bytes()[:99])
    assert main(["predict", str(best), recording]) == 1
    assert "are damaged" in capsys.readouterr().err


@pytest.mark.parametrize("unit", ["character", "piece"])
def test_a_text_with_an_unknown_character(unit: str, folder: Path) -> None:
    data = get_task("automatic-speech-recognition").load(str(folder))
    extractor = make_extractor(data["train"]["audio"], True)
    with pytest.raises(ValueError, match="holds 'b'") as caught:
        encode(data["test"], ctc_tokenizer(["a a"], unit), extractor)
    assert_one_sentence(caught.value, "'ab'", "test0.wav")


def test_unknown_words_are_said_and_never_right(folder: Path) -> None:
    data = get_task("automatic-speech-recognition").load(str(folder))
    extractor, tokenizer = (
        make_extractor(data["train"]["audio"], True),
        ctc_tokenizer(["ab"], "word"),
    )
    with pytest.warns(UserWarning, match=r"7 words of 6 texts .* the first 'ba'"):
        encoded = encode(data["test"], tokenizer, extractor)
    labels = np.array([ids + [-100] * (2 - len(ids)) for ids in encoded["labels"]])
    as_if_right = np.stack([labels, np.full_like(labels, -100)], 2).reshape(len(labels), -1)
    measured = word_errors(tokenizer)(EvalPrediction(as_if_right, labels))
    assert measured["wer"] == 7 / 8  # all but the known word


def test_texts_that_are_too_long_are_named(folder: Path) -> None:
    data = get_task("automatic-speech-recognition").load(str(folder))
    extractor = make_extractor(data["train"]["audio"], True)
    encoded = encode(data["test"], ctc_tokenizer(["a b"]), extractor)
    assert too_long(encoded, 3) == []
    frames = [len(each) for each in encoded["input_features"]]
    needed = [2, 2, 3, 3, 3, 3]  # two letters, a space or a blank between equal ones
    stride = 9
    expected = [
        number
        for number, (n, steps) in enumerate(zip(frames, needed, strict=True))
        if steps > -(-n // stride)
    ]
    assert expected
    assert too_long(encoded, stride) == expected


def test_weights_are_chosen_on_validation() -> None:
    tokenizer = ctc_tokenizer(["ab", "ba"])
    scores = np.full((2, len(tokenizer)), -9.0)
    scores[0, tokenizer.convert_tokens_to_ids("a")] = 0.0
    scores[1, [tokenizer.convert_tokens_to_ids(c) for c in "ab"]] = (0.1, 0.0)
    decoder = tuned_decoder(tokenizer, ["ab", "ab", "ba"], [scores], ["ab"])
    assert decoder.texts([scores]) == ["ab"]
    assert min(trial["validation"] for trial in decoder.trials) == 0


@pytest.mark.parametrize(
    ("train", "test", "told"),
    [
        (("a", "b"), ("c",), ""),
        (("",), ("",), ""),  # speakers are not known
        (("a",), ("a",), "The only speaker of the test part is heard in training too"),
        (
            ("a", "b", "c"),
            ("b", "a"),
            "2 of the 2 speakers of the test part are heard in training too",
        ),
        (("a", "b"), ("b", "c"), "1 of the 2 speakers of the test part is heard in training too"),
    ],
)
def test_speakers_that_are_heard_in_training_are_told(train, test, told: str) -> None:
    parts = {"train": train, "validation": (), "test": test}
    data = DatasetDict({n: Dataset.from_dict({"speaker": [*names]}) for n, names in parts.items()})
    found = get_task("audio-classification").data_limits(data)
    assert len(found) == bool(told)
    assert "".join(found).startswith(told)
