"""Keep the rows of a comparison for the documentation, without the texts of its data.

    python scripts/keep_results.py benchmark-results/trec docs/results/trec.jsonl

The texts that a run keeps as examples stand under the terms of their data set: none is copied.
"""

import argparse
import json
import sys
from pathlib import Path

from hf_recurrent._whole import write_whole
from hf_recurrent.tasks.records import coverage_text

# Rows of the data in a result: texts, answers to them, and the names of items.
_TEXTS = ("examples", "answers")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("results", type=Path, metavar="FOLDER", help="output folder of the comparison")
    add("target", type=Path, metavar="FILE", help="where the rows go")
    arguments = parser.parse_args()
    source = arguments.results / "results.jsonl"
    rows = [kept(line, source, n) for n, line in enumerate(source.open(encoding="utf-8"), 1)]
    write_whole(arguments.target, "".join(rows))
    print(f"{arguments.target}: {len(rows)} rows")


def kept(line: str, source: Path, number: int) -> str:
    """Return a row without its texts; key and job stay, so the comparison finds it again."""
    try:
        row = json.loads(line)
        row["key"], row["job"]
        found = row["result"] | {name: [] for name in _TEXTS if name in row["result"]}
        if found.get("coverage"):  # its report names words of the texts
            found["coverage"] |= {"report": coverage_text(found["coverage"])}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(
            f"{source}, line {number}: this is no row of results; run the comparison again, which "
            f"mends the file."
        ) from None
    return json.dumps(row | {"result": found}, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
