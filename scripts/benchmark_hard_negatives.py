r"""Measure what hard negatives gain against random ones, at equal steps.

    python scripts/benchmark_hard_negatives.py --files-dir data
    python scripts/benchmark_hard_negatives.py --files-dir data --cell-type lstm --collections med

An encoder is trained on pairs of a query and a document, and of a title and a text, with one more
negative for each pair: at random, by stemmed BM25, or by the encoder itself, chosen anew before
each epoch. All else is equal: pairs, batches, steps, seeds. Of each training query every second
relevant document is hidden: it is no pair, and a negative that is one of these is a false one,
which is counted. A second run goes on with the rows that are missing.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import datasets
import torch
from transformers import set_seed
from transformers.utils import logging

from hf_recurrent import (
    RecurrentConfig,
    RecurrentModel,
    StaticEmbeddingConfig,
    StaticEmbeddingModel,
)
from hf_recurrent.retrieval import HardNegatives, to_sentence_transformer, train_encoder
from hf_recurrent.retrieval.negatives import METHODS
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.input_layers import load_inputs, make_inputs
from hf_recurrent.tasks.text_retrieval.data import CORPUS, contents, right_documents
from hf_recurrent.tasks.text_retrieval.models import NETWORKS, STATIC
from hf_recurrent.tasks.text_retrieval.search import dense_search
from hf_recurrent.training.defaults import MAX_LENGTH

TASK = get_task("text-retrieval")
STATIC_CELL = "static"
KEY = ("collection", "cell_type", "method", "margin", "seed")


def hide_half(rows: datasets.Dataset) -> tuple[datasets.Dataset, dict[str, set[str]]]:
    """Return the pairs without every second document of a query, and these by query."""
    seen: dict[str, int] = {}
    kept: list[int] = []
    hidden: dict[str, set[str]] = {}
    for place, (query, passage) in enumerate(zip(rows["query"], rows["passage"], strict=True)):
        number = seen[query] = seen.get(query, -1) + 1
        if number % 2:
            hidden.setdefault(query, set()).add(passage)
        else:
            kept.append(place)
    return rows.select(kept), hidden


def measure(job: dict[str, Any], data: datasets.DatasetDict, inputs: Any, epochs: int) -> Any:
    """Train one encoder; return its figures on test, and how many negatives were false."""
    pairs, hidden = hide_half(data["train"])
    documents = contents(data[CORPUS])
    is_static = job["cell_type"] == STATIC_CELL
    values = dict((STATIC if is_static else NETWORKS).base) | {"epochs": epochs}
    set_seed(job["seed"])
    if is_static:
        model: Any = StaticEmbeddingModel(StaticEmbeddingConfig(**inputs.config))
    else:
        config = {"cell_type": job["cell_type"], "bidirectional": True, **inputs.config}
        for name in ("hidden_size", "embedding_dropout"):
            config[name] = values[name]
        model = RecurrentModel(RecurrentConfig(**config))
    inputs.fill(model)
    encoder = to_sentence_transformer(model, inputs.tokenizer, max_length=MAX_LENGTH)

    def figures(part: str) -> dict[str, float]:
        searcher = dense_search(documents, lambda texts: encoder.encode(list(texts)))
        found = searcher.predict(TASK.inputs(data[part]))
        return TASK.judge(found, data[part], data["train"])

    mined = HardNegatives(
        pairs["query"][:],
        pairs["passage"][:],
        documents,
        encoder,
        method=job["method"],
        relative_margin=job["margin"],
        right=right_documents(pairs, documents),
        judged=hidden,
        seed=job["seed"],
    )
    start = time.process_time()
    curve = train_encoder(
        encoder,
        mined.dataset,
        values,
        seed=job["seed"],
        evaluate=lambda: figures("validation")[TASK.chosen_by],
        callbacks=[mined],
    )
    return {
        "test": figures("test"),
        "curve": curve.values,
        "steps": curve.steps[-1],
        "negatives": mined.history,
        "cpu_seconds": round(time.process_time() - start, 1),
    }


def read(path: Path) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return the rows of a file by their keys; a last line that was cut off is left out."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    whole = [json.loads(line) for line in lines if line.endswith("\n")]
    if len(whole) < len(lines):
        path.write_text("".join(lines[:-1]), encoding="utf-8")
    return {key_of(row): row for row in whole}


def key_of(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEY)


def table(rows: Iterable[dict[str, Any]]) -> str:
    """Return a Markdown table: means over seeds, and the mean difference to random negatives."""
    rows = list(rows)
    lines = [
        "| collection | encoder | negatives | margin | nDCG@10, % | to random | MAP, % | "
        "to random | false, % | seeds |",
        "|---" * 10 + "|",
    ]
    for key in dict.fromkeys(key_of(row)[:-1] for row in rows):
        own = {row["seed"]: row for row in rows if key_of(row)[:-1] == key}
        base = {
            row["seed"]: row
            for row in rows
            if key_of(row)[:2] == key[:2] and row["method"] == "random"
        }
        cells = [*map(str, key)]
        for metric in ("ndcg_at_10", "map"):
            cells.append(spread([100 * row["test"][metric] for row in own.values()]))
            cells.append(
                spread(
                    [
                        100 * (row["test"][metric] - base[seed]["test"][metric])
                        for seed, row in own.items()
                        if seed in base
                    ],
                    "+",
                )
            )
        chosen = [each for row in own.values() for each in row["negatives"]]
        share = sum(each["false"] for each in chosen) / sum(each["pairs"] for each in chosen)
        lines.append(f"| {' | '.join(cells)} | {100 * share:.2f} | {len(own)} |")
    return "\n".join(lines)


def spread(values: Sequence[float], sign: str = "") -> str:
    """Return mean and standard deviation."""
    if len(values) < 2:
        return "".join(f"{value:{sign}.1f}" for value in values)
    return f"{statistics.mean(values):{sign}.1f} ± {statistics.stdev(values):.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--files-dir", metavar="FOLDER", help="of the files of the collections")
    add("--collections", nargs="+", default=["cranfield", "med"], metavar="NAME")
    add("--methods", nargs="+", choices=METHODS, default=[*reversed(METHODS)], help="default: all")
    add("--margins", nargs="+", type=float, default=[0.05], help="of mined ones (default: 0.05)")
    add("--cell-type", default=STATIC_CELL, help="static (default), or the cell of a network")
    add("--vectors", default="glove", help="default: glove")
    add("--epochs", type=int, default=5, help="default: 5")
    add("--seeds", type=int, default=3, help="default: 3")
    add("--output", type=Path, default=Path("runs/hard-negatives.jsonl"), help="file of the rows")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    datasets.disable_progress_bars()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    rows = read(arguments.output)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    for collection in arguments.collections:
        data = TASK.load(collection, arguments.files_dir)
        with tempfile.TemporaryDirectory() as folder:
            make_inputs(arguments.vectors, TASK.texts(data["train"]), Path(folder))
            inputs = load_inputs(Path(folder))
        jobs = [
            dict(zip(KEY, (collection, arguments.cell_type, method, margin, seed), strict=True))
            for seed in range(arguments.seeds)
            for method in arguments.methods
            for margin in (arguments.margins if method != "random" else [0.0])
        ]
        for job in jobs:
            if key_of(job) in rows:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                row = {**job, **measure(job, data, inputs, arguments.epochs)}
            with arguments.output.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
                file.flush()
                os.fsync(file.fileno())
            rows[key_of(row)] = row
            print(f"{job}: {row['test']}, {row['cpu_seconds']} s", file=sys.stderr, flush=True)
    print(table(rows.values()))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("\nStopped: the same command goes on with the next row.", file=sys.stderr)
        sys.exit(130)
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
