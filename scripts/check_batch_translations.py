"""Count the translations that depend on the sentences beside them in the batch.

    python scripts/check_batch_translations.py MODEL test.en --num_beams 5

Padding has no weight, so a batch should change nothing. What is left is rounding: in fp32 the sums
of a product depend on its shape, and where two hypotheses are equally good to the last digits,
another one may win. The script translates a file of sentences, one a line, each alone and then in
batches, and lists the translations that differ, each with the score of both: the mean
log-probability of a token, computed for each alone.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

import hf_recurrent  # noqa: F401 - registers the models
from hf_recurrent._whole import write_whole


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("model", help="a folder or a Hub id, with its tokenizer")
    add("file", type=Path, help="sentences, one a line")
    add("--batch", type=int, default=64, help="sentences of a batch (default: 64)")
    add("--num_beams", type=int, default=1, help="beams (default: 1, greedy)")
    add("--length_penalty", type=float, default=1.0, help="length penalty (default: 1)")
    add("--max_new_tokens", type=int, default=100, help="tokens of a translation (default: 100)")
    add("--threads", type=int, default=1, help="threads (default: 1)")
    add("--output", type=Path, help="a file for the list")
    arguments = parser.parse_args()
    for name in ("batch", "num_beams", "max_new_tokens", "threads"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name} is {getattr(arguments, name)}, expected at least 1")
    torch.set_num_threads(arguments.threads)
    try:
        lines = arguments.file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"{arguments.file}: {error}")
    texts = [line.strip() for line in lines]
    numbers = [number for number, text in enumerate(texts, 1) if text]
    texts = [text for text in texts if text]
    if not texts:
        sys.exit(f"{arguments.file} has no sentences")
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    model = AutoModelForSeq2SeqLM.from_pretrained(arguments.model, dtype=torch.float32).eval()
    model.generation_config.max_length = None  # the limit here is that of new tokens
    options: dict[str, Any] = {
        "num_beams": arguments.num_beams,
        "do_sample": False,
        "max_new_tokens": arguments.max_new_tokens,
    }
    if arguments.num_beams > 1:
        options["length_penalty"] = arguments.length_penalty
    found = list(report(model, tokenizer, texts, arguments.batch, numbers, **options))
    print("\n".join(found))
    if arguments.output:
        write_whole(arguments.output, "\n".join(found) + "\n")


def report(
    model: Any,
    tokenizer: Any,
    texts: Sequence[str],
    batch: int,
    lines: Sequence[int] | None = None,
    **options: Any,
) -> Iterator[str]:
    """Return the list of translations that differ, by the lines of the texts in their file."""
    alone = translations(model, tokenizer, texts, 1, **options)
    together = translations(model, tokenizer, texts, batch, **options)
    changed = [i for i, pair in enumerate(zip(alone, together, strict=True)) if pair[0] != pair[1]]
    yield (
        f"{len(changed)} of {len(texts)} translations differ between batches of 1 and {batch} "
        f"({options['num_beams']} beams, fp32)"
    )
    for number in changed:
        single, other = alone[number], together[number]
        scores = [score(model, tokenizer, texts[number], ids) for ids in (single, other)]
        line = lines[number] if lines else number + 1
        yield (
            f"line {line}: {scores[0]:.6f} alone, {scores[1]:.6f} in the batch, gap "
            f"{scores[0] - scores[1]:.2e}"
        )
        for ids in (single, other):
            yield f"    {tokenizer.decode(ids, skip_special_tokens=True)}"


@torch.inference_mode()
def translations(
    model: Any, tokenizer: Any, texts: Sequence[str], batch: int, **options: Any
) -> list[list[int]]:
    """Return the ids of each translation after the start, without what fills the batch."""
    ends = model.generation_config.eos_token_id
    ends = {ends} if isinstance(ends, int) else set(ends or ())
    found = []
    for start in range(0, len(texts), batch):
        encoded = _encoded(model, tokenizer, texts[start : start + batch])
        for row in model.generate(**encoded, **options)[:, 1:].tolist():
            end = next((i + 1 for i, token in enumerate(row) if token in ends), len(row))
            found.append(row[:end])
    return found


@torch.inference_mode()
def score(model: Any, tokenizer: Any, text: str, ids: list[int]) -> float:
    """Return the mean log-probability of the tokens of a translation."""
    labels = torch.tensor([ids])
    return -float(model(**_encoded(model, tokenizer, [text]), labels=labels).loss)


def _encoded(model: Any, tokenizer: Any, texts: Sequence[str]) -> dict[str, torch.Tensor]:
    encoded = tokenizer(list(texts), padding=True, return_tensors="pt")
    names = (model.main_input_name, "attention_mask")
    return {name: encoded[name] for name in names if name in encoded}


if __name__ == "__main__":
    main()
