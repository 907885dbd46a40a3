"""Measure ELMo on one thread: the LSTM by steps and by loop, the cache of words, kept sentences.

    python scripts/benchmark_elmo.py text.txt --size small

Lines of the text are sentences, cut at white space and after 40 words. Seconds are CPU time; the
weights are random. Sizes are those of the published models, by their width of a direction.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from hf_recurrent import ElmoConfig, ElmoModel, RecurrentForTokenClassification
from hf_recurrent.models import projected_layer
from hf_recurrent.models.projected_cell import projected_lstm_loop
from hf_recurrent.training import keep_elmo_sentences
from hf_recurrent.vectors import elmo_inputs, elmo_tokenizer

SIZES: dict[str, dict[str, Any]] = {
    "small": {"hidden_size": 128, "cell_size": 1024, "num_highway_layers": 1},
    "medium": {"hidden_size": 256, "cell_size": 2048, "num_highway_layers": 1},
    "original": {},
}


def seconds(run: Callable[[], Any]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def loop(counts: Any, last: Any, clips: Any, x: Any, h: Any, c: Any, weights: Any) -> Any:
    return projected_lstm_loop(counts, last, clips, x, h, c, *weights)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", type=Path)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--sentences", type=int, default=64)
    parser.add_argument("--batch", type=int, default=16)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    lines = [line.split()[:40] for line in options.text.read_text("utf-8").splitlines()]
    texts = [" ".join(words) for words in lines if len(words) > 3][: options.sentences]
    texts.sort(key=lambda text: len(text.split()))  # batches by length
    tokenizer = elmo_tokenizer()
    elmo = ElmoModel(ElmoConfig(**SIZES[options.size])).eval()
    batches = [
        tokenizer(texts[start : start + options.batch], padding=True, return_tensors="pt")
        for start in range(0, len(texts), options.batch)
    ]
    words = sum(len(text.split()) for text in texts)
    print(f"{len(texts)} sentences, {words} words, {options.size}: {elmo.num_parameters():,}")

    def read() -> None:
        with torch.no_grad():
            for batch in batches:
                elmo(**batch)

    def train_layers() -> None:
        elmo.zero_grad()
        for batch in batches:
            elmo(**batch).last_hidden_state.square().sum().backward()

    def show(name: str, value: float) -> None:
        print(f"{name:<44}{value:8.2f} s{words / value:10.0f} words/s", flush=True)

    read()
    show("inference", seconds(read))
    elmo.cache_words()
    read()
    show("inference, words cached", seconds(read))
    elmo.embed_tokens.cache = None
    show("forward and backward", seconds(train_layers))
    fast, projected_layer.projected_lstm = projected_layer.projected_lstm, loop
    show("inference, loop over the cell", seconds(read))
    show("forward and backward, loop over the cell", seconds(train_layers))
    projected_layer.projected_lstm = fast

    tagger = elmo_inputs(elmo, tokenizer=tokenizer).make_model(
        RecurrentForTokenClassification, hidden_size=128, bidirectional=True
    )
    tagger.train()

    def epoch() -> None:
        for batch in batches:
            tagger.zero_grad()
            labels = (batch["input_ids"] % 2).where(batch["attention_mask"] == 1, -100)
            tagger(**batch, labels=labels).loss.backward()

    show("epoch of a tagger, ELMo frozen", seconds(epoch))
    keep_elmo_sentences(tagger)
    epoch()
    show("the same, sentences kept", seconds(epoch))


if __name__ == "__main__":
    main()
