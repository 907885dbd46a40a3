"""Clips as the input of models: decoded once, and made batches of."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import datasets
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...data.clips import is_pictures, numbers_of, pictures_of
from ...models.pictures import PictureEmbedding
from ...models.video_processing_recurrent import RecurrentVideoProcessor
from .named import CLIP, LABEL

# Bytes of clips that are kept in memory.
_KEPT = 2**31


class ClipReader:
    """Reads clips by their references, each once while they fit into 2 GiB, later ones each time.

    After ``stop_keeping`` all are read each time.

    Args:
        processor: Makes the inputs of a model from pictures; ``None`` for sequences of numbers.
    """

    def __init__(self, processor: RecurrentVideoProcessor | None) -> None:
        self.processor = processor
        self.keeps = True
        self._known: dict[str, Tensor] = {}
        self._bytes = 0

    @property
    def name(self) -> str:
        """The name of the model's input."""
        return "input_features" if self.processor is None else "pixel_values_videos"

    def __call__(self, reference: str) -> Tensor:
        """Return the frames of a clip, (time, channels) or (time, channels, height, width).

        Raises:
            OSError: If there is no such clip.
            ValueError: If it cannot be read, or is of the other kind.
        """
        known = self._known.get(reference)
        if known is None:
            known = self._read(reference)
            self._bytes += known.nbytes
            if self.keeps and self._bytes <= _KEPT:
                self._known[reference] = known
        return known

    def stop_keeping(self) -> None:
        """Forget the clips that were read, and keep no more."""
        self.keeps = False
        self._known.clear()

    def _read(self, reference: str) -> Tensor:
        if is_pictures(reference) != (self.processor is not None):
            kinds = ("pictures", "numbers")
            asked = kinds[self.processor is None]
            raise ValueError(
                f"{reference} has {kinds[self.processor is not None]}, and the model reads {asked}"
            )
        if self.processor is None:
            return torch.from_numpy(numbers_of(reference))
        frames = pictures_of(reference, self.processor.num_frames, self.processor.fps)
        batch = self.processor(frames, do_sample_frames=False)
        found: Tensor = batch["pixel_values_videos"][0]
        return found

    def batch(self, references: Sequence[str]) -> dict[str, Tensor]:
        """Return clips as the inputs of a model, padded, with their mask."""
        clips = [self(reference) for reference in references]
        mask = [torch.ones(len(clip), dtype=torch.long) for clip in clips]
        pad = torch.nn.utils.rnn.pad_sequence
        return {
            self.name: pad(clips, batch_first=True),
            "attention_mask": pad(mask, batch_first=True),
        }

    def collate(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Tensor]:
        """Return rows of ``encode`` as a batch with labels."""
        labels = torch.tensor([row["labels"] for row in rows])
        return {**self.batch([row[CLIP] for row in rows]), "labels": labels}

    def encode(self, rows: datasets.Dataset) -> datasets.Dataset:
        """Return rows with the columns clip, labels and length; every clip is read now."""
        clips = rows[CLIP][:]
        lengths = [len(self(clip)) for clip in clips]
        columns = {CLIP: clips, "labels": rows[LABEL][:], "length": lengths}
        return datasets.Dataset.from_dict(columns)


def read_afresh(model: nn.Module, reader: ClipReader) -> None:
    """Drop what was kept for training, so that times are those of a user, from the clip on.

    Args:
        model: A model over clips; its vectors of pictures are dropped.
        reader: Its reader, whose clips are dropped.
    """
    reader.stop_keeping()
    for layer in model.modules():
        if isinstance(layer, PictureEmbedding):
            layer.store = None


def flat_frames(
    references: Iterable[str], processor: RecurrentVideoProcessor | None
) -> list[NDArray[np.float32]]:
    """Return the frames (time, numbers) of clips; those of pictures are their pixels."""
    read = ClipReader(processor)
    return [read(each).flatten(1).numpy() for each in references]
