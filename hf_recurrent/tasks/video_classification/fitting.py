"""Training of networks over clips, and the floors that train nothing."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import datasets
import numpy as np
import torch
from transformers import PreTrainedModel, set_seed

from ...data.clips import is_pictures
from ...data.interpolation import brought_to
from ...metrics.trainer import classification_metrics
from ...models.configuration_recurrent_video import RecurrentVideoConfig
from ...models.modeling_recurrent_video import RecurrentForVideoClassification
from ...models.video_processing_recurrent import RecurrentVideoProcessor
from ..fitted import Fitted
from ..floors import floor
from ..labels import label_fields
from ..model_rows import Work
from ..networks import NetworkRecipe, config_values, fit_network
from ..templates import Templates
from .encoding import ClipReader, flat_frames
from .models import PICTURE_SIZE, SMALL_SIZE
from .named import CLIP, LABEL

# The longest clip, in frames; those of a longer one are taken at equal distances.
MOST_FRAMES = 64
# Steps to which sequences are brought before their means are taken.
_STEPS = 8
_RATE_ROWS = 64


def make_processor(size: tuple[int, int]) -> RecurrentVideoProcessor:
    """Return the video processor for grey pictures of a height and width."""
    return RecurrentVideoProcessor(
        size={"height": size[0], "width": size[1]}, num_channels=1, num_frames=MOST_FRAMES
    )


def fit_recurrent(work: Work) -> Fitted:
    """Train a recurrent network with a pooling over its steps."""
    train, values = work.data["train"], work.values
    processor = None
    if is_pictures(train[0][CLIP]):
        processor = make_processor(PICTURE_SIZE if values["picture_encoder"] else SMALL_SIZE)
    set_seed(work.seed)
    reader = ClipReader(processor)
    config = clip_config(
        train,
        reader,
        picture_encoder=values["picture_encoder"],
        **config_values(work, RecurrentVideoConfig),
    )
    model = RecurrentForVideoClassification(config)
    # What is saved with the model is a tokenizer for other tasks.
    beside: Any = processor
    fitted = fit_network(work, clip_recipe(reader), model, beside)
    fitted.measure = partial(frames_per_second, model, reader, work.data["test"][CLIP])
    return fitted


def clip_config(
    train: datasets.Dataset, reader: ClipReader, picture_encoder: bool = True, **fields: Any
) -> RecurrentVideoConfig:
    """Return the configuration of a classifier for clips.

    Args:
        train: The training rows, which have the names of the labels.
        reader: Reads them.
        picture_encoder: Whether pictures pass through a small picture encoder that is trained;
            without it one cell of a grid is one pixel.
        **fields: Further fields.
    """
    layer = input_layer_of(reader, train[0][CLIP], picture_encoder)
    names: dict[str, Any] = label_fields(train.features[LABEL].names)
    return RecurrentVideoConfig(embedding_config=layer, num_frames=MOST_FRAMES, **names, **fields)


def input_layer_of(reader: ClipReader, clip: str, picture_encoder: bool) -> dict[str, Any]:
    """Return the fields of the input layer for clips like one."""
    if reader.processor is None:
        return {"kind": "frames", "num_channels": int(reader(clip).shape[1])}
    encoder: dict[str, Any] = {"kind": "cnn"}
    if not picture_encoder:
        encoder = {"kind": "pixels", "height": SMALL_SIZE[0], "width": SMALL_SIZE[1]}
    return {"kind": "pictures", "num_channels": 1, "encoder": encoder}


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
    batch = reader.batch(references)
    logits = model(**{name: value.to(model.device) for name, value in batch.items()}).logits
    found: list[int] = logits.argmax(-1).tolist()
    return found


def frames_per_second(
    model: PreTrainedModel, reader: ClipReader, references: Sequence[str]
) -> dict[str, float]:
    """Return how many frames of clips that are read already a model classifies in a second."""
    some = [*references][:_RATE_ROWS]
    frames = sum(len(reader(each)) for each in some)
    start = time.perf_counter()
    classify(model, reader, some)
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
