"""What ``hf-recurrent predict`` shows of a recogniser: files of sound and their texts."""

from collections.abc import Iterator, Sequence

from transformers import AutoModelForCTC, AutoProcessor

from ..loading import load_model
from .decoding import greedy, log_probabilities


def transcript_lines(
    source: str, files: Sequence[str], trust_remote_code: bool = False
) -> Iterator[str]:
    """Yield each file with its transcript.

    Raises:
        OSError: If there is no such model or file, or the model is damaged.
        ValueError: If the model has no feature extractor, or a file is no sound.
    """
    model = load_model(
        source,
        AutoModelForCTC,
        title="speech recognition",
        part="output layer",
        noun="a recogniser",
        trust_remote_code=trust_remote_code,
    )
    processor = AutoProcessor.from_pretrained(source, trust_remote_code=trust_remote_code)
    extractor = getattr(processor, "feature_extractor", None)
    if extractor is None:
        raise ValueError(
            f"'{source}' has no feature extractor, so it cannot hear files of sound: it was "
            "trained on frames that were computed elsewhere."
        )
    for file in files:
        scores = log_probabilities(model, extractor, [file])
        yield f"{file}: {greedy(processor.tokenizer, scores)[0]}"
