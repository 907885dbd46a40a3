"""Networks and floors over clips and skeletons learn what is easy, are saved and answer again."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hf_recurrent.__main__ import main
from hf_recurrent.tasks import Work, get_task
from hf_recurrent.tasks.templates import Templates
from hf_recurrent.tasks.video_classification import encoding

TASK = get_task("video-classification")
VALUES = {"epochs": 4, "hidden_size": 8, "learning_rate": 0.02, "batch_size": 4, "threads": 1}


def fitted(name: str, data: Any, **values: Any) -> Any:
    row = TASK.models[name]
    base = row.search.base if row.search else {}
    work = Work(name, TASK, row, {**base, **row.config, **VALUES, **values}, 0, 64, data)
    return row.fit(work)


@pytest.fixture(scope="module")
def of_skeletons(skeletons: Path) -> Any:
    return TASK.load("utkinect", data_dir=str(skeletons))


def test_floors(of_skeletons: Any, tmp_path: Path) -> None:
    test = of_skeletons["test"]
    for name, least, most in (("majority", 0.3, 0.34), ("nearest-mean", 0.9, 1), ("dtw", 0.9, 1)):
        found = fitted(name, of_skeletons)
        predictions = found.predict(TASK.inputs(test))
        judged = TASK.judge(predictions, test, of_skeletons["train"])
        assert least <= judged["accuracy"] <= most, name
        assert least <= found.validation <= most
        found.save(tmp_path)
        assert (tmp_path / "floor.json").exists()


def test_time_warping_is_that_of_the_textbook() -> None:
    rng = np.random.default_rng(0)
    known = [rng.normal(size=(n, 2)).astype(np.float32) for n in (3, 5, 4)]
    given = rng.normal(size=(4, 2)).astype(np.float32)
    expected = []
    for other in known:
        costs = np.linalg.norm(given[:, None] - other[None], axis=2)
        total = np.full((len(given) + 1, len(other) + 1), np.inf)
        total[0, 0] = 0
        for i in range(len(given)):
            for j in range(len(other)):
                before = min(total[i, j], total[i, j + 1], total[i + 1, j])
                total[i + 1, j + 1] = costs[i, j] + before
        expected.append(total[-1, -1] / (len(given) + len(other)))
    templates = Templates(known, ["a", "b", "c"])
    np.testing.assert_allclose(templates.distances(given), expected, rtol=1e-4)
    assert templates.nearest(known[1]) == "b"


def test_a_network_over_skeletons(of_skeletons: Any, tmp_path: Path, capsys) -> None:
    found = fitted("bigru", of_skeletons)
    assert found.validation > 0.6
    test = of_skeletons["test"]
    predictions = found.predict(TASK.inputs(test))
    assert TASK.judge(predictions, test, test)["accuracy"] > 0.6
    assert found.measure()["frames_per_second"] > 0
    found.save(tmp_path)
    clip = test[0]["clip"]
    assert main(["predict", str(tmp_path), clip]) == 0
    told = capsys.readouterr().out
    label = test.features["label"].names[predictions[0]]
    assert told.startswith(f"{clip}: {label} (")
    batch, names = TASK.labelled_batch(test, str(tmp_path), 64)
    assert batch["input_features"].shape[0] == len(test)
    assert names == test.features["label"].names
    answers = [*TASK.answers(test, predictions)]
    assert answers[0][0] == clip.rpartition("/")[2]
    exec(TASK.usage(repr(str(tmp_path)), None, False), {})


def test_times_are_measured_from_the_clip_on(clips: Path, monkeypatch) -> None:
    read: list[str] = []
    pictures_of = encoding.pictures_of
    monkeypatch.setattr(
        encoding, "pictures_of", lambda clip, *most: read.append(clip) or pictures_of(clip, *most)
    )
    data = TASK.load(str(clips))
    found = fitted("bigru-pixels", data, epochs=1)
    assert len(read) == len(data["train"]) + len(data["validation"])  # once in all of training
    clip = data["train"][0]["clip"]
    read.clear()
    for _ in range(2):
        found.predict([clip])
    assert read == [clip] * 2


def test_networks_over_clips(clips: Path, tmp_path: Path, capsys) -> None:
    data = TASK.load(str(clips))
    for name in ("bigru", "bigru-pixels"):
        found = fitted(name, data, epochs=3 if name == "bigru" else 1)
        found.save(tmp_path / name)
    batch, _ = TASK.labelled_batch(data["test"], str(tmp_path / "bigru"), 64)
    assert batch["pixel_values_videos"].shape[2:] == (1, 32, 56)
    assert main(["predict", str(tmp_path / "bigru"), data["test"][0]["clip"]]) == 0
    assert data["test"][0]["clip"] in capsys.readouterr().out
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(Path(data["test"][0]["clip"]).read_bytes()[:300])
    assert main(["predict", str(tmp_path / "bigru"), str(broken)]) == 1
    assert "broken.mp4" in capsys.readouterr().err
    assert main(["predict", str(tmp_path / "bigru"), "a.npz::1"]) == 1
    assert "has numbers, and the model reads pictures" in capsys.readouterr().err
    (processor,) = (tmp_path / "bigru").glob("*processor_config.json")
    processor.write_text(processor.read_text()[:50])
    assert main(["predict", str(tmp_path / "bigru"), data["test"][0]["clip"]]) == 1
    assert "its video processor is missing or damaged" in capsys.readouterr().err
    with pytest.raises(ValueError, match="leave out --attention"):
        TASK.predict("folder", ["a.mp4"], explain=True)


def test_the_best_network_is_the_same_in_each_run(of_skeletons: Any) -> None:
    first, second = (fitted("mingru", of_skeletons, epochs=1) for _ in range(2))
    assert first.curve == second.curve
    torch.testing.assert_close(first.validation, second.validation)
