"""Sentences of a made-up language, where a colour follows its noun."""

from pathlib import Path

import numpy as np

WORDS = {
    **{"the": "le", "a": "un", "red": "rouge"},
    **{"dog": "chien", "cat": "chat", "bird": "oiseau", "horse": "cheval"},
    **{"sees": "voit", "hears": "entend", "finds": "trouve"},
}
NOUNS, VERBS = [*WORDS][3:7], [*WORDS][7:]


def sentences(number: int = 300) -> list[tuple[str, str]]:
    """Return sentences with their translations."""
    random, told = np.random.default_rng(0), []
    for _ in range(number):
        verb = str(random.choice(VERBS))
        one: list[str] = []
        other: list[str] = []
        for last in ([verb], []):
            article, noun = str(random.choice(["the", "a"])), str(random.choice(NOUNS))
            red = ["red"] if random.random() < 0.5 else []
            one += [article, *red, noun, *last]
            other += [article, noun, *red, *last]
        told.append((f"{' '.join(one)}.", f"{' '.join(WORDS[word] for word in other)}."))
    return told


def write_pairs(folder: Path, number: int = 300) -> list[Path]:
    """Write the sentences and their translations as two text files, and return these."""
    paths = [folder / "pairs.en", folder / "pairs.xx"]
    for side, path in enumerate(paths):
        path.write_text("".join(f"{pair[side]}\n" for pair in sentences(number)), encoding="utf-8")
    return paths
