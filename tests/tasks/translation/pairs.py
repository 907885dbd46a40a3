"""Sentences of a made-up language, where a colour follows its noun."""

import random
from itertools import product
from pathlib import Path

ARTICLES = {"the": "le", "a": "un"}
COLOURS = {"": "", "red": "rouge", "green": "vert", "grey": "gris"}
NOUNS = {"dog": "chien", "cat": "chat", "bird": "oiseau", "horse": "cheval", "wolf": "loup"}
VERBS = {"sees": "voit", "hears": "entend", "finds": "trouve", "leaves": "laisse"}


def sentences() -> list[tuple[str, str]]:
    """Return 160 different sentences with their translations, in a fixed order."""
    told = []
    for words in product(ARTICLES, COLOURS, NOUNS, VERBS):
        article, colour, noun, verb = words
        other = (ARTICLES[article], NOUNS[noun], COLOURS[colour], VERBS[verb])
        told.append((f"{' '.join(filter(None, words))}.", f"{' '.join(filter(None, other))}."))
    random.Random(0).shuffle(told)
    return told


def write_pairs(folder: Path) -> list[Path]:
    """Write the sentences and their translations as two text files, and return these."""
    paths = [folder / "pairs.en", folder / "pairs.xx"]
    for side, path in enumerate(paths):
        path.write_text("".join(f"{pair[side]}\n" for pair in sentences()), encoding="utf-8")
    return paths
