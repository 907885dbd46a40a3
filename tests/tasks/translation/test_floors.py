"""Word by word through vectors of both languages, aligned by words that are spelled alike."""

import itertools
import random
from types import SimpleNamespace
from typing import Any

import datasets
import pytest

from hf_recurrent.tasks.translation.floors import fit_aligned_vectors
from hf_recurrent.tasks.translation.readers import rows_of

NOUNS = {"dog": "chien", "cat": "chat", "bird": "oiseau", "horse": "cheval", "wolf": "loup"}


def work(names: int) -> Any:
    """Sentences that differ in their nouns alone; names are the same in both languages."""
    letters = itertools.islice(itertools.product("abcdefgh", repeat=3), names)
    told = ["x" + "".join(each) for each in letters]
    draw = random.Random(0)
    pairs = []
    for one, other in NOUNS.items():
        for _ in range(60):
            first, *rest = draw.choices(told, k=3)
            pairs.append((" ".join([first, one, *rest]), " ".join([first, other, *rest])))
    draw.shuffle(pairs)
    data = {"train": datasets.Dataset.from_list(rows_of(*map(list, zip(*pairs, strict=True))))}
    row = SimpleNamespace(config={"vector_size": 40, "epochs": 5})
    return SimpleNamespace(data=data, seed=0, row=row, score=lambda predict: 0.0)


def test_a_word_becomes_the_one_in_its_place(tmp_path) -> None:
    fitted = fit_aligned_vectors(work(60))
    said = fitted.predict([f"xaaa {noun} unknown" for noun in NOUNS])
    assert said == [f"Xaaa {noun} unknown" for noun in NOUNS.values()]
    fitted.save(tmp_path / "kept")
    assert "wolf\tloup\n" in (tmp_path / "kept" / "lexicon.tsv").read_text()


def test_too_few_words_that_are_spelled_alike_are_refused() -> None:
    with pytest.raises(ValueError, match="20 words are spelled alike on both sides"):
        fit_aligned_vectors(work(20))
