"""What ``hf-recurrent predict`` shows of an audio classifier: files of sound and their labels."""

from collections.abc import Iterator, Sequence
from typing import cast

import torch
from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

from ..loading import load_model
from ..sound import frames_of


def label_lines(
    source: str, files: Sequence[str], trust_remote_code: bool = False
) -> Iterator[str]:
    """Yield each file with its label and the probability of it.

    Raises:
        OSError: If there is no such model or file, or the model is damaged.
        ValueError: If a file is no sound.
    """
    model = load_model(
        source,
        AutoModelForAudioClassification,
        title="audio classification",
        part="classifier",
        noun="a classifier of sound",
        trust_remote_code=trust_remote_code,
    )
    names = cast(dict[int, str], model.config.id2label)
    extractor = AutoFeatureExtractor.from_pretrained(source, trust_remote_code=trust_remote_code)
    for file in files:
        frames = torch.from_numpy(frames_of([file], extractor)[0]).unsqueeze(0)
        with torch.inference_mode():
            share, label = model(input_features=frames).logits[0].softmax(-1).max(0)
        yield f"{file}: {names[int(label)]} ({float(share):.1%})"
