from dataclasses import replace

import pytest

from hf_recurrent.benchmark.outcome import Outcome
from hf_recurrent.benchmark.summary import Figure, TableLine, summarize
from hf_recurrent.benchmark.verdict import error_text, leading, uncertainties, verdict
from hf_recurrent.tasks.metric import Metric

from .test_report import outcome

F1 = Metric("f1", "F1")
ERROR = Metric("mse", "error", higher_is_better=False, unit="vowels²", digits=2)


@pytest.fixture
def whole(tmp_path) -> Outcome:
    return outcome(tmp_path)


def table(whole: Outcome, scores: dict[str, float], error=0.01, metric=F1) -> list[TableLine]:
    first = summarize(whole)[0]
    return [
        replace(
            first,
            title=title,
            chooser=metric,
            error=error,
            figures={metric.key: Figure(score, None)},
            costs=first.costs | {"training_seconds": 200.0, "size_mib": 0.034},
        )
        for title, score in scores.items()
    ]


COST = "it takes 3 min of training, 0.034 MiB on disk and 1 ms from text to label."


@pytest.mark.parametrize(
    ("scores", "sentence"),
    [
        ({"A": 0.8}, f"A has a test F1 of 80.0 ± 1.0 %; {COST}"),
        ({"B": 0.7, "A": 0.8}, f"A has clearly the best test F1, 80.0 ± 1.0 %; {COST}"),
        (
            {"B": 0.79, "A": 0.8, "C": 0.7},
            f"A has the best test F1, 80.0 ± 1.0 %, but B is too close to call; {COST}",
        ),
        (
            {"A": 0.8, "B": 0.79, "C": 0.795},
            f"A has the best test F1, 80.0 ± 1.0 %, but C and B are too close to call; {COST}",
        ),
        (
            {"A": 0.8, **dict.fromkeys("BCDEF", 0.79)},
            f"A has the best test F1, 80.0 ± 1.0 %, but B, C, D and 2 more are too close to call; "
            f"{COST}",
        ),
    ],
)
def test_the_verdict_names_the_best_those_close_to_it_and_its_cost(whole, scores, sentence) -> None:
    assert verdict(whole, table(whole, scores)) == sentence


def test_less_is_better_of_an_error_and_without_a_standard_error_none_is_shown(whole) -> None:
    lines = table(whole, {"A": 1.5, "B": 0.5}, None, ERROR)
    assert verdict(whole, lines) == f"B has clearly the best test error, 0.50 vowels²; {COST}"


def test_the_verdict_begins_with_a_capital(whole) -> None:
    assert verdict(whole, table(whole, {"tf-idf": 0.8})).startswith("Tf-idf has a test F1")


def test_names_with_commas_stay_apart_in_the_verdict(whole) -> None:
    lines = table(whole, {"LSTM, glove": 0.8, "LSTM, Luong attention, fed": 0.795, "A": 0.792})
    told = verdict(whole, lines)
    assert told.startswith("LSTM (glove) has the best")
    assert "but LSTM (Luong attention, fed) and A are too close to call" in told


def test_the_verdict_keeps_the_form_of_a_name(whole) -> None:
    assert verdict(whole, table(whole, {"minGRU": 0.8})).startswith("minGRU has")
    assert verdict(whole, table(whole, {"word by IBM": 0.8})).startswith("Word by IBM has")


def test_a_row_that_stands_apart_is_never_the_best(whole) -> None:
    best, second, third = table(whole, {"B": 0.9, "A": 0.8, "C": 0.7})
    lines = [replace(best, row=replace(best.row, apart=True)), second, third]
    assert verdict(whole, lines) == f"A has clearly the best test F1, 80.0 ± 1.0 %; {COST}"
    assert leading(lines) is second
    assert leading(lines[:2]) is None
    assert verdict(whole, lines[:1]).startswith("B has a test F1 of 90.0")


def test_bars_are_standard_errors_only_where_all_are_known(whole) -> None:
    known, spread = Figure(0.8, None), Figure(0.8, 0.02)
    lines = [replace(line, figures={"f1": spread}) for line in table(whole, {"A": 0, "B": 0})]
    assert uncertainties(lines) == [0.01, 0.01]
    assert error_text(whole, lines) == (
        "one standard error for 9 test texts (jackknife over 9 groups)"
    )
    lines[0] = replace(lines[0], error=None)
    assert uncertainties(lines) == [0.02, 0.02]
    assert error_text(whole, lines) == "the standard deviation over the seeds"
    assert "80.0 ± 2.0 %" in verdict(whole, lines)
    lines = [replace(line, error=None, figures={"f1": known}) for line in lines]
    assert uncertainties(lines) == [None, None]
    assert error_text(whole, lines) == ""


def test_rows_of_several_seeds_have_the_mean_of_their_standard_errors(whole) -> None:
    task = whole.prepared.task
    assert summarize(whole)[0].error == pytest.approx((0.6 * 0.4 / 9) ** 0.5)
    whole.prepared.task = type(task)()
    whole.prepared.task.metrics = (replace(task.chooser, is_share=False), *task.metrics[1:])
    assert summarize(whole)[0].error is None
    for number, row in enumerate(whole.lines[0].runs):
        row["result"]["standard_error"] = 0.1 + 0.1 * number
    assert summarize(whole)[0].error == pytest.approx(0.15)
