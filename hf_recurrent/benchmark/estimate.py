"""How long a comparison will take, from rates that were measured before."""

from collections.abc import Sequence

from .jobs import Job
from .prepare import Prepared
from .settings import MODELS, Embedding

__all__ = ["estimate_seconds"]

# Training examples a second, evaluation included, of texts of 20 words on two cores.
_RATES = {
    "mean": 7000.0,
    "rnn": 2200.0,
    "lstm": 1800.0,
    "gru": 1500.0,
    "bilstm": 1200.0,
    "bilstm-attention": 1200.0,
    "stacked": 700.0,
    "bert-frozen": 200.0,
    "bert-finetuned": 32.0,
}
_RATE_WORDS = 20.0
# Starting a child, reading its data, measuring its latency.
_OVERHEAD_SECONDS = 12.0
# Width of embeddings at which the rates hold; wider ones cost the optimizer time at every step.
_RATE_WIDTH = 50.0
_WIDTHS = {"random": 100.0, "glove": 50.0, "word2vec": 300.0, "glove+word2vec": 350.0}


def estimate_seconds(jobs: Sequence[Job], prepared: Prepared) -> float:
    """Gives the time of jobs that use all their epochs, roughly.

    It rests on rates of texts of 20 words on two cores, and takes time to grow with the number of
    words.
    """
    words = min(prepared.mean_words, jobs[0].max_length) if jobs else 0.0
    rows = len(prepared.data["train"])
    others = len(prepared.data["validation"]) + len(prepared.data["test"])
    total = 0.0
    for job in jobs:
        total += _OVERHEAD_SECONDS
        if MODELS[job.model].kind == "linear":
            continue
        if MODELS[job.model].kind == "frozen-encoder":
            examples = float(rows + others)
        else:
            examples = float(rows * job.values["epochs"])
        cost = examples / _RATES[job.model] * max(words / _RATE_WORDS, 0.2)
        if job.embedding is not None:
            embedding = Embedding.parse(job.embedding)
            if embedding.tuned:
                cost *= 1 + (_WIDTHS[embedding.vectors] / _RATE_WIDTH - 1) / 4
        total += cost
    return total
