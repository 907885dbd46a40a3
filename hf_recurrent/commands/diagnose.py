"""``hf-recurrent diagnose``: show how far back the gradients of a model reach."""

import argparse
import json
from pathlib import Path

from .._streams import clean_text
from .._terminal import printable
from .._whole import write_whole
from ._parsers import Verbs, add_seed, add_verb, be_quiet

_DESCRIPTION = """\
Show how far back the loss of the last step reaches: the norm of its gradient by the state of each
step, layer and direction, and how many values of each gate are saturated.

It reads the given texts, which have no labels; or rows of a data set, with labels; or else rows of
random words. docs/gradients.md says how to read the numbers.
"""
_EXAMPLES = """\
examples:
  hf-recurrent diagnose benchmark-results/movie-snippets/best
  hf-recurrent diagnose my-model "a long text" "another one" --output flow.svg
  hf-recurrent diagnose my-model --dataset reviews.csv --rows 32 --loss whole
  hf-recurrent diagnose my-model --max-length 500 --output flow.json --output flow.png
"""
_JSON = ".json"


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "diagnose",
        _diagnose,
        help="show how far back the gradients of a model reach",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
        when_stopped=" Nothing was written.",
    )
    add = parser.add_argument
    add("model", metavar="MODEL", help="folder or Hub id of a model")
    add("texts", metavar="TEXT", nargs="*", type=clean_text, help="text to read, without a label")
    add(
        "--dataset",
        metavar="NAME",
        help="name, file, folder or Hub id of labelled data, as for benchmark; its validation part "
        "is read",
    )
    add("--data-dir", metavar="FOLDER", help="folder of the files of named data sets")
    add("--rows", type=int, metavar="N", help="rows of data or random words (default: 16)")
    add(
        "--max-length",
        type=int,
        metavar="N",
        help="random words of a row (default: 100), or tokens after which a row is cut (256)",
    )
    add(
        "--loss",
        choices=("last", "whole"),
        default="last",
        help="last (default): the loss of the last step; whole: the loss of training, which "
        "reaches each step also by the pooling or by the labels of other words (needs labels)",
    )
    add_seed(parser, "the random words")
    add(
        "--output",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help=".json for all numbers, .svg or .png for the plot; may be given several times",
    )


def _diagnose(options: argparse.Namespace) -> int:
    endings = (_JSON, ".svg", ".png")
    for path in options.output:
        if path.suffix not in endings:
            raise ValueError(f"{path}: expected a file name that ends with {' or '.join(endings)}.")

    from ..tasks.diagnosis import diagnose
    from ..training import draw_gradient_flow

    be_quiet()
    flow = diagnose(
        options.model,
        options.texts,
        dataset=options.dataset,
        data_dir=options.data_dir,
        rows=options.rows,
        max_length=options.max_length,
        loss=options.loss,
        seed=options.seed,
    )
    name = Path(options.model).name
    print(flow)
    for path in options.output:
        if path.suffix == _JSON:
            numbers = {"model": name, **flow.to_dict()}
            write_whole(path, json.dumps(numbers, indent=1, allow_nan=False) + "\n")
        else:
            draw_gradient_flow(flow, path, title=f"{name}: gradient of {flow.of}")
        print(printable(f"{path}: {'numbers' if path.suffix == _JSON else 'plot'}"))
    return 0
