"""Error rates of transcripts."""

from collections.abc import Iterator, Mapping, Sequence

import datasets

from ...data.sound import short_name
from ...metrics.speech import bootstrap_interval, error_counts, error_rate
from .data import TEXT

# What a model answers: its own text and, with a language model, that of the beam search.
Answer = Mapping[str, str]
GREEDY, BEAM = "greedy", "beam"


def judge(
    predictions: Sequence[Answer], rows: datasets.Dataset, train: datasets.Dataset
) -> dict[str, float]:
    """Return the error rates of words and characters, with the bounds of their intervals.

    ``wer_unseen`` is that of the texts that no training row has, word for word.
    """
    right = rows[TEXT][:]
    texts = [each[GREEDY] for each in predictions]
    errors, sizes = error_counts(texts, right)
    low, high = bootstrap_interval(errors, sizes)
    found = {
        "wer": error_rate(errors, sizes),
        "wer_low": low,
        "wer_high": high,
        "cer": error_rate(*error_counts(texts, right, characters=True)),
    }
    known = {" ".join(text.split()) for text in train[TEXT]}
    unseen = [number for number, text in enumerate(right) if " ".join(text.split()) not in known]
    if unseen:
        found["wer_unseen"] = error_rate(
            [errors[number] for number in unseen], [sizes[number] for number in unseen]
        )
    if predictions and BEAM in predictions[0]:
        errors, sizes = error_counts([each[BEAM] for each in predictions], right)
        low, high = bootstrap_interval(errors, sizes)
        found |= {"wer_beam": error_rate(errors, sizes)}
        found |= {"wer_beam_low": low, "wer_beam_high": high}
    return found


def answers(
    rows: datasets.Dataset, predictions: Sequence[Answer]
) -> Iterator[tuple[str, str, str | None]]:
    """Yield each recording's name, its transcript and, if that is wrong, what was said."""
    for audio, right, found in zip(rows["audio"], rows[TEXT], predictions, strict=True):
        yield short_name(audio), found[GREEDY], None if found[GREEDY] == right else right
