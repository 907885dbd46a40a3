"""Small files of tagged sentences."""

import random
from pathlib import Path

import pytest

from tests.benchmark.conftest import no_children, one_thread  # noqa: F401 - fixtures

PEOPLE, PLACES = ("ada", "grace", "alan"), ("paris", "oslo", "new york")
FRAMES = ("{p} lives in {l} .", "in {l} we met {p} .", "nothing happened .", "{p} saw {p} .")


def sentences(count: int, seed: int) -> str:
    chance = random.Random(seed)
    blocks = []
    for number in range(count):
        lines = []
        for word in chance.choice(FRAMES).split():
            if word in ("{p}", "{l}"):
                kind, names = ("PER", PEOPLE) if word == "{p}" else ("LOC", PLACES)
                for i, part in enumerate(chance.choice(names).split()):
                    lines.append(f"{part} {'BI'[min(i, 1)]}-{kind}")
            else:
                lines.append(f"{word} O")
        blocks.append("\n".join([*lines, f"{number} O"]))
    return "\n\n".join(blocks) + "\n"


@pytest.fixture
def names(tmp_path: Path) -> Path:
    """A folder of three parts in CoNLL's form."""
    folder = tmp_path / "names"
    folder.mkdir()
    for seed, (part, count) in enumerate((("train", 80), ("dev", 20), ("test", 20))):
        (folder / f"{part}.conll").write_text(sentences(count, seed))
    return folder
