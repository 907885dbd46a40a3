r"""Measure a recogniser in pieces: a stream, and `chunk_length_s` of the pipeline of transformers.

    python scripts/benchmark_streaming.py my-streaming-recogniser --dataset grid-s1 \
        --data-dir data --output docs/results/streaming.txt
    python scripts/benchmark_streaming.py my-recogniser --dataset grid-s1 --data-dir data \
        --recordings 200 --join 10

Where the model reads in one direction, it feeds recordings of the test part in chunks of several
lengths and compares the logits and the transcript with those of the whole recording. The real-time
factor is the time of the processor for a second of sound, on one thread. What is said at the
beginning of a chunk is known after the rest of the chunk and its computation.

For any model it then counts the words by which transcripts with `chunk_length_s` differ from those
of the whole, and the word error rates of both. `--join` makes one long recording of so many. Data
of frames that were computed before, such as an4, have no samples: there the pipeline cuts frames.
"""

import argparse
import sys
import time
import warnings
from pathlib import Path

import datasets
import numpy as np
import torch
from transformers import AutoModelForCTC, AutoProcessor, AutoTokenizer, pipeline

from hf_recurrent import LogMelFeatureExtractor, RecurrentSpeechProcessor
from hf_recurrent._whole import write_whole
from hf_recurrent.data.sound import Sound, read_sound
from hf_recurrent.metrics.speech import error_counts, error_rate
from hf_recurrent.models.samples import resampled
from hf_recurrent.speech import SpeechStream
from hf_recurrent.tasks import get_task

CHUNKS = (0.02, 0.05, 0.1, 0.5)


