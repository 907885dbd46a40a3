"""Memory tasks as the comparison sees them: floors, judging, words and bad input."""

import math

import numpy as np
import pytest

from hf_recurrent.benchmark.settings import choose_task
from hf_recurrent.tasks import Work, get_task
from hf_recurrent.tasks.memory.data import copying_batch
from hf_recurrent.tasks.memory.fitting import fit_guess
from hf_recurrent.tasks.memory.judging import solved_text
from hf_recurrent.tasks.memory.showing import frames_of, ids_of

COPYING, ADDING = get_task("copying"), get_task("adding")


def guess(task, dataset: str, length: int) -> tuple[float, dict[str, float]]:
    """Return the validation figure and the test figures of the guess."""
    data = task.load(dataset, length=length, steps=1)
    fitted = fit_guess(Work("guess", task, task.models["guess"], {}, 0, 256, data))
    predictions = fitted.predict(task.inputs(data["test"]))
    return fitted.validation, task.judge(predictions, data["test"], data["train"])


@pytest.mark.parametrize("dataset", COPYING.datasets)
@pytest.mark.parametrize("length", [30, 100])
def test_the_guess_of_copying(dataset: str, length: int) -> None:
    validation, told = guess(COPYING, dataset, length)
    assert told["cross_entropy"] == pytest.approx(10 * math.log(8) / (length + 20))
    assert told["accuracy"] == pytest.approx(1 / 8, abs=0.015)
    assert validation == pytest.approx(1 / 8, abs=0.02)
    assert told["sequence_accuracy"] == 0


def test_the_guess_of_adding() -> None:
    _, told = guess(ADDING, "adding", 30)
    rows = ADDING.load("adding", length=30, steps=1)["test"]["marked"][:]
    assert told["rmse"] ** 2 == pytest.approx(np.mean((np.sum(rows, axis=1) - 1) ** 2))
    assert told["rmse"] ** 2 == pytest.approx(1 / 6, rel=0.1)
    assert told["within_tolerance"] < 0.15


def test_right_and_wrong_copies() -> None:
    rows = COPYING.load("selective-copying", length=20, steps=1)["test"].select(range(4))
    labels = copying_batch(rows[:])["labels"]
    scores = np.log(np.where(np.arange(9) == labels[..., None], 0.92, 0.01))
    told = COPYING.judge([*scores], rows, rows)
    assert told == {
        "accuracy": 1.0,
        "sequence_accuracy": 1.0,
        "cross_entropy": pytest.approx(-math.log(0.92)),
    }
    scores[1, -1] = np.roll(scores[1, -1], 1)  # the last symbol of a row
    told = COPYING.judge([*scores], rows, rows)
    assert (told["accuracy"], told["sequence_accuracy"]) == (39 / 40, 3 / 4)
    answers = [*COPYING.answers(rows, [*scores])]
    assert [expected is None for *_, expected in answers] == [True, False, True, True]
    text, answer, _ = answers[0]
    assert answer == " ".join(map(str, rows["symbols"][0]))
    assert [word.partition("@")[0] for word in text.split()] == answer.split()


def test_sums_that_are_right() -> None:
    rows = ADDING.load("adding", length=20, steps=1)["test"].select(range(4))
    sums = np.sum(rows["marked"], axis=1)
    told = ADDING.judge([*np.add(sums, [0.03, -0.03, 0.05, 0])], rows, rows)
    assert told == {
        "rmse": pytest.approx(math.sqrt((2 * 0.03**2 + 0.05**2) / 4), rel=1e-3),
        "within_tolerance": 0.75,
    }
    answers = [*ADDING.answers(rows, [*(sums + 0.05)])]
    assert [expected is None for *_, expected in answers] == [False] * 4
    first, second = rows["marked"][0]
    told = [
        f"{v:.3f} at step {at + 1}"
        for v, at in zip((first, second), rows["places"][0], strict=True)
    ]
    assert answers[0] == (" and ".join(told), f"{sums[0] + 0.05:.3f}", f"{sums[0]:.3f}")


def test_solved_after_how_many_steps() -> None:
    steps = [100, 200, 300]
    assert solved_text(COPYING, [0.5, 0.99, 1.0], steps).startswith("solved after 200 steps")
    assert solved_text(COPYING, [0.5, 0.989, 0.9], steps) == (
        "not solved in 300 steps (accuracy at least 99.00 %)"
    )
    assert solved_text(ADDING, [0.4, 0.06, 0.05], steps) == (
        "solved after 300 steps (RMSE at most 0.0500)"
    )


def test_texts_that_predict_reads() -> None:
    assert ids_of("3 1 4 1 5 2 6 5 .3 3 . 5").tolist() == [
        *[3, 1, 4, 1, 5, 2, 6, 5, 8, 8, 8, 3, 8, 5, 9],
        *[8] * 10,
    ]
    for text, found in (("3 1 4", "3 symbols"), ("a", "'a'"), ("8", "'8'"), ("٣", "'٣'")):
        with pytest.raises(ValueError, match=f"has {found}: expected 10 symbols from 0 to 7"):
            ids_of(text)
    assert frames_of("0.2 .5* 1 0*").tolist() == [
        [pytest.approx(0.2), 0],
        [0.5, 1],
        [1, 0],
        [0, 1],
    ]
    for text in ("0.2 0.3*", "0.1* 0.2* 0.3*", "1.5 0.1* 0.2*", "a* 0.1*", ""):
        with pytest.raises(ValueError, match="expected numbers from 0 to 1"):
            frames_of(text)
    for task in (COPYING, ADDING):
        with pytest.raises(ValueError, match="leave out --attention"):
            task.predict("folder", ["a"], explain=True)


def test_data_choose_the_task() -> None:
    assert choose_task(None, "selective-copying") is COPYING
    assert choose_task(None, "adding", {"length": "50"}) is ADDING
    assert choose_task(None, None, {"length": "50"}) is COPYING
    assert choose_task(None, None, {}, ["irnn"]) is COPYING
    assert choose_task(None, None, {}, ["lstm"]).id == "text-classification"
