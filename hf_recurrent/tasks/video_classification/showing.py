"""What ``hf-recurrent predict`` shows of a classifier of clips: files and their labels."""

from collections.abc import Iterator, Sequence
from typing import cast

import torch
from transformers import AutoConfig, AutoModelForVideoClassification

from ...models.video_processing_recurrent import RecurrentVideoProcessor
from ..loading import load_model
from .encoding import ClipReader


def load_reader(source: str) -> ClipReader:
    """Return what reads clips for a model: pictures by the video processor that is saved with it.

    Args:
        source: A folder, or an id of the Hub.

    Raises:
        OSError: If a model of pictures has no video processor that can be read.
    """
    try:
        return ClipReader(RecurrentVideoProcessor.from_pretrained(source))
    except OSError:
        config = AutoConfig.from_pretrained(source, trust_remote_code=False)
        layer = getattr(config, "encoder", config).embedding_config
        if layer["kind"] == "pictures":
            raise OSError(
                f"'{source}' reads pictures, and its video processor is missing or damaged: save "
                "it beside the model by its save_pretrained."
            ) from None
        return ClipReader(None)


def label_lines(
    source: str, clips: Sequence[str], trust_remote_code: bool = False
) -> Iterator[str]:
    """Yield each clip with its label and the probability of it.

    Raises:
        OSError: If there is no such model or clip.
        ValueError: If a clip cannot be read.
    """
    model = load_model(
        source,
        AutoModelForVideoClassification,
        title="video classification",
        part="classifier",
        noun="a classifier of clips",
        trust_remote_code=trust_remote_code,
    )
    reader, names = load_reader(source), cast(dict[int, str], model.config.id2label)
    for clip in clips:
        batch = reader.batch([clip])
        with torch.inference_mode():
            share, label = model(**batch).logits[0].softmax(-1).max(0)
        yield f"{clip}: {names[int(label)]} ({float(share):.1%})"
