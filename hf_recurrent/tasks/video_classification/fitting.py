"""Training of networks over clips, and the floors that train nothing."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import datasets
import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel, set_seed

from ...data.clips import is_pictures
from ...data.interpolation import brought_to
from ...metrics.trainer import classification_metrics
from ...models.configuration_recurrent_video import RecurrentVideoConfig
from ...models.modeling_recurrent_video import RecurrentForVideoClassification
from ..fitted import Fitted
from ..floors import floor
from ..labels import label_fields
from ..model_rows import Work
from ..networks import NetworkRecipe, config_values, fit_network
from ..templates import Templates
from .encoding import ClipReader, flat_frames, read_afresh
from .models import SMALL_SIZE
from .named import CLIP, LABEL
from .pictures import CNN, MOST_FRAMES, PIXELS, make_processor, picture_input

# Steps to which sequences are brought before their means are taken.
_STEPS = 8
_RATE_ROWS = 64


def fit_recurrent(work: Work) -> Fitted:
    """Train a recurrent network with a pooling over its steps."""
    train, values = work.data["train"], work.values
    pictures = None
    if is_pictures(train[0][CLIP]):
        pictures = picture_input(CNN if values["picture_encoder"] else PIXELS)
    set_seed(work.seed)
    reader = ClipReader(pictures.processor if pictures else None)
    config = clip_config(
        train,
        reader,
        pictures.layer if pictures else None,
        **config_values(work, RecurrentVideoConfig),
    )
    model = RecurrentForVideoClassification(config)
    # What is saved with the model is a tokenizer for other tasks.
    beside: Any = reader.processor
    fitted = fit_network(work, clip_recipe(reader), model, beside)
    read_afresh(model, reader)
    fitted.measure = partial(frames_per_second, model, reader, work.data["test"][CLIP])
    return fitted


def clip_config(
    train: datasets.Dataset,
    reader: ClipReader,
    pictures: Mapping[str, Any] | None = None,
    **fields: Any,
) -> RecurrentVideoConfig:
    """Return the configuration of a classifier for clips.

    Args:
        train: The training rows, which have the names of the labels.
        reader: Reads them.
        pictures: The fields of the input layer of pictures; ``None`` for sequences of numbers.
        **fields: Further fields.
    """
    layer = pictures or frames_layer(reader, train[0][CLIP])
    names: dict[str, Any] = label_fields(train.features[LABEL].names)
    most = MOST_FRAMES if reader.processor is None else reader.processor.num_frames
    return RecurrentVideoConfig(
        embedding_config=dict(layer), num_frames=most or MOST_FRAMES, **names, **fields
    )


def frames_layer(reader: ClipReader, clip: str) -> dict[str, Any]:
    """Return the fields of the input layer for sequences of numbers like one."""
    return {"kind": "frames", "num_channels": int(reader(clip).shape[1])}


def clip_recipe(reader: ClipReader) -> NetworkRecipe:
    """Return how classifiers of clips are trained and judged."""
    return NetworkRecipe(
        labels=lambda rows: rows.features[LABEL].names,
        encode=lambda rows, _, most: reader.encode(rows),
        collator=lambda _: reader.collate,
        metrics=lambda train: classification_metrics,
        answer=lambda model, _, references, most: classify(model, reader, references),
        lengths=lambda rows: rows["length"][:],
        arguments={"remove_unused_columns": False},
    )


@torch.inference_mode()
def classify(model: PreTrainedModel, reader: ClipReader, references: Sequence[str]) -> list[int]:
    """Return the ids of the most probable labels of clips."""
    return _labels(model, reader.batch(references))


def _labels(model: PreTrainedModel, batch: Mapping[str, Tensor]) -> list[int]:
    logits = model(**{name: value.to(model.device) for name, value in batch.items()}).logits
    found: list[int] = logits.argmax(-1).tolist()
    return found


@torch.inference_mode()
def frames_per_second(
    model: PreTrainedModel, reader: ClipReader, references: Sequence[str]
) -> dict[str, float]:
    """Return how many frames of clips that are read already a model classifies in a second."""
    batch = reader.batch([*references][:_RATE_ROWS])
    frames = int(batch["attention_mask"].sum())
    start = time.perf_counter()
    _labels(model, batch)
    return {"frames_per_second": frames / (time.perf_counter() - start)}


def fit_majority(work: Work) -> Fitted:
    """Answer with the most frequent label of the training part."""
    labels = work.data["train"][LABEL][:]
    most = max(sorted(set(labels)), key=labels.count)
    return floor(work, "most frequent label", lambda references: [most] * len(references))


def fit_nearest_mean(work: Work) -> Fitted:
    """Answer with the label whose mean is nearest, of clips that are brought to eight steps."""
    train = work.data["train"]
    read = _flat_reader(work)
    labels = np.asarray(train[LABEL][:])
    vectors = np.stack([brought_to(frames, _STEPS).ravel() for frames in read(train[CLIP][:])])
    known = np.unique(labels)
    means = np.stack([vectors[labels == label].mean(0) for label in known])

    def predict(references: Sequence[str]) -> list[int]:
        found = np.stack([brought_to(frames, _STEPS).ravel() for frames in read(references)])
        distances = ((found[:, None] - means[None]) ** 2).sum(2)
        answers: list[int] = known[distances.argmin(1)].tolist()
        return answers

    return floor(work, "nearest class mean", predict)


def fit_neighbour(work: Work) -> Fitted:
    """Answer with the label of the nearest training clip, by dynamic time warping."""
    train = work.data["train"]
    read = _flat_reader(work)
    templates = Templates(read(train[CLIP][:]), train[LABEL][:])

    def predict(references: Sequence[str]) -> list[int]:
        return [templates.nearest(frames) for frames in read(references)]

    return floor(work, "one neighbour, time warping", predict)


def _flat_reader(work: Work) -> Callable[[Sequence[str]], list[Any]]:
    pictures = is_pictures(work.data["train"][0][CLIP])
    return partial(flat_frames, processor=make_processor(SMALL_SIZE) if pictures else None)
