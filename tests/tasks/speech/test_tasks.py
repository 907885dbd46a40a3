"""Both tasks over sound, trained on a few tones."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hf_recurrent.__main__ import main
from hf_recurrent.speech import ctc_tokenizer
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.automatic_speech_recognition.decoding import tuned_decoder
from hf_recurrent.tasks.automatic_speech_recognition.fitting import encode, too_long
from hf_recurrent.tasks.model_rows import Work
from hf_recurrent.tasks.sound import make_extractor
from tests.common.bad_input import assert_one_sentence

from .recordings import write_manifests

SMALL = {
    "epochs": 3,
    "threads": 1,
    "num_mel_bins": 8,
    "conv_dim": [8],
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "batch_size": 8,
    "learning_rate": 0.02,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_manifests(tmp_path_factory.mktemp("tones"))


def fitted(task: Any, name: str, data: Any, **changes: Any) -> Any:
    row = task.models[name]
    values = {**(row.search.base if row.search else {}), **row.config, **SMALL, **changes}
    return row.fit(Work(name, task, row, values, 0, 64, data))


def test_a_recogniser_is_trained_and_judged(folder: Path, tmp_path: Path, capsys: Any) -> None:
    task = get_task("automatic-speech-recognition")
    data = task.load(str(folder))
    made = fitted(task, "lstm-streaming", data)
    found = made.predict(task.inputs(data["test"]))
    alone = [made.predict([each])[0] for each in task.inputs(data["test"])]
    assert found == alone
    judged = task.judge(found, data["test"], data["train"])
    assert judged.keys() == {m.key for m in task.metrics} - {"wer_unseen"}
    assert made.trials
    assert judged["wer_low"] <= judged["wer"] <= judged["wer_high"]
    made.save(tmp_path)
    recording = data["test"][0]["audio"]
    assert main(["predict", str(tmp_path), recording]) == 0
    assert capsys.readouterr().out.strip() == f"{recording}: {found[0]['greedy']}".strip()


def test_a_classifier_is_trained_and_judged(folder: Path, tmp_path: Path, capsys: Any) -> None:
    task = get_task("audio-classification")
    data = task.load(str(folder))
    made = fitted(task, "bigru", data, epochs=8, mask_feature_prob=0.0, mask_time_prob=0.0)
    found = made.predict(task.inputs(data["test"]))
    judged = task.judge(found, data["test"], data["train"])
    assert judged["accuracy"] >= 0.8  # the first tone of each
    made.save(tmp_path)
    recording = data["test"][1]["audio"]
    assert main(["predict", str(tmp_path), recording]) == 0
    label = data["test"].features["label"].names[found[1]]
    assert capsys.readouterr().out.startswith(f"{recording}: {label} (")


def test_the_nearest_template(folder: Path) -> None:
    for name, right in (("automatic-speech-recognition", "wer"), ("audio-classification", "")):
        task = get_task(name)
        data = task.load(str(folder))
        made = fitted(task, "template", data)
        judged = task.judge(made.predict(task.inputs(data["test"])), data["test"], data["train"])
        assert judged[right] <= 0.5 if right else judged["accuracy"] >= 0.8


def test_a_text_with_an_unknown_character(folder: Path) -> None:
    data = get_task("automatic-speech-recognition").load(str(folder))
    extractor = make_extractor(data["train"]["audio"], True)
    with pytest.raises(ValueError, match="holds 'b'") as caught:
        encode(data["test"], ctc_tokenizer(["a a"]), extractor)
    assert_one_sentence(caught.value, "'ab'", "test0.wav")


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
    assert min(trial["wer"] for trial in decoder.trials) == 0
