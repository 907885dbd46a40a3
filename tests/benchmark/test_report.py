import re
from copy import copy
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import datasets
import pytest

from hf_recurrent.benchmark.jobs import Contender
from hf_recurrent.benchmark.outcome import Kept, Line, Outcome
from hf_recurrent.benchmark.prepare import Prepared
from hf_recurrent.benchmark.report import write_report
from hf_recurrent.benchmark.settings import BenchmarkSettings
from hf_recurrent.benchmark.summary import Figure, limits, notices, processors, summarize
from hf_recurrent.benchmark.terminal import format_best, format_outcome, format_table
from hf_recurrent.benchmark.verdict import leading
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.metric import Metric

from .conftest import finished

EVIL = "<script>alert(1)</script>"


def row(contender: Contender, seed: int, **changes) -> dict:
    job = {"kind": "run", "seed": seed, "data": "abc", "values": {"learning_rate": 1e-3}}
    job |= {"model": contender.model, "embedding": contender.embedding}
    return {
        "key": f"{contender}{seed}",
        "job": job,
        "result": finished() | {"coverage": None} | changes,
    }


def outcome(tmp_path: Path, **changes) -> Outcome:
    part = datasets.Dataset.from_dict({"text": ["a"] * 9, "label": [0, 1, 0] * 3})
    data = datasets.DatasetDict(dict.fromkeys(("train", "validation", "test"), part))
    attention = Contender("bilstm-attention", "glove:tuned")
    frozen = Contender("bert-frozen", None)
    words = [(EVIL, 0.75), ("film", 0.25)]
    examples = [{"label": EVIL, "predicted": "bad", "words": words}]
    coverage = {"vectors": "glove", "share": 0.3, "report": "types: 3 of 9"}
    test = {"accuracy": 0.7, "f1_macro": 0.6, "matthews_correlation": 0.2}
    lines = [
        Line(
            attention,
            [
                row(attention, 0, examples=examples, coverage=coverage),
                row(attention, 1, test=test, coverage=coverage),
            ],
            [
                {
                    "job": {"values": {"learning_rate": rate, "epochs": 3}},
                    "result": {"validation": 0.5 + rate},
                }
                for rate in (0.1, 0.2)
            ],
        ),
        Line(
            frozen,
            [
                row(
                    frozen,
                    0,
                    encoder="tiny, 0.1M",
                    epochs=None,
                    curve=[],
                    trained_on=4,
                    trials=[{"values": {"C": 0.3}, "validation": 0.8}],
                    latency={"median_ms": 90.0, "p95_ms": 99.0, "timed": 9},
                )
            ],
        ),
    ]
    settings = BenchmarkSettings(dataset=str(tmp_path / "reviews.csv"), data_dir=str(tmp_path))
    task = get_task("text-classification")
    prepared = Prepared(task, f"reviews.csv {EVIL}", data, "abc", 9, [f"2 of 9 {EVIL}"])
    best = changes.get("best", lines[0].runs[0])
    folder = changes.get("best_folder", tmp_path / "best")
    kept = []
    if best is not None:
        earlier = best is not lines[0].runs[0]
        kept.append(Kept("best", "recurrent networks", best, folder, earlier))
    return Outcome(settings, prepared, lines, changes.get("failures", ["it broke"]), kept)


