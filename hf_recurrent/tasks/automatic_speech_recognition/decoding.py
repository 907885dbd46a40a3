"""Texts of trained recognisers: the most probable tokens, and a beam search with n-grams."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ...metrics.speech import error_counts, error_rate
from ...models.feature_extraction_log_mel import LogMelFeatureExtractor
from ...models.modeling_recurrent_speech import RecurrentForCTC
from ...speech.beam_search import BeamSearch
from ...speech.ngrams import NgramModel
from ...training.frames import DataCollatorForFrames
from ..sound import frames_of

ORDER = 3
# The weights of the language model and the bonuses of a word among which validation chooses.
WEIGHTS, BONUSES = (0.5, 1.0, 2.0), (0.0, 1.5)
_BEAM = 16
# Recordings of the validation part that choose.
_MOST = 60


@torch.inference_mode()
def log_probabilities(
    model: Any, extractor: LogMelFeatureExtractor, references: Sequence[str]
) -> list[np.ndarray[Any, Any]]:
    """Return the log-probabilities (steps, tokens) of recordings, computed as one batch.

    A model that does not say which steps are real gets one recording after the other.
    """
    if len(references) > 1 and not isinstance(model, RecurrentForCTC):
        return [log_probabilities(model, extractor, [each])[0] for each in references]
    frames = frames_of(references, extractor)
    batch = DataCollatorForFrames()([{"input_features": each} for each in frames])
    output = model(**{name: value.to(model.device) for name, value in batch.items()})
    scores = output.logits.float().log_softmax(-1).cpu().numpy()
    mask = output.get("mask")
    lengths = [scores.shape[1]] if mask is None else mask.sum(1).tolist()
    return [row[:steps] for row, steps in zip(scores, lengths, strict=True)]


def greedy(tokenizer: Any, scores: Sequence[np.ndarray[Any, Any]]) -> list[str]:
    """Return the texts of the most probable tokens."""
    return [tokenizer.decode(each.argmax(-1).tolist()) for each in scores]


@dataclass
class Decoder:
    """A beam search with the n-grams of training texts and, if there is one, a lexicon.

    Attributes:
        search: The search.
        trials: The word error rate on validation for each weight and bonus.
    """

    search: BeamSearch
    trials: list[dict[str, Any]]

    def texts(self, scores: Sequence[np.ndarray[Any, Any]]) -> list[str]:
        """Return the best text of each recording; an empty one if no word fits."""
        found = (self.search.transcripts(each) for each in scores)
        return [each[0].text if each else "" for each in found]


def tuned_decoder(
    tokenizer: Any,
    texts: Sequence[str],
    scores: Sequence[np.ndarray[Any, Any]],
    right: Sequence[str],
    *,
    lexicon: bool = True,
    words: Sequence[str] | None = None,
) -> Decoder:
    """Return the decoder whose weight and bonus have the lowest error rate on validation.

    Args:
        tokenizer: The tokenizer.
        texts: The texts of the training part, for n-grams and lexicon.
        scores: The log-probabilities of recordings of the validation part; the first of them.
        right: Their texts.
        lexicon: Whether only known words may be written.
        words: These words; by default those of the training part.
    """
    language = NgramModel.from_texts(texts, ORDER)
    known = words or sorted({word for text in texts for word in text.split()})
    trials: list[dict[str, Any]] = []
    best: tuple[float, Decoder] | None = None
    for weight, bonus in itertools.product(WEIGHTS, BONUSES):
        search = BeamSearch(
            tokenizer,
            beam_width=_BEAM,
            lexicon=known if lexicon else None,
            language_model=language,
            language_weight=weight,
            word_bonus=bonus,
            token_floor=-8.0,
        )
        decoder = Decoder(search, trials)
        wer = error_rate(*error_counts(decoder.texts(scores[:_MOST]), right[:_MOST]))
        values = {"language_weight": weight, "word_bonus": bonus}
        trials.append({"values": values, "validation": wer})
        if best is None or wer < best[0]:
            best = (wer, decoder)
    assert best is not None
    return best[1]
