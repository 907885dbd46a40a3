r"""Measure searches over four collections, alone and fused with BM25, with a test over queries.

    python scripts/benchmark_retrieval.py --files-dir data
    python scripts/benchmark_retrieval.py --files-dir data --collections cranfield --models bm25 sif

Each model is fitted twice, so that each half of the queries is tested once: training, the choice of
the epoch and of the weight beside BM25 see the other half only. A row of the output file holds one
model, collection, fold and seed with its figures for each query, which a digest names; a second run
goes on with the rows that are missing. The table gives means over all queries, and the p-value of a
paired randomisation test of the fused ranking against stemmed BM25.
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import torch
from transformers.utils import logging

from hf_recurrent.benchmark.measure import peak_memory
from hf_recurrent.retrieval import paired_p_value
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.input_layers import make_inputs
from hf_recurrent.tasks.model_rows import PACKAGED_BASELINE, Work
from hf_recurrent.tasks.text_retrieval.judging import per_query
from hf_recurrent.tasks.text_retrieval.models import MODELS
from hf_recurrent.tasks.text_retrieval.named import COLLECTIONS
from hf_recurrent.tasks.word_vectors import Embedding

TASK = get_task("text-retrieval")
FOLDS = (0, 1)
FLOOR = "bm25"
_KEY = ("collection", "model", "fold", "seed")
_SHOWN = ("ndcg_at_10", "graded_ndcg_at_10", "map", "recall_at_100")


@dataclass
class Prepared:
    """The data of a collection and fold, and a folder with the word vectors of their texts."""

    data: datasets.DatasetDict
    folder: Path
    embedding: Embedding

    def inputs(self) -> Path:
        """Return the folder, which is filled at the first call."""
        if not any(self.folder.iterdir()):
            make_inputs(self.embedding.vectors, TASK.texts(self.data["train"]), self.folder)
        return self.folder


def measure(
    job: dict[str, Any], prepared: Prepared, arguments: argparse.Namespace
) -> dict[str, Any]:
    """Fit one model, and return its figures for each test query."""
    row, data = MODELS[job["model"]], prepared.data
    values = dict(row.search.base if row.search else {}) | dict(row.config) | {"threads": 1}
    if row.search and arguments.epochs:
        values["epochs"] = arguments.epochs
    inputs = prepared.inputs() if row.uses_word_vectors else None
    started = time.process_time()
    fitted = row.fit(
        Work(
            name=job["model"],
            task=TASK,
            row=row,
            values=values,
            seed=job["seed"],
            max_length=arguments.max_length,
            data=data,
            embedding=prepared.embedding if row.uses_word_vectors else None,
            inputs=inputs,
            baseline=PACKAGED_BASELINE,
        )
    )
    if arguments.models_dir and row.keep:
        place = Path(arguments.models_dir, "-".join(str(job[name]) for name in _KEY))
        place.mkdir(parents=True, exist_ok=True)
        fitted.save(place)
    cpu = time.process_time() - started
    queries = TASK.inputs(data["test"])
    predictions = fitted.predict(queries)
    found = per_query(predictions, data["test"])
    return {
        "queries": [hashlib.sha256(query.encode()).hexdigest()[:12] for query in queries],
        "figures": {key: [round(value, 6) for value in own] for key, own in found.items()},
        "validation": fitted.validation,
        "curve": fitted.curve,
        "note": fitted.note,
        "parameters": fitted.parameters,
        "truncation": fitted.truncation,
        "cpu_seconds": round(cpu, 1),
        "peak_mib": round(peak_memory(), 1),
        **(fitted.measure() if fitted.measure else {}),
    }


def run(job: dict[str, Any], prepared: Prepared, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure a job, write its row and return it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        row = {**job, **measure(job, prepared, arguments)}
    with arguments.output.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
        file.flush()
        os.fsync(file.fileno())
    means = {key: round(float(np.mean(own)), 3) for key, own in row["figures"].items()}
    print(f"{job}: {means}, {row['cpu_seconds']} s", file=sys.stderr, flush=True)
    return row


def key_of(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _KEY)


def read(path: Path) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return the rows of a file by their keys; a last line that was cut off is left out."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    whole = [json.loads(line) for line in lines if line.endswith("\n")]
    if len(whole) < len(lines):
        path.write_text("".join(lines[:-1]), encoding="utf-8")
    return {key_of(row): row for row in whole}


def of_all_queries(
    rows: Sequence[dict[str, Any]], collection: str, model: str, key: str
) -> dict[str, float]:
    """Return a figure of each query of both folds, the mean over seeds."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if row["collection"] == collection and row["model"] == model and key in row["figures"]:
            for query, value in zip(row["queries"], row["figures"][key], strict=True):
                found.setdefault(query, []).append(value)
    return {query: float(np.mean(values)) for query, values in found.items()}


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return a Markdown table for each collection."""
    lines: list[str] = []
    for collection in dict.fromkeys(row["collection"] for row in rows):
        floor = {key: of_all_queries(rows, collection, FLOOR, key) for key in ("ndcg_at_10", "map")}
        queries = len(floor["map"])
        lines += [
            f"\n{collection}, {queries} queries\n",
            "| model | nDCG@10 | graded | MAP | recall@100 | fused nDCG@10 | p | fused MAP | p | "
            "queries/s | index, MiB | seeds |",
            "|---" * 12 + "|",
        ]
        for model in MODELS:
            own = [r for r in rows if (r["collection"], r["model"]) == (collection, model)]
            if not own:
                continue
            cells = [_mean(of_all_queries(rows, collection, model, key)) for key in _SHOWN]
            for key in ("ndcg_at_10", "map"):
                fused = of_all_queries(rows, collection, model, f"fused_{key}")
                cells.append(_mean(fused))
                both = [query for query in fused if query in floor[key]]
                first, second = ([each[q] for q in both] for each in (fused, floor[key]))
                cells.append(f"{paired_p_value(first, second):.4f}" if both else "")
            speeds = [row["queries_per_second"] for row in own]
            cells.append(f"{np.median(speeds):,.0f}")
            cells.append(f"{own[0]['index_size']:.2f}")
            cells.append(str(len({row["seed"] for row in own})))
            lines.append(f"| {MODELS[model].title} | {' | '.join(cells)} |")
    return "\n".join(lines).lstrip("\n")


def _mean(values: dict[str, float]) -> str:
    return f"{np.mean(list(values.values())):.3f}" if values else ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--files-dir", help="folder of the files of the collections")
    add("--collections", nargs="+", default=[*COLLECTIONS], metavar="NAME", help="default: all")
    add("--models", nargs="+", choices=MODELS, default=[*MODELS], help="default: all")
    add("--seeds", type=int, default=1, help="runs of each trained model (default: 1)")
    add("--epochs", type=int, help="default: those of the comparison")
    add("--embedding", default="glove:tuned", help="word vectors (default: glove:tuned)")
    add("--max-length", type=int, default=256, help="tokens after which a text is cut")
    add("--models-dir", help="folder for the trained encoders")
    add("--output", type=Path, default=Path("runs/retrieval.jsonl"), help="file of the rows")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    datasets.disable_progress_bars()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    rows = read(arguments.output)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    for seed, collection, fold in product(range(arguments.seeds), arguments.collections, FOLDS):
        models = [m for m in arguments.models if seed == 0 or not MODELS[m].is_deterministic]
        made = [dict(zip(_KEY, (collection, m, fold, seed), strict=True)) for m in models]
        jobs = [job for job in made if key_of(job) not in rows]
        if not jobs:
            continue
        data = TASK.load(collection, arguments.files_dir, fold=fold)
        with tempfile.TemporaryDirectory() as folder:
            prepared = Prepared(data, Path(folder), Embedding.parse(arguments.embedding))
            for job in jobs:
                row = run(job, prepared, arguments)
                rows[key_of(row)] = row
    print(
        table([row for key, row in rows.items() if key[1] in arguments.models or key[1] == FLOOR])
    )


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("\nStopped: the same command goes on with the next row.", file=sys.stderr)
        sys.exit(130)
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