@pytest.fixture
def page(tmp_path: Path) -> str:
    result = outcome(tmp_path)
    write_report(result, summarize(result), tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    return (tmp_path / "report.html").read_text(encoding="utf-8")


class _Tags(HTMLParser):
    """Checks that tags are closed in order, and gathers what they point at."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag, attributes) -> None:
        self.links += [v for k, v in attributes if k in ("src", "href", "srcset", "action")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_asks_for_nothing(page: str) -> None:
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    assert tags.links == []
    assert "http" not in page
    assert "@import" not in page
    assert "url(" not in page
    assert page.count("<svg") == 3


def test_what_comes_from_the_data_is_escaped(page: str) -> None:
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 4


def test_only_the_next_steps_name_a_folder_of_the_machine(page: str, tmp_path: Path) -> None:
    start, end = page.index("<h2>Next steps"), page.index("<h2>Read with care")
    assert f"predict {tmp_path / 'best'} &#34;a text&#34;" in page[start:end]
    assert f"app {tmp_path / 'best'}" in page[start:end]
    assert f"publish {tmp_path / 'best'} OWNER/NAME" in page[start:end]
    assert str(tmp_path) not in page[:start] + page[end:]


def test_a_model_that_is_gone_leaves_the_command_that_trains_it_again(tmp_path: Path) -> None:
    result = outcome(tmp_path, best_folder=None)
    write_report(result, summarize(result), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "no longer on disk" in page
    assert page.count("<pre>hf-recurrent benchmark --task text-classification") == 2
    assert str(tmp_path) not in page


def test_the_page_begins_with_what_ran_and_the_verdict(page: str) -> None:
    evil = "reviews.csv &lt;script&gt;alert(1)&lt;/script&gt;"
    assert f"<h1>Text classification on {evil}: 2 models compared</h1>" in page
    assert page.index("BiLSTM + attention has the best test accuracy") < page.index("<table")
    assert "the bars in the plots: one standard error for 9 test texts (binomial)" in page


def test_word_vectors_that_all_models_share_are_named_once(page: str, tmp_path: Path) -> None:
    assert "Word vectors of all models that use any: glove, tuned." in page
    assert "BiLSTM + attention, glove tuned" not in page
    result = outcome(tmp_path)
    frozen = Contender("lstm", "glove:frozen")
    result.lines.append(Line(frozen, [row(frozen, 0)]))
    titles = [line.title for line in summarize(result)]
    assert titles[0] == "BiLSTM + attention, glove tuned"
    assert titles[2] == "LSTM, glove frozen"
    assert summarize(result)[2].short == "lstm glove:frozen"


def test_facts_for_developers_are_folded(page: str) -> None:
    folded = page[page.index('<details class="facts">') :]
    assert "<dt>threads</dt><dd>1/2/1</dd>" in folded
    assert "<h3>Measured on</h3>" in folded
    assert "<h3>Settings</h3>" in folded


def test_the_page_tells_what_was_measured(page: str) -> None:
    for text in (
        "BiLSTM + attention</td>",
        "60.0 ± 14.1",  # 50 and 70 %
        "frozen encoder + logistic regression (tiny, 0.1M)",
        "4 of 9",
        "BiLSTM + attention: 2 trials<",
        "(tiny, 0.1M): 1 trial<",
        "it broke",
        "Only 30% of the running words",
        "learning_rate 0.2",
        "70.0",
        "C 0.3",
        "taken for bad",
        "--w:0.333",
        "prefers-color-scheme: dark",
        "width=device-width",
    ):
        assert text in page, text


def test_a_speed_or_size_is_a_cost_and_no_figure_of_the_test_part(tmp_path: Path) -> None:
    result = outcome(tmp_path)
    result.prepared.task = task = type(result.prepared.task)()
    speed = Metric("training_words_per_second", "training", unit="words/s", digits=0)
    size = Metric("index", "index", unit="MiB", digits=2)
    task.metrics = (*task.metrics, speed, size)
    for each in result.lines[0].runs:
        each["result"]["test"] |= {speed.key: 1234.0, size.key: 5.0}
        each["result"]["load"] = BUSY
    write_report(result, summarize(result), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    quality, cost = page.split("<h2>Plots")[0].split("<h2>Cost")
    assert "words/s" not in quality
    assert "<th>training<br><small>words/s</small></th>" in cost
    assert "<td>1,234 ± 0*</td><td>5.00 ± 0.00</td>" in cost
    assert "<th>training<br><small>texts/s</small></th>" not in cost
    header, *lines = re.findall(r"<tr>.*?</tr>", cost, re.DOTALL)
    assert {header.count("<th>"), *(line.count("<td>") for line in lines)} == {9}


def test_an_interval_stands_beside_its_figure_and_has_no_column(tmp_path: Path) -> None:
    result = outcome(tmp_path)
    result.prepared.task = task = type(result.prepared.task)()
    ends = [Metric(f"accuracy_{end}", f"the {end} end", is_bound=True) for end in ("low", "high")]
    task.metrics = (*task.metrics, *ends)
    for each in result.lines[0].runs:
        each["result"]["test"] |= {"accuracy": 0.8, "accuracy_low": 0.75, "accuracy_high": 0.85}
    result.lines = result.lines[:1]
    several = summarize(result)[0]
    assert several.quality["accuracy"] == "80.0 ± 0.0"
    result.lines = [Line(result.lines[0].contender, result.lines[0].runs[:1])]
    lines = summarize(result)
    assert lines[0].quality["accuracy"] == "80.0 (75.0 to 85.0)"
    write_report(result, lines, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    table = page.split("<h2>Plots")[0].split("<h2>Cost")[0]
    assert "<td>80.0 (75.0 to 85.0)</td>" in table
    for text in (table, format_outcome(result, lines)):
        assert "80.0 (75.0 to 85.0)" in text
        assert not [each.title for each in ends if each.title in text]


def test_one_processor_is_no_plural(tmp_path: Path) -> None:
    result = outcome(tmp_path)
    assert processors(result) == "2 CPUs"
    result.lines[0].runs[0]["result"]["machine"] = {"cpus": 2, "usable cpus": 1}
    write_report(result, summarize(result), tmp_path / "report.html")
    assert "on 1 CPU without a GPU" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_small_costs_and_long_words_keep_their_form(tmp_path: Path) -> None:
    result = outcome(tmp_path)
    result.lines = result.lines[1:]
    small = {"size_mib": 4e-5, "inference_rate": 0.346, "training_seconds": 0.0}
    result.lines[0].runs[0]["result"] |= small | {"latency": {"median_ms": 4e-4, "p95_ms": 4e-3}}
    lines = summarize(result)
    write_report(result, lines, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for told in ("&lt; 0.01 / &lt; 0.01", "<td>0.35</td>", "<td>&lt; 0.1</td>", "<td>0.0</td>"):
        assert told in page, told
    assert "overflow-wrap:anywhere" in re.search(r"\nbody {[^}]*}", page)[0]
    assert "sample standard deviation" not in page  # there is one run
    assert re.search(r"bert-frozen +0\.0 s +0\.35 +< 0\.01 +< 0\.1", format_outcome(result, lines))


def test_long_names_leave_room_for_the_columns_of_the_terminal(tmp_path: Path) -> None:
    result = outcome(tmp_path)
    vectors = "vectors-of-many-texts-of-the-year-2024.300d.bin:frozen"
    long = Contender("gru", vectors)
    result.lines.append(Line(long, [row(long, 0)]))
    told = format_outcome(result, summarize(result))
    assert re.search(r"\ngru vectors-of-ma…4\.300d\.bin:frozen +50\.0 +40\.0 ", told)


def test_a_page_without_curves_examples_and_best_is_whole(tmp_path: Path) -> None:
    result = outcome(tmp_path, best=None, best_folder=None, failures=[])
    result.lines = result.lines[1:]
    write_report(result, summarize(result), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    _Tags().feed(page)
    assert page.count("<svg") == 2
    assert "Examples" not in page
    assert "Next steps" not in page


def test_the_template_travels_with_the_package() -> None:
    folder = resources.files("hf_recurrent.benchmark") / "templates"
    assert (folder / "report.html.j2").is_file()


def test_a_figure_is_the_mean_and_the_sample_deviation() -> None:
    share = Metric("share", "share")
    assert Figure.of([0.5, 0.7]).written(share) == "60.0 ± 14.1"
    assert Figure.of([0.5]).written(share) == "50.0"
    assert Figure.of([80.0, 82.0]).written(Metric("x", "x", unit="")) == "81.0 ± 1.4"


def test_the_terminal_lays_out_columns() -> None:
    table = format_table(["model", "x"], [["a", "1"], ["longer", "22.5"]])
    assert table.splitlines() == ["model      x", "------  ----", "a          1", "longer  22.5"]


def test_columns_that_do_not_fit_follow_below(tmp_path: Path) -> None:
    table = format_table(["model", "x", "y", "z"], [["a", "1", "22", "333"]], most=11)
    assert table.splitlines() == [
        *("model  x", "-----  -", "a      1", ""),
        *("model   y", "-----  --", "a      22", ""),
        *("model    z", "-----  ---", "a      333"),
    ]
    wide = format_table(["model", "x", "y", "z"], [["a", "1", "22", "333"]], most=17)
    assert max(map(len, wide.splitlines())) == 17
    assert "" not in wide.splitlines()


def test_the_terminal_keeps_to_its_width(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    result = outcome(tmp_path)
    result.prepared.title = "reviews.csv: " + "many words " * 20
    assert max(map(len, format_outcome(result, summarize(result)).splitlines())) <= 60


def test_the_terminal_tells_the_figures_and_the_notes(tmp_path: Path) -> None:
    result = outcome(tmp_path)
    text = format_outcome(result, summarize(result))
    assert re.search(r"bilstm-attention +60\.0 ± 14\.1", text)
    assert re.search(r"bert-frozen .* 4 of 9", text)
    assert text.index("BiLSTM + attention has the best test accuracy") < text.index("60.0 ± 14.1")
    assert "Word vectors of all models that use any: glove:tuned." in text
    assert "Measured on 2 CPUs." in text
    assert "bert-frozen: frozen encoder + logistic regression (tiny, 0.1M)" in text
    assert re.search(r"bilstm-attention +1\.0 s +1 +1\.00 +1\.0 +2 +10\n", text)
    assert "*" not in text
    assert "†" not in text
    assert "Note: 2 of 9" in text
    assert f"predict {tmp_path / 'best'}" in format_best(result)
    assert "no longer on disk" in format_best(outcome(tmp_path, best_folder=None))
    assert format_best(outcome(tmp_path, best=None)) == ""
    assert "earlier comparison" not in format_best(result)
    elsewhere = row(Contender("gru", "glove:tuned"), 7)
    best = " ".join(format_best(outcome(tmp_path, best=elsewhere)).split())
    assert "seed 7, of an earlier comparison" in best


def test_different_machines_are_told(tmp_path: Path) -> None:
    result = outcome(tmp_path)
    assert not any("different machines" in notice for notice in notices(result))
    result.lines[1].runs[0]["result"]["machine"] = {"cpus": 64}
    assert any("different machines" in notice for notice in notices(result))


def test_the_limits_speak_of_what_is_in_the_table(tmp_path: Path) -> None:
    result = outcome(tmp_path)
    lines = summarize(result)
    assert any("encoder was pretrained" in note for note in limits(result, lines))
    # The standard error of an accuracy of 60 % on 9 texts.
    assert "16.3 points" in limits(result, lines)[0]
    assert not any("encoder was pretrained" in note for note in limits(result, lines[:1]))
    packaged, own = "billions of words", "own word vectors is not in the table"
    for vectors, told in (
        ("glove:tuned", [packaged]),
        ("random:tuned", []),
        ("own:frozen", [own]),
    ):
        result.lines[0].contender = Contender("bilstm-attention", vectors)
        notes = " ".join(limits(result, lines))
        assert [each for each in (packaged, own) if each in notes] == told
        assert packaged not in " ".join(limits(result, lines[1:]))


def test_a_difference_of_other_units_is_not_in_points(tmp_path: Path) -> None:
    result = outcome(tmp_path)
    task = result.prepared.task = type(result.prepared.task)()
    error = Metric("accuracy", "RMSE", higher_is_better=False, unit="", digits=4)
    task.metrics = (error, *task.metrics[1:])
    for line in result.lines:
        for each in line.runs:
            each["result"]["standard_error"] = 0.0077
    assert "about 0.0077 (the standard error" in limits(result, summarize(result))[0]


@pytest.mark.parametrize(
    ("accuracies", "rows", "first"),
    [
        # A standard error of 0.4 points at 80 %.
        (([0.80], [0.79]), 10_000, 0),
        (([0.80], [0.795]), 10_000, None),
        (([0.79], [0.80]), 10_000, 1),
        (([0.80], [0.80]), 10_000, None),
        # And of 4 points.
        (([0.80], [0.75]), 100, None),
        # The spreads are 1.4 and 0.
        (([0.79, 0.81], [0.79]), 1_000_000, None),
        (([0.79, 0.81], [0.78]), 1_000_000, 0),
        # Ahead of all others, not of one.
        (([0.80], [0.70], [0.799]), 10_000, None),
        (([0.80],), 10_000, None),
    ],
)
def test_only_a_lead_that_says_something_is_bold(
    tmp_path: Path, accuracies, rows: int, first: int | None
) -> None:
    made = outcome(tmp_path, best=None, best_folder=None, failures=[])
    one = Contender("tfidf", None)
    made.lines = [
        Line(one, [row(one, n, test=finished()["test"] | {"accuracy": a}) for n, a in numbered])
        for numbered in map(list, map(enumerate, accuracies))
    ]
    part = datasets.Dataset.from_dict({"text": ["a"] * rows, "label": [0] * rows})
    made.prepared.data["test"] = part
    lines = summarize(made)
    found = leading(lines)
    assert found is (None if first is None else lines[first])
    write_report(made, lines, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    bold = re.findall(r'<td class="best">(.*?)</td>', page)
    assert bold == ([] if first is None else [lines[first].quality["accuracy"]])


BUSY = {"before": 0.2, "after": 3.4, "others": 1.2, "cpus": 2, "usable": 2}
CHANGED = {
    "fixed": False,
    "training": 1,
    "inference": 1,
    "changes": [{"step": 240, "before": 2, "after": 1}],
}


def test_times_beside_other_work_and_changed_threads_are_marked(tmp_path: Path) -> None:
    result = outcome(tmp_path)
    first, second = result.lines[0].runs
    first["result"] |= {"load": BUSY, "machine": {"cpus": 2}}
    second["result"]["threads"] = CHANGED
    second["result"]["latency"] = second["result"]["latency"] | {"threads": 2}
    lines = summarize(result)
    text = format_outcome(result, lines)
    assert re.search(r"bilstm-attention +1\.0 s\* +1\* +1\.00\* ", text)
    assert re.search(r"bert-frozen +1\.0 s +1 +90\.00 ", text)
    assert re.search(r"bilstm-attention .* 2†\s", text)
    text = " ".join(text.split())
    beside = "Times marked * were measured beside other work"
    changed = (
        "Runs marked † are not exactly repeatable: the number of threads changed in mid-run "
        "(bilstm-attention glove:tuned, seed 1: from 2 to 1 after step 240)."
    )
    assert f"Note: {beside}" in text
    assert f"Note: {changed}" in text
    write_report(result, lines, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for told in (
        beside,
        changed,
        "<td>1.00 / 2.00*</td>",
        "<td>1*</td>",
        "<td>2†</td>",
        "1/1-2/1-2",
    ):
        assert told in page, told
    assert "<td>90.00 / 99.00</td>" in page


def test_rows_of_earlier_versions_are_still_told(tmp_path: Path) -> None:
    result = outcome(tmp_path)
    for line in result.lines:
        for row in line.runs:
            for name in ("threads", "load"):
                del row["result"][name]
            latency = row["result"]["latency"]
            row["result"]["latency"] = {k: v for k, v in latency.items() if k != "threads"}
            row["result"]["machine"] = {"cpus": 2, "threads": 2}
    assert [line.threads for line in summarize(result)] == ["2/2/2", "2/2/2"]
    assert "*" not in format_outcome(result, summarize(result))


def test_a_limit_is_told_of_the_rows_that_the_judged_model_had(tmp_path: Path) -> None:
    """4 of 9 training rows, and two of validation to which nothing set a limit."""
    result = outcome(tmp_path)
    result.lines[1].runs[0]["result"] |= {"trained_on": 6, "added_rows": 2}
    assert [line.rows_text for line in summarize(result)][1] == "6 of 11"


def test_only_a_task_that_keeps_the_best_epoch_says_so(tmp_path: Path) -> None:
    result = outcome(tmp_path)
    lines = summarize(result)
    said = "The best epoch on validation is kept, so validation figures flatter."
    assert said in limits(result, lines)
    task = copy(result.prepared.task)
    task.keeps_best = False
    last = replace(result, prepared=replace(result.prepared, task=task))
    assert said not in limits(last, lines)
