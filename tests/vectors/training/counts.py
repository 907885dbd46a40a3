"""Small counts, and the corpora that they are made of."""

import numpy as np
from gensim.test.utils import datapath

from hf_recurrent.vectors.training.cooccurrence import Cooccurrences, count_cooccurrences


def lee_sentences() -> list[list[str]]:
    """Return a corpus that gensim includes: 300 news texts, one a line, 60,000 words."""
    with open(datapath("lee_background.cor"), encoding="utf-8") as file:
        return [line.lower().split() for line in file]


def small_counts() -> Cooccurrences:
    """Return counts of random sentences of 20 words, symmetric."""
    generator = np.random.default_rng(0)
    frequencies = 1 / np.arange(1, 21)
    sentences = [
        [f"w{i}" for i in generator.choice(20, size=12, p=frequencies / frequencies.sum())]
        for _ in range(40)
    ]
    return count_cooccurrences(sentences, window=4, min_count=1, progress=False)
