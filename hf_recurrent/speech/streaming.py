"""A recogniser that hears samples as they come."""

from typing import Any

import torch
from torch import Tensor

from ..models.feature_stream import FeatureStream
from ..models.ragged import TokenColumns


class SpeechStream:
    """Recognises a stream of samples, fed in chunks of any length.

    The logits of all chunks are those of the whole recording: the extractor keeps its tail, the
    convolutions the frames that they still read, and the layers their states. A frame of sound is
    heard as soon as its window is complete.

    Args:
        model: A ``RecurrentForCTC`` that reads in one direction.
        processor: A ``RecurrentSpeechProcessor``, or anything with ``feature_extractor`` and
            ``tokenizer``.

    Raises:
        ValueError: If the model or the feature extractor needs sound to come.

    Example:
        ``stream = SpeechStream(model, processor)``, then ``stream.feed(samples)`` for each chunk,
        ``stream.text`` at any time, and ``stream.finish()`` at the end.
    """

    def __init__(self, model: Any, processor: Any) -> None:
        if model.config.bidirectional:
            raise ValueError(
                "this model cannot stream: it is bidirectional, so each step reads the sound to "
                "come; train one with bidirectional=False"
            )
        self.model, self.processor = model.eval(), processor
        self._features = FeatureStream(processor.feature_extractor)
        self._contexts = model.model.subsampling.begin(1)
        self._states: dict[str, Tensor | None] = {}
        self._ids: list[int] = []

    def feed(self, samples: Any) -> Tensor:
        """Return the logits (steps, vocab_size) that these samples complete; there may be none."""
        return self._read(self._features.feed(samples))

    def finish(self) -> Tensor:
        """End the stream; return the last logits, which only a very short one has."""
        return self._read(self._features.finish())

    @property
    def text(self) -> str:
        """The most probable token of each step so far, as a text."""
        text: str = self.processor.tokenizer.decode(self._ids)
        return text

    @torch.no_grad()
    def _read(self, frames: Any) -> Tensor:
        body, head = self.model.model, self.model.lm_head
        given = torch.as_tensor(frames, dtype=torch.float32, device=self.model.device).unsqueeze(0)
        steps, self._contexts = body.subsampling.stream(body.embed_tokens(given), self._contexts)
        time = steps.shape[1]
        if not time:
            return steps.new_zeros(0, self.model.config.vocab_size)
        outputs = body.run_layers(
            steps,
            torch.ones(1, time, dtype=torch.bool, device=steps.device),
            TokenColumns(0, time, time),
            dense=True,
            output_final_state=True,
            **self._states,
        )
        self._states = {
            "initial_hidden_state": outputs["final_hidden_state"],
            "initial_cell_state": outputs["final_cell_state"],
        }
        logits: Tensor = head(outputs["last_hidden_state"])[0]
        self._ids += logits.argmax(-1).tolist()
        return logits
