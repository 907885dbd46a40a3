"""Training of recognisers, and the nearest template."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import datasets
import numpy as np
import torch
from transformers import PreTrainedModel, set_seed

from ..._wording import counted
from ...metrics.speech import error_counts, error_rate
from ...models.configuration_recurrent_speech import RecurrentSpeechConfig
from ...models.ctc import needed_steps
from ...models.feature_extraction_log_mel import LogMelFeatureExtractor
from ...models.modeling_recurrent_speech import RecurrentForCTC
from ...models.processing_recurrent_speech import RecurrentSpeechProcessor
from ...speech.tokenizers import ctc_tokenizer
from ...training.frames import DataCollatorForFrames
from ...training.silence import without_silence
from ..fitted import Fitted
from ..model_rows import Work
from ..networks import NetworkRecipe, config_values, fit_network
from ..sound import AUDIO, frames_of, make_extractor, nearest_recording
from .data import TEXT
from .decoding import Decoder, greedy, log_probabilities, tuned_decoder
from .judging import BEAM, GREEDY

# Frames of a template: one in so many.
_EVERY = 4
# Frames of silence that training keeps before and after, for a network in both directions and one.
_MARGINS = {True: (20, 20), False: (0, 40)}
# A text is never left with fewer frames a step that it needs: after subsampling they must hold it.
_FRAMES_OF_A_STEP = 4
# Stands for an unknown word of what was said; no tokenizer writes it.
_UNKNOWN = "\0"


def fit_recurrent(work: Work) -> Fitted:
    """Train a recurrent network with CTC, and tune a beam search for it."""
    values, train = work.values, work.data["train"]
    set_seed(work.seed)
    tokenizer = ctc_tokenizer(train[TEXT], values["unit"])
    extractor = make_extractor(
        train[AUDIO], values["bidirectional"], values["num_mel_bins"], values["delta_order"]
    )
    model = RecurrentForCTC(
        speech_config(tokenizer, extractor, **config_values(work, RecurrentSpeechConfig))
    )
    recipe = recognition_recipe(
        tokenizer, extractor, values["trim_silence"], bidirectional=values["bidirectional"]
    )
    fitted = fit_network(work, recipe, model, checkpoint_part(tokenizer, extractor))
    decoder = None
    if values["language_model"]:
        decoder = make_decoder(model, tokenizer, extractor, work.data)
        fitted.trials = decoder.trials
    return replace(
        fitted,
        predict=partial(answer, model, tokenizer, extractor, decoder),
        respond=lambda ref: answer(model, tokenizer, extractor, None, [ref]),
    )


def speech_config(
    tokenizer: Any, extractor: LogMelFeatureExtractor, **fields: Any
) -> RecurrentSpeechConfig:
    """Return the configuration of a recogniser for a tokenizer and a feature extractor."""
    return RecurrentSpeechConfig(
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        embedding_config={"kind": "frames", "num_channels": extractor.feature_size},
        samples_per_frame=extractor.hop_length,
        **fields,
    )


def checkpoint_part(tokenizer: Any, extractor: LogMelFeatureExtractor) -> Any:
    """Return what is saved beside a model.

    Frames that were computed before cannot be made of sound here, so a model of them is saved
    without its feature extractor.
    """
    if extractor.feature_type == "mfcc":
        return tokenizer
    return RecurrentSpeechProcessor(extractor, tokenizer)


def make_decoder(
    model: PreTrainedModel,
    tokenizer: Any,
    extractor: LogMelFeatureExtractor,
    data: datasets.DatasetDict,
    **lexicon: Any,
) -> Decoder:
    """Return the beam search that is best on validation; see ``tuned_decoder``."""
    validation = data["validation"]
    scores = [log_probabilities(model, extractor, [audio])[0] for audio in validation[AUDIO][:]]
    return tuned_decoder(tokenizer, data["train"][TEXT][:], scores, validation[TEXT][:], **lexicon)


def answer(
    model: PreTrainedModel,
    tokenizer: Any,
    extractor: LogMelFeatureExtractor,
    decoder: Decoder | None,
    references: Sequence[str],
) -> list[dict[str, str]]:
    """Return the texts of recordings, by the most probable tokens and by the beam search."""
    scores = log_probabilities(model, extractor, references)
    found = [{GREEDY: text} for text in greedy(tokenizer, scores)]
    if decoder is not None:
        for each, text in zip(found, decoder.texts(scores), strict=True):
            each[BEAM] = text
    return found


def recognition_recipe(
    tokenizer: Any,
    extractor: LogMelFeatureExtractor,
    trim_silence: bool = True,
    bidirectional: bool = True,
) -> NetworkRecipe:
    """Return how recognisers are trained and judged.

    Args:
        tokenizer: The tokenizer.
        extractor: The feature extractor.
        trim_silence: Whether silence around what is said is cut away in training.
        bidirectional: Whether the network reads both ways; see ``margins`` of ``without_silence``.
    """
    return NetworkRecipe(
        labels=lambda rows: (),
        encode=lambda rows, _, most: encode(rows, tokenizer, extractor),
        collator=lambda _: DataCollatorForFrames(label_unit="target"),
        metrics=lambda train: word_errors(tokenizer),
        answer=lambda model, _, refs, most: answer(model, tokenizer, extractor, None, refs),
        lengths=lambda rows: [len(frames) for frames in rows["input_features"]],
        arrange=partial(trimmed, extractor=extractor, margins=_MARGINS[bidirectional])
        if trim_silence
        else None,
        trainer={"preprocess_logits_for_metrics": _most_probable},
    )


def trimmed(
    encoded: datasets.Dataset, extractor: LogMelFeatureExtractor, margins: tuple[int, int]
) -> datasets.Dataset:
    """Return training rows without the silence around what is said; see ``without_silence``.

    The frames keep the normalisation of the whole recording, as they have it in use.
    """
    # A frame is as loud as its channels are on average; of cepstra the first is the loudness.
    channels = 1 if extractor.feature_type == "mfcc" else extractor.num_mel_bins
    found = []
    for frames, ids in zip(encoded["input_features"], encoded["labels"], strict=True):
        rows = np.asarray(frames, np.float32)
        loudness = rows[:, :channels].mean(1)
        least = _FRAMES_OF_A_STEP * _needed(ids)
        found.append(without_silence(rows, loudness, margins, least))
    return datasets.Dataset.from_dict({"input_features": found, "labels": encoded["labels"][:]})


def encode(
    rows: datasets.Dataset, tokenizer: Any, extractor: LogMelFeatureExtractor
) -> datasets.Dataset:
    """Return the frames and the ids of recordings with their texts.

    A whole word that the tokenizer lacks brings a warning, as new texts always have such words.

    Raises:
        ValueError: If a text holds a character that the tokenizer lacks; the message names both.
    """
    labels = [tokenizer(text)["input_ids"] for text in rows[TEXT]]
    unk, unknown = tokenizer.unk_token_id, []
    for ids, audio, text in zip(labels, rows[AUDIO], rows[TEXT], strict=True):
        if unk not in ids:
            continue
        tokens = [
            t for t, number in zip(tokenizer.tokenize(text), ids, strict=True) if number == unk
        ]
        if tokenizer.unit != "word":
            raise ValueError(
                f"the text {text!r} of '{audio}' holds {tokens[0]!r}, which no text of the "
                "training part holds, so the recogniser has no token for it"
            )
        unknown += tokens
    if unknown:
        warnings.warn(
            f"{counted(len(unknown), 'word')} of {counted(len(rows), 'text')} cannot be written, "
            f"as no text of the training part has them, the first {unknown[0]!r}: each counts as "
            "an error",
            stacklevel=2,
        )
    return datasets.Dataset.from_dict(
        {"input_features": frames_of(rows[AUDIO][:], extractor), "labels": labels}
    )


def too_long(encoded: datasets.Dataset, subsampling: int) -> list[int]:
    """Return the numbers of the rows whose texts need more steps than their frames give."""
    found = []
    for number, (ids, frames) in enumerate(
        zip(encoded["labels"], encoded["input_features"], strict=True)
    ):
        if _needed(ids) > -(-len(frames) // subsampling):
            found.append(number)
    return found


def _needed(ids: Sequence[int]) -> int:
    return int(needed_steps(torch.tensor([ids]))[0]) if ids else 0


def word_errors(tokenizer: Any) -> Callable[[Any], dict[str, float]]:
    """Return the function that measures an evaluation of ``Trainer``."""

    def measure(evaluated: Any) -> dict[str, float]:
        ids, labels = (values.copy() for values in (evaluated.predictions, evaluated.label_ids))
        ids[ids < 0] = labels[labels < 0] = tokenizer.pad_token_id
        found = [tokenizer.decode(row.tolist()) for row in ids]
        right = [tokenizer.decode(row.tolist(), group_tokens=False) for row in labels]
        # What stands for an unknown word is never right, whatever was predicted.
        right = [text.replace(tokenizer.unk_token, _UNKNOWN) for text in right]
        return {
            "wer": error_rate(*error_counts(found, right)),
            "cer": error_rate(*error_counts(found, right, characters=True)),
        }

    return measure


def _most_probable(logits: Any, labels: Any) -> Any:
    scores = logits[0] if isinstance(logits, tuple) else logits
    return scores.argmax(-1)


def fit_templates(work: Work) -> Fitted:
    """Answer with the text of the nearest training recording, by dynamic time warping."""
    return nearest_recording(work, TEXT, _EVERY, lambda text: {GREEDY: text})
