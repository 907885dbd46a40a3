"""How long a comparison will take, from rates that were measured before."""

from collections.abc import Sequence

from .jobs import Job
from .prepare import Prepared
from .settings import MODELS

__all__ = ["estimate_seconds"]

# Training examples a second, evaluation included, of texts of 20 words on two cores.
_RATES = {
    "mean": 5500.0,
    "rnn": 2400.0,
    "lstm": 2200.0,
    "gru": 1900.0,
    "bilstm": 1400.0,
    "bilstm-attention": 1300.0,
    "stacked": 700.0,
    "bert-frozen": 120.0,
    "bert-finetuned": 32.0,
}
_RATE_WORDS = 20.0
# Even empty texts cost this share of those.
_LEAST_WORDS = 0.3
# Starting a child, reading its data, measuring its latency.
_OVERHEAD_SECONDS = 10.0


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
        total += examples / _RATES[job.model] * max(words / _RATE_WORDS, _LEAST_WORDS)
    return total