def main() -> None:
    arguments = parse()
    torch.set_num_threads(1)
    model = AutoModelForCTC.from_pretrained(arguments.model).eval()
    rows = test_rows(arguments)
    sounds = [read_sound(ref) for ref in rows["audio"]]
    if sounds[0].rate is None:
        tokenizer = AutoTokenizer.from_pretrained(arguments.model)
        processor = RecurrentSpeechProcessor(PlacesOfFrames(model, sounds), tokenizer)
        parts = processor.feature_extractor.places
        model.config.samples_per_frame = 1
    else:
        processor = AutoProcessor.from_pretrained(arguments.model)
        parts = at_rate(sounds, processor.feature_extractor.sampling_rate)
    sounds, right = joined(parts, rows["text"][:], arguments.join)
    extractor = processor.feature_extractor
    seconds = sum(map(len, sounds)) / extractor.sampling_rate
    whole, texts = [], []
    start = time.process_time()
    for sound in sounds:
        with torch.no_grad():
            whole.append(model(**processor(sound, return_tensors="pt")).logits[0])
        texts.append(processor.tokenizer.decode(whole[-1].argmax(-1)))
    lines = [
        f"{len(sounds)} recordings of {seconds:.0f} s, {model.num_parameters():,} parameters",
        f"whole recordings: real-time factor {(time.process_time() - start) / seconds:.4f}, "
        f"{wrong(texts, right)} of the words wrong",
    ]
    if not model.config.bidirectional and not isinstance(extractor, PlacesOfFrames):
        lines += [streamed(model, processor, sounds, whole, texts, chunk) for chunk in CHUNKS]
    lines += [
        chunked(model, processor, sounds, texts, right, length)
        for length in arguments.chunk_lengths
    ]
    print("\n".join(lines))
    if arguments.output is not None:
        write_whole(arguments.output, "\n".join(lines) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("model", help="a folder, or an id of the Hub")
    add("--dataset", default="grid-s1", help="whose test part is heard")
    add("--data-dir", metavar="FOLDER", help="of the files of named data sets")
    add("--recordings", type=int, default=20, metavar="N", help="default: 20")
    add("--join", type=int, default=1, metavar="N", help="of them as one (default: 1)")
    chosen = {"nargs": "+", "type": float, "default": [1.0, 2.0, 5.0, 10.0], "metavar": "S"}
    add("--chunk-lengths", **chosen, help="in seconds (default: 1 2 5 10)")
    add("--output", type=Path, metavar="FILE", help="the lines, as a file too")
    return parser.parse_args()


def test_rows(arguments: argparse.Namespace) -> datasets.Dataset:
    """Return the first rows of the test part."""
    for option in ("recordings", "join"):
        if getattr(arguments, option) < 1:
            raise ValueError(f"--{option} is {getattr(arguments, option)}, expected at least 1")
    task = get_task("automatic-speech-recognition")
    rows = task.load(arguments.dataset, data_dir=arguments.data_dir)["test"]
    return rows.select(range(min(arguments.recordings, len(rows))))


def at_rate(sounds: list[Sound], rate: int) -> list[np.ndarray]:
    """Return the samples of recordings at a rate."""
    given = [(np.asarray(sound.values, dtype=np.float64), sound.rate) for sound in sounds]
    return [each if own == rate else resampled(each, own, rate) for each, own in given]


class PlacesOfFrames(LogMelFeatureExtractor):
    """An extractor whose "samples" are the places of frames that were computed before.

    What is cut out of such samples is normalised and gets its slopes as cut sound would.

    Args:
        model: What hears them.
        sounds: The frames of recordings.
    """

    def __init__(self, model, sounds: list[Sound]) -> None:
        base, size = sounds[0].values.shape[1], model.config.embedding_config["num_channels"]
        if not model.config.bidirectional:
            raise ValueError(
                "frames are cut for bidirectional models only, as one in one direction needs the "
                "fixed statistics of an extractor, which models of frames are saved without"
            )
        super().__init__(
            sampling_rate=100,
            min_frequency=0.0,
            hop_length=1,
            feature_type="mfcc",
            num_cepstra=base,
            delta_order=size // base - 1,
        )
        self.base = np.concatenate([sound.values for sound in sounds]).astype(np.float64)
        ends = np.cumsum([len(sound.values) for sound in sounds])
        self.places = np.split(np.arange(float(ends[-1])), ends[:-1])

    def _raw(self, samples, sampling_rate):
        return self._with_deltas(self.base[np.asarray(samples).astype(int)])


def joined(
    sounds: list[np.ndarray], texts: list[str], number: int
) -> tuple[list[np.ndarray], list[str]]:
    """Return recordings of which each is so many, one after the other, and their texts."""
    parts = [slice(n, n + number) for n in range(0, len(sounds), number)]
    return [np.concatenate(sounds[p]) for p in parts], [" ".join(texts[p]) for p in parts]


def streamed(model, processor, sounds, whole, texts, chunk: float) -> str:
    """Return the line of a stream with a length of chunks."""
    rate = processor.feature_extractor.sampling_rate
    differences, same, spent, longest, heard = [], 0, 0.0, 0.0, 0.0
    for sound, logits, text in zip(sounds, whole, texts, strict=True):
        stream, size, found = SpeechStream(model, processor), round(chunk * rate), []
        for first in range(0, len(sound), size):
            start = time.process_time()
            found.append(stream.feed(sound[first : first + size]))
            took = time.process_time() - start
            spent, longest = spent + took, max(longest, took)
        found.append(stream.finish())
        differences.append(float((torch.cat(found) - logits).abs().max()))
        same += stream.text == text
        heard += len(sound) / rate
    return (
        f"chunks of {chunk * 1000:.0f} ms: largest difference of logits {max(differences):.1e}, "
        f"{same} of {len(texts)} transcripts equal, real-time factor {spent / heard:.3f}, longest "
        f"computation {longest * 1000:.1f} ms"
    )


def chunked(model, processor, sounds, texts, right, length: float) -> str:
    """Return the line of a value of `chunk_length_s`."""
    run = pipeline(
        "automatic-speech-recognition",
        model=model,
        tokenizer=processor.tokenizer,
        feature_extractor=processor.feature_extractor,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this is experimental
        found = [run(sound.astype(np.float32), chunk_length_s=length)["text"] for sound in sounds]
    same = sum(cut == text for cut, text in zip(found, texts, strict=True))
    return (
        f"chunk_length_s={length:g}: {same} of {len(texts)} transcripts are those of the whole, "
        f"{wrong(found, texts)} of their words differ, {wrong(found, right)} of the words wrong"
    )


def wrong(found: list[str], right: list[str]) -> str:
    """Return the word error rate as a share."""
    errors, sizes = error_counts(found, right)
    return f"{100 * error_rate(errors, sizes):.1f} %" if sum(sizes) else "none"


if __name__ == "__main__":
    try:
        main()
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
