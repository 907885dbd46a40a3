"""Draw the README's plot: accuracy against latency, from the kept rows of a comparison.

python scripts/draw_results.py docs/results/movie-snippets.jsonl docs/latency.svg
"""

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

from hf_recurrent._whole import write_whole
from hf_recurrent.hub.plots import svg_file
from hf_recurrent.hub.record import Plot, PlotPoint

NAMES = {
    "tfidf": "tf-idf",
    "mean": "mean of vectors",
    "rnn": "RNN (Elman)",
    "lstm": "LSTM",
    "gru": "GRU",
    "bilstm-attention": "BiLSTM + attention",
    "bert-frozen": "MiniLM, frozen",
    "bert-finetuned": "MiniLM, fine-tuned",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("results", type=Path, metavar="FILE", help="rows that scripts/keep_results.py kept")
    add("target", type=Path, metavar="SVG", help="where the plot goes")
    arguments = parser.parse_args()
    plot = Plot(
        file=arguments.target.name,
        title="Movie snippets: test accuracy against latency",
        horizontal="latency of one text, ms",
        vertical="test accuracy, %",
        points=tuple(points(arguments.results)),
    )
    write_whole(arguments.target, svg_file(plot))
    print(f"{arguments.target}: {len(plot.points)} models")


def points(path: Path) -> list[PlotPoint]:
    """Return a point a model, over its seeds; rows of trials are left out."""
    runs: dict[str, list[dict[str, Any]]] = {}
    for number, line in enumerate(path.open(encoding="utf-8"), 1):
        try:
            row = json.loads(line)
            if row["job"]["kind"] == "run":
                runs.setdefault(row["job"]["model"], []).append(row["result"])
        except (ValueError, KeyError, TypeError):
            raise ValueError(f"{path}, line {number}: this is no row of a comparison") from None
    found = []
    for model, results in runs.items():
        scores = [100 * result["test"]["accuracy"] for result in results]
        found.append(
            PlotPoint(
                name=NAMES.get(model, model),
                x=statistics.fmean(result["latency"]["median_ms"] for result in results),
                y=statistics.fmean(scores),
                spread=statistics.stdev(scores) if len(scores) > 1 else None,
            )
        )
    return found


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
