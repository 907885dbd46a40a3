import io
import subprocess
import sys
from pathlib import Path

import pytest

from hf_recurrent import __main__ as command
from hf_recurrent import benchmark as benchmark_module
from hf_recurrent.__main__ import main
from hf_recurrent.benchmark.settings import BenchmarkSettings
from hf_recurrent.tasks.text_classification.models import MODELS

from .benchmark.conftest import sentences, write_csv
from .tasks.text_classification.test_prediction import save


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[BenchmarkSettings, Path]]:
    calls: list[tuple[BenchmarkSettings, Path]] = []
    monkeypatch.setattr(
        benchmark_module,
        "benchmark",
        lambda settings, output: calls.append((settings, output)) or 0,
    )
    return calls


def error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line on stderr of a command that fails with status 1."""
    assert main(arguments) == 1
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert captured.out == ""
    return line


def test_the_default_asks_for_the_demo(asked) -> None:
    assert main(["benchmark"]) == 0
    assert asked == [(BenchmarkSettings(), Path("benchmark-results/movie-snippets"))]


def test_every_flag_reaches_the_settings(asked, tmp_path: Path) -> None:
    flags = """benchmark --models lstm gru --embeddings glove:frozen random --dataset a/b
        --data-dir d --text-column t --label-column l --seeds 3 --trials 4 --epochs 5 --max-length 6
        --limit-train 7 --label-lines --baseline c/d --trust-remote-code --threads 8
        --group-column g --output out --elmo e --bert-scratch f/g --vectors v"""
    assert main(flags.split()) == 0
    ((settings, output),) = asked
    assert settings.models == ("lstm", "gru")
    assert list(map(str, settings.embeddings)) == ["glove:frozen", "random:tuned"]
    shown = {k: v for k, v in vars(settings).items() if k not in ("models", "embeddings")}
    assert shown == {
        "dataset": "a/b",
        "seeds": 3,
        "trials": 4,
        "epochs": 5,
        "max_length": 6,
        "baseline": "c/d",
        "elmo": "e",
        "bert_scratch": "f/g",
        "vectors": "v",
        "limit_train": 7,
        "data_dir": "d",
        "task": "text-classification",
        "options": {
            "text_column": "t",
            "label_column": "l",
            "label_lines": True,
            "group_column": "g",
        },
        "threads": 8,
        "trust_remote_code": True,
    }
    assert output == Path("out")


def test_threads_are_searched_where_no_number_is_given(asked, capsys) -> None:
    assert main(["benchmark", "--threads", "auto"]) == 0
    assert asked[0][0] == BenchmarkSettings()
    with pytest.raises(SystemExit) as caught:
        main(["benchmark", "--threads", "0"])
    assert caught.value.code != 0
    assert "--threads: threads is '0', expected auto or a number" in capsys.readouterr().err


def test_full_asks_for_everything_that_is_not_chosen(asked) -> None:
    main(["benchmark", "--full"])
    # Models that need a folder of the user run only where it is given.
    own = [name for name, row in MODELS.items() if row.encoder not in ("", "baseline")]
    assert asked[0][0].models == tuple(name for name in MODELS if name not in own)
    main(["benchmark", "--full", "--elmo", "e", "--bert-scratch", "f"])
    assert asked.pop()[0].models == tuple(MODELS)
    main(["benchmark", "--full", "--models", "lstm"])
    assert len(asked[0][0].embeddings) == 8
    assert asked[1][0].models == ("lstm",)


@pytest.mark.parametrize(
    ("dataset", "folder"),
    [("trec", "trec"), ("some/where/my reviews.csv", "my-reviews.csv"), ("owner/set", "set")],
)
def test_the_output_folder_is_named_by_the_data(dataset, folder, asked) -> None:
    main(["benchmark", "--dataset", dataset])
    assert asked[0][1] == Path("benchmark-results", folder)


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--models", "elstm"], "Did you mean 'lstm'?"),
        (["--embeddings", "glove:warm"], "There are no embeddings 'glove:warm'"),
        (["--seeds", "0"], "--seeds is 0"),
        (["--trials", "99"], "--trials is 99"),
        (["--dataset", "no-such-data"], "'no-such-data' is neither a file"),
    ],
)
def test_bad_flags_end_in_one_sentence(flags, sentence, tmp_path, capsys) -> None:
    assert sentence in error(["benchmark", "--output", str(tmp_path), *flags], capsys)


def test_bad_data_ends_in_one_sentence(tmp_path: Path, capsys) -> None:
    reviews = write_csv(tmp_path / "reviews.csv", sentences(40))
    one_class = write_csv(tmp_path / "one.csv", [(text, "good") for text, _ in sentences(40)])
    flags = ["benchmark", "--models", "tfidf", "--output", str(tmp_path / "out")]
    unknown = [*flags, "--dataset", str(reviews), "--text-column", "review"]
    assert "has no column 'review'" in error(unknown, capsys)
    assert "one label 'good'" in error([*flags, "--dataset", str(one_class)], capsys)
    assert list((tmp_path / "out").iterdir()) == []


def test_an_output_that_cannot_be_written_ends_in_one_sentence(tmp_path: Path, capsys) -> None:
    (tmp_path / "file").write_text("")
    flags = ["benchmark", "--output", str(tmp_path / "file" / "out")]
    assert "cannot be written" in error(flags, capsys)


def test_ctrl_c_says_that_the_next_run_goes_on(monkeypatch, capsys) -> None:
    def interrupted(settings, output):
        raise KeyboardInterrupt

    monkeypatch.setattr(benchmark_module, "benchmark", interrupted)
    assert main(["benchmark"]) == 130
    assert "the same command goes on from there" in capsys.readouterr().err


def test_predict_labels_texts_and_lines(tmp_path: Path, monkeypatch, capsys) -> None:
    folder = str(save(tmp_path, pooling="attention"))
    assert main(["predict", folder, "a fine film", "dull"]) == 0
    given = capsys.readouterr().out
    assert [line.split("| ")[1] for line in given.splitlines()] == ["a fine film", "dull"]
    assert given.count("good 0.") == given.count("bad 0.") == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("a fine film\ndull\n"))
    assert main(["predict", folder]) == 0
    assert capsys.readouterr().out == given
    assert main(["predict", folder, "--attention", "a fine film"]) == 0
    assert "fine(0." in capsys.readouterr().out


def test_predict_answers_whatever_the_terminal_and_the_shell_send(tmp_path, monkeypatch) -> None:
    folder = str(save(tmp_path, pooling="attention"))
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert main(["predict", folder, "un été", "caf\udce9", "a\x1b[31mfilm", "dull"]) == 0
    sys.stdout.flush()
    texts = [line.split(b"| ")[1] for line in raw.getvalue().splitlines()]
    assert texts == [rb"un \xe9t\xe9", rb"caf\ufffd", rb"a\x1b[31mfilm", b"dull"]


def test_predict_refuses_input_that_is_no_text(tmp_path: Path, monkeypatch, capsys) -> None:
    folder = str(save(tmp_path, pooling="attention"))
    monkeypatch.setattr("sys.stdin", io.StringIO("a\0film\n"))
    assert "holds NUL bytes" in error(["predict", folder], capsys)


def test_predict_ends_in_one_sentence(tmp_path: Path, monkeypatch, capsys) -> None:
    folder = str(save(tmp_path / "max", pooling="max"))
    assert "attention pooling" in error(["predict", folder, "--attention", "a"], capsys)
    missing = str(tmp_path / "nothing")
    assert "no folder here" in error(["predict", missing, "a"], capsys)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert "no text to answer" in error(["predict", folder], capsys)


def test_the_module_is_the_command_and_tells_its_usage() -> None:
    run = [sys.executable, "-m", "hf_recurrent", "benchmark", "--help"]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "hf-recurrent benchmark --models bert-finetuned" in done.stdout
    assert command.main.__module__ == "hf_recurrent.__main__"


def test_a_wrong_verb_is_refused(capsys) -> None:
    for arguments in (["bench"], ["benchmark", "--sedes", "3"], ["predict", "m", "a", "--attn"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
        assert arguments[-1].split()[0] in capsys.readouterr().err or "--sedes" in arguments


@pytest.mark.parametrize(
    ("arguments", "guess"),
    [
        (["benchmrk"], "Did you mean 'benchmark'?"),
        (["vectors", "neighbours", "glove", "a"], "Did you mean 'neighbors'?"),
        (["vectors", "train", "x", "--output", "y", "--kind", "skipgram"], "'skip-gram'?"),
        (["benchmark", "--sedes", "3"], "Did you mean '--seeds'?"),
        (["benchmark", "--sedes=3"], "Did you mean '--seeds'?"),
    ],
)
def test_a_slip_is_guessed(arguments, guess, capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert guess in capsys.readouterr().err


def test_errors_name_options_and_guess_names(tmp_path: Path, capsys) -> None:
    reviews = write_csv(tmp_path / "reviews.csv", sentences(40))
    flags = ["benchmark", "--models", "tfidf", "--output", str(tmp_path / "out"), "--dataset"]
    both = [*flags, str(reviews), "--group-column", "who", "--time-column", "when"]
    assert "--group-column and --time-column are both given" in error(both, capsys)
    told = error([*flags, str(reviews), "--text-column", "texts"], capsys)
    assert "name the column by --text-column. Did you mean 'text'?" in told
    assert "Did you mean 'trec'?" in error([*flags, "terc"], capsys)
    assert "--max-length is 0" in error([*flags, "trec", "--max-length", "0"], capsys)
    train = ["vectors", "train", "x", "--output", str(tmp_path / "v"), "--min-count", "0"]
    assert "--min-count is 0" in error(train, capsys)
    wrong = error([*train, "--kind", "glove", "--negative", "5", "--min-n", "2"], capsys)
    assert wrong.startswith("hf-recurrent: --negative and --min-n: no option of glove")
    assert "--x-max" in wrong
    assert "x_max" not in wrong
