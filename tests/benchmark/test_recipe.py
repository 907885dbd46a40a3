"""What ends a recipe is one sentence, and says how to go on."""

import pytest
from huggingface_hub.errors import HTTPError

from hf_recurrent.benchmark.recipe import run_recipe


def ends_with(error: BaseException) -> pytest.ExceptionInfo[SystemExit]:
    def main() -> None:
        raise error

    with pytest.raises(SystemExit) as caught:
        run_recipe(main, "the last epoch")
    return caught


def test_errors_are_one_sentence() -> None:
    for error in (ValueError("a\n b"), OSError("a b"), ImportError("a b")):
        assert ends_with(error).value.code == "error: a b"
    assert ends_with(HTTPError("no name")).value.code == "error: The Hub cannot be reached: no name"
    missing = KeyError(
        "The `metric_for_best_model` training argument is set to 'eval_x', which ..."
    )
    assert str(ends_with(missing).value.code).startswith("error: The `metric_for_best_model` tr")
    with pytest.raises(KeyError, match="other"):  # an error of ours
        ends_with(KeyError("other"))


def test_a_stopped_recipe_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends_with(KeyboardInterrupt()).value.code == 130
    told = capsys.readouterr().err
    assert told == "\nStopped: the same command goes on after the last epoch.\n"
