"""Training of audio classifiers, and the nearest template."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import datasets
import numpy as np
import torch
from torch.utils.data import Dataset
from transformers import PreTrainedModel, set_seed

from ...metrics.trainer import class_metrics
from ...models.configuration_recurrent_speech import RecurrentSpeechConfig
from ...models.feature_extraction_log_mel import LogMelFeatureExtractor
from ...models.modeling_recurrent_speech import RecurrentForAudioClassification
from ...training.batching import LengthGroupedDataset
from ...training.frames import DataCollatorForFrames
from ...training.speeds import SpeedPerturbation
from ...training.vocal_tracts import VocalTractPerturbation
from ..fitted import Fitted
from ..labels import label_fields
from ..model_rows import Work
from ..networks import NetworkRecipe, config_values, fit_network
from ..sound import AUDIO, frames_of, make_extractor, nearest_recording
from .named import LABEL

# Frames of a template: one in so many.
_EVERY = 2


def fit_recurrent(work: Work) -> Fitted:
    """Train a recurrent network with a pooling over its steps."""
    values, train = work.values, work.data["train"]
    set_seed(work.seed)
    extractor = make_extractor(
        train[AUDIO], values["bidirectional"], values["num_mel_bins"], values["delta_order"]
    )
    config = sound_config(train, extractor, **config_values(work, RecurrentSpeechConfig))
    model = RecurrentForAudioClassification(config)
    recipe = replace(
        sound_recipe(extractor),
        arrange=lambda rows: perturbed(
            rows, extractor, values["batch_size"], work.seed, values["speeds"], values["warps"]
        ),
    )
    return fit_network(work, recipe, model, extractor)


def sound_config(
    train: datasets.Dataset, extractor: LogMelFeatureExtractor, **fields: Any
) -> RecurrentSpeechConfig:
    """Return the configuration of a classifier for data and a feature extractor."""
    labels: dict[str, Any] = label_fields(train.features[LABEL].names)
    return RecurrentSpeechConfig(
        embedding_config={"kind": "frames", "num_channels": extractor.feature_size},
        samples_per_frame=extractor.hop_length,
        **labels,
        **fields,
    )


def sound_recipe(extractor: LogMelFeatureExtractor) -> NetworkRecipe:
    """Return how audio classifiers are trained and judged."""
    return NetworkRecipe(
        labels=lambda rows: rows.features[LABEL].names,
        encode=lambda rows, _, most: encode(rows, extractor),
        collator=lambda _: DataCollatorForFrames(),
        metrics=lambda train: _measure,
        answer=lambda model, _, references, most: classify(model, extractor, references),
        lengths=lambda rows: [len(frames) for frames in rows["input_features"]],
    )


def perturbed(
    encoded: datasets.Dataset,
    extractor: LogMelFeatureExtractor,
    rows_per_step: int,
    seed: int,
    speeds: Sequence[float],
    warps: Sequence[float],
) -> Dataset:
    """Return training rows in the order of training, each epoch as other speakers say them.

    Args:
        encoded: The frames and labels.
        extractor: What made the frames.
        rows_per_step: Rows of similar lengths that are together.
        seed: Seed of the run.
        speeds: See ``SpeedPerturbation``.
        warps: See ``VocalTractPerturbation``; cepstra are not warped.
    """
    lengths = [len(frames) for frames in encoded["input_features"]]
    rows: Dataset = LengthGroupedDataset(encoded, rows_per_step, seed, lengths)
    if extractor.feature_type == "log_mel":
        rows = VocalTractPerturbation(rows, extractor, warps, seed)
    return SpeedPerturbation(rows, speeds, seed)


def encode(rows: datasets.Dataset, extractor: LogMelFeatureExtractor) -> datasets.Dataset:
    """Return the frames and the labels of recordings."""
    frames = frames_of(rows[AUDIO][:], extractor)
    return datasets.Dataset.from_dict({"input_features": frames, "labels": rows[LABEL][:]})


@torch.inference_mode()
def classify(
    model: PreTrainedModel, extractor: LogMelFeatureExtractor, references: Sequence[str]
) -> list[int]:
    """Return the ids of the most probable labels of recordings."""
    frames = frames_of(references, extractor)
    batch = DataCollatorForFrames()([{"input_features": each} for each in frames])
    logits = model(**{name: value.to(model.device) for name, value in batch.items()}).logits
    found: list[int] = logits.argmax(-1).tolist()
    return found


def _measure(evaluated: Any) -> dict[str, float]:
    scores = evaluated.predictions
    scores = scores[0] if isinstance(scores, tuple) else scores
    return class_metrics(evaluated.label_ids, np.asarray(scores).argmax(-1))


def fit_templates(work: Work) -> Fitted:
    """Answer with the label of the nearest training recording, by dynamic time warping."""
    return nearest_recording(work, LABEL, _EVERY)
