"""How the items of a session are typed."""

from pathlib import Path

import pytest

from hf_recurrent.tasks.next_item_recommendation.catalog import Catalog
from hf_recurrent.tasks.next_item_recommendation.fitting import recurrent_model
from hf_recurrent.tasks.next_item_recommendation.showing import Recommender, answer_lines

TITLES = {"1": "Toy Story (1995)", "2": "Heat", "red_hat": "", "gone": "Gone"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of three items, and titles of one more."""
    path = tmp_path_factory.mktemp("items")
    catalog = Catalog(["1", "2", "red_hat"], [3, 2, 1], TITLES)
    tokenizer = catalog.tokenizer()
    made = recurrent_model(catalog, tokenizer, hidden_size=2, cell_type="gru")
    for part in (made, tokenizer):
        part.save_pretrained(path)
    catalog.save_titles(path)
    return path


@pytest.mark.parametrize(
    ("typed", "known", "unknown"),
    [
        ("Toy Story (1995)", ["1"], []),
        ("toy  story (1995)", ["1"], []),
        ("red hat", ["red_hat"], []),
        ("2 1", ["2", "1"], []),
        ("heat red_hat sock", ["2", "red_hat"], ["sock"]),
        ("Toy Story (1995)\tred hat\tblue sock", ["1", "red_hat"], ["blue_sock"]),
        ("gone", [], ["gone"]),
        (" ", [], []),
    ],
)
def test_a_single_item_may_have_several_words(
    folder: Path, typed: str, known: list[str], unknown: list[str]
) -> None:
    assert Recommender(str(folder)).items(typed) == (known, unknown)


def test_a_title_is_answered(folder: Path) -> None:
    lines = [*answer_lines(str(folder), ["Toy Story (1995)"], number=1)]
    assert lines[0] == "after 1 Toy Story (1995):"
    assert len(lines) == 2
