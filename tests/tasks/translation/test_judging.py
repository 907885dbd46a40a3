"""What a comparison's page shows of translations."""

from types import SimpleNamespace
from typing import Any

import datasets

from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.translation.judging import examples
from hf_recurrent.tasks.translation.readers import rows_of

NO_PICTURE: Any = SimpleNamespace(picture=None)


def test_a_sentence_that_comes_twice_is_shown_twice() -> None:
    sources, right = ["And he said.", "And he said.", "A dog."], ["Y dijo.", "Y él dijo.", "Un."]
    rows = datasets.Dataset.from_list(rows_of(sources, right))
    *shown, lengths = examples(NO_PICTURE, rows, ["Y dijo.", "Y él.", "Un."])
    assert sorted(each["source"] for each in shown) == sorted(sources)
    assert sorted(each["right"] for each in shown) == sorted(right)
    assert lengths["lengths"][0]["sentences"] == 3


def test_the_figures_have_their_signatures() -> None:
    told = get_task("translation").limits()[-1]
    missing = {"case:mixed", "case:lc", "tok:13a", "nc:6", "version:"}
    assert not {part for part in missing if part not in told}


def test_of_long_sentences_the_figures_alone_are_shown() -> None:
    rows = datasets.Dataset.from_list(rows_of(["a " * 90], ["b"]))
    (lengths,) = examples(NO_PICTURE, rows, ["b"])
    assert lengths["lengths"][0]["shortest"] == 31
