"""What ``hf-recurrent predict`` shows of a captioner: clips and their sentences."""

from collections.abc import Iterator, Sequence

from transformers import AutoModelForImageTextToText

from ..loading import load_head
from ..video_classification.showing import load_reader
from .fitting import caption


def caption_lines(
    source: str, clips: Sequence[str], trust_remote_code: bool = False
) -> Iterator[str]:
    """Yield each clip with its caption.

    Raises:
        OSError: If there is no such model or clip.
        ValueError: If a clip cannot be read.
    """
    model, tokenizer = load_head(
        source,
        AutoModelForImageTextToText,
        title="video captioning",
        part="output layer",
        noun="a captioner of clips",
        trust_remote_code=trust_remote_code,
    )
    reader = load_reader(source)
    for clip in clips:
        (text,) = caption(model, tokenizer, reader, [clip])
        yield f"{clip}: {text}"
