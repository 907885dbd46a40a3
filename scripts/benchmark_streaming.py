r"""Measure a streaming recogniser: equality of chunks and the whole, and real-time factors.

    python scripts/benchmark_streaming.py my-streaming-recogniser --dataset grid-s1 \
        --data-dir data --output docs/results/streaming.txt

For each length of chunks it feeds recordings of the test part in chunks and compares the logits and
the transcript with those of the whole recording. The real-time factor is the time of the processor
for a second of sound, on one thread. What is said at the beginning of a chunk is known after the
rest of the chunk and its computation. The last line counts the transcripts by `chunk_length_s` of
the pipeline of transformers that are those of the whole.
"""

import argparse
import sys
import time
from pathlib import Path

import torch
from transformers import AutoModelForCTC, AutoProcessor, pipeline

import hf_recurrent  # noqa: F401 - registers the models
from hf_recurrent._whole import write_whole
from hf_recurrent.data.sound import read_sound
from hf_recurrent.speech import SpeechStream
from hf_recurrent.tasks import get_task

CHUNKS = (0.02, 0.05, 0.1, 0.5)


def main() -> None:
    arguments = parse()
    torch.set_num_threads(1)
    model = AutoModelForCTC.from_pretrained(arguments.model).eval()
    processor = AutoProcessor.from_pretrained(arguments.model)
    task = get_task("automatic-speech-recognition")
    rows = task.load(arguments.dataset, data_dir=arguments.data_dir)["test"]
    sounds = [read_sound(ref) for ref in rows["audio"][: arguments.recordings]]
    seconds = sum(len(sound.values) / (sound.rate or 1) for sound in sounds)
    whole, texts = [], []
    start = time.process_time()
    for sound in sounds:
        with torch.no_grad():
            inputs = processor(sound.values, sampling_rate=sound.rate, return_tensors="pt")
            whole.append(model(**inputs).logits[0])
        texts.append(processor.tokenizer.decode(whole[-1].argmax(-1)))
    lines = [
        f"{len(sounds)} recordings of {seconds:.0f} s, {model.num_parameters():,} parameters",
        f"whole recordings: real-time factor {(time.process_time() - start) / seconds:.4f}",
    ]
    if not model.config.bidirectional:
        lines += [streamed(model, processor, sounds, whole, texts, chunk) for chunk in CHUNKS]
    run = pipeline(
        "automatic-speech-recognition",
        model=model,
        tokenizer=processor.tokenizer,
        feature_extractor=processor.feature_extractor,
    )
    cut = [
        run(sound.values.copy(), chunk_length_s=1.0, stride_length_s=0.25)["text"]
        for sound in sounds
    ]
    same = sum(a == b for a, b in zip(cut, texts, strict=True))
    lines.append(f"chunk_length_s=1.0: {same} of {len(texts)} transcripts are those of the whole")
    print("\n".join(lines))
    if arguments.output is not None:
        write_whole(arguments.output, "\n".join(lines) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", help="a folder, or an id of the Hub")
    parser.add_argument("--dataset", default="grid-s1", help="whose test part is heard")
    parser.add_argument("--data-dir", metavar="FOLDER", help="of the files of named data sets")
    parser.add_argument("--recordings", type=int, default=20, metavar="N", help="default: 20")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the lines, as a file too")
    return parser.parse_args()


def streamed(model, processor, sounds, whole, texts, chunk: float) -> str:
    """Return the line of a length of chunks."""
    differences, same, spent, longest, heard = [], 0, 0.0, 0.0, 0.0
    for sound, logits, text in zip(sounds, whole, texts, strict=True):
        stream, size, found = SpeechStream(model, processor), round(chunk * sound.rate), []
        for first in range(0, len(sound.values), size):
            start = time.process_time()
            found.append(stream.feed(sound.values[first : first + size]))
            took = time.process_time() - start
            spent, longest = spent + took, max(longest, took)
        found.append(stream.finish())
        differences.append(float((torch.cat(found) - logits).abs().max()))
        same += stream.text == text
        heard += len(sound.values) / sound.rate
    return (
        f"chunks of {chunk * 1000:.0f} ms: largest difference of logits {max(differences):.1e}, "
        f"{same} of {len(texts)} transcripts equal, real-time factor {spent / heard:.3f}, longest "
        f"computation {longest * 1000:.1f} ms"
    )


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
