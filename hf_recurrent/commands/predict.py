"""``hf-recurrent predict``: try a trained model, whatever its task."""

import argparse
import sys
from typing import Any

from .._streams import clean_text
from .._terminal import printable
from ._parsers import Verbs, add_trust, add_verb, be_quiet

_EXAMPLES = """\
examples:
  hf-recurrent predict benchmark-results/movie-snippets/best "a fine film"
  hf-recurrent predict owner/model --attention "not bad at all"
  hf-recurrent predict my-tagger --n-best 3 "Ada lives in Paris ."
  hf-recurrent predict my-model < texts.txt
  hf-recurrent predict my-recommender --unseen 296 318 593
  hf-recurrent predict my-forecaster data.csv --horizon 24 --output forecast.csv

Its task is that of the record that is beside it, or else that of its class.
"""
# Options of a file of series, as in the comparison.
_COLUMNS = {
    "time_column": "column of time stamps (default: one with a usual name)",
    "target_column": "column of values, or several with commas (default: all numbers)",
    "item_column": "column with the name of each series (default: one with a usual name)",
    "covariate_columns": "columns that are known for future steps too",
    "past_covariate_columns": "columns that are known of the past alone",
    "freq": "frequency as pandas writes it (default: that of the time stamps)",
}
_FORECASTING = ("horizon", "output", *_COLUMNS)


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "predict",
        _predict,
        help="try a trained model on texts",
        description="Let a model answer texts, those given or else the lines of standard input.",
        examples=_EXAMPLES,
    )
    parser.add_argument("model", metavar="MODEL", help="folder or Hub id of a model")
    parser.add_argument(
        "texts",
        metavar="TEXT",
        nargs="*",
        type=clean_text,
        help="text to answer, an item of a session, or a file of sound, of a clip or of series",
    )
    more = parser.add_mutually_exclusive_group()
    more.add_argument(
        "--attention",
        dest="explain",
        action="store_true",
        help="show how much each word counted (classifiers with attention pooling, translators)",
    )
    more.add_argument(
        "--n-best",
        type=int,
        metavar="N",
        help="show the N best answers (taggers with a CRF, translators, models that recommend "
        "items)",
    )
    parser.add_argument(
        "--unseen",
        action="store_true",
        help="leave out the items of the session itself (models that recommend items)",
    )
    series = parser.add_argument_group("models that forecast series")
    series.add_argument("--horizon", type=int, metavar="N", help="steps to forecast")
    series.add_argument(
        "--output",
        metavar="FILE.csv",
        help="write the forecasts there, and fan charts beside it (.svg, and .html with all)",
    )
    for name, help_text in _COLUMNS.items():
        series.add_argument(f"--{name.replace('_', '-')}", metavar="C", help=help_text)
    add_trust(parser, "the model")


def _predict(options: argparse.Namespace) -> int:
    texts = options.texts or [line.rstrip("\n") for line in sys.stdin]
    if any("\0" in text for text in texts):
        raise ValueError("Standard input holds NUL bytes, so it is no text: expected UTF-8.")
    if not texts:
        raise ValueError("There is no text to answer: give one, or lines on standard input.")

    if options.n_best is not None and options.n_best < 1:
        raise ValueError(f"--n-best is {options.n_best}, expected 1 or more.")

    from ..tasks.of_model import task_of_model

    be_quiet()
    task, trusted = task_of_model(options.model), bool(options.trust_remote_code)
    more: dict[str, Any] = {"trust_remote_code": trusted}
    if task.takes_items:
        texts = ["\t".join(options.texts)] if options.texts else texts
        more["unseen"] = options.unseen
    elif options.unseen:
        raise ValueError(f"--unseen is for models that recommend items, and not for {task.id}.")
    told = {n: value for n in _FORECASTING if (value := getattr(options, n)) is not None}
    if task.forecasts:
        more |= told
    elif told:
        raise ValueError(
            f"--{next(iter(told)).replace('_', '-')} is for models that forecast series, and not "
            f"for {task.id}."
        )
    if options.n_best is None:
        lines = task.predict(options.model, texts, explain=options.explain, **more)
    else:
        lines = task.n_best(options.model, texts, options.n_best, **more)
    for line in lines:
        print(printable(line))  # labels and texts come from others
    return 0
