"""`hf-recurrent benchmark`: compare recurrent networks, word vectors and BERT."""

import argparse
import re
from dataclasses import fields, replace
from pathlib import Path

from .._cores import parse_threads
from .._tasks import all_tasks
from ..benchmark.settings import DEFAULT_TASK, BenchmarkSettings, choose_task
from ..tasks.data_info import Option
from ..tasks.model_rows import BASELINE
from ..tasks.word_vectors import ALL_EMBEDDINGS, DEFAULT_EMBEDDINGS, Embedding
from ._parsers import Verbs, add_trust, add_verb, utf8_path

_HELP = """\
Compare recurrent networks, word vectors and BERT on one data set, for one task.

Every model is trained and measured in a process of its own. What is done is in
OUTPUT/results.jsonl and is not run again, so a run that was stopped goes on where it was.
"""
_EXAMPLES = """\
examples:
  hf-recurrent benchmark
  hf-recurrent benchmark --dataset trec --data-dir my-data --seeds 3
  hf-recurrent benchmark --models lstm gru --embeddings glove:frozen glove+word2vec:tuned
  hf-recurrent benchmark --models bilstm-attention --trials 8
  hf-recurrent benchmark --models bert-finetuned --baseline google-bert/bert-base-uncased
  hf-recurrent benchmark --models elmo-bilstm bert-scratch-finetuned --elmo my-elmo \\
    --bert-scratch my-bert
  hf-recurrent benchmark --dataset reviews.csv --text-column review --label-column stars
"""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "benchmark",
        _benchmark,
        help="compare recurrent networks, word vectors and BERT",
        description=_HELP,
        examples=_EXAMPLES,
        when_stopped=" What is done is kept: the same command goes on from there.",
    )
    _add_options(parser)


def _add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    most = max(task.most_trials for task in all_tasks())
    add(
        "--task",
        metavar="TASK",
        help=f"one of {', '.join(task.id for task in all_tasks())} (default: that of the data set "
        f"or of its options, models or files, else {DEFAULT_TASK})",
    )
    add(
        "--models",
        nargs="+",
        metavar="MODEL",
        default=None,
        help="; ".join(
            f"for {task.id}: {', '.join(task.models)} (default: {' '.join(task.default_models)})"
            for task in all_tasks()
        ),
    )
    add(
        "--embeddings",
        nargs="+",
        metavar="NAME",
        default=None,
        help="random, glove, word2vec, glove+word2vec, own, each with :tuned or :frozen behind it "
        f"(default: {' '.join(map(str, DEFAULT_EMBEDDINGS))})",
    )
    add(
        "--full",
        action="store_true",
        help="all models that need no folder of yours, with all embeddings, unless --models or "
        "--embeddings say otherwise",
    )
    defaults = ", ".join(f"{task.default_dataset} for {task.id}" for task in all_tasks())
    add("--dataset", metavar="NAME", help=f"name, file, folder or Hub id (default: {defaults})")
    add("--data-dir", metavar="FOLDER", help="folder of the files of named data sets")
    for option in _data_options().values():
        _add_option(parser, option)
    add("--seeds", type=int, metavar="N", help="number of seeds (default: 2, or 1 for slow tasks)")
    add(
        "--trials",
        type=int,
        metavar="N",
        help=f"values tried for each model on validation, 1 to {most} (default: 1)",
    )
    add("--epochs", type=int, metavar="N", help="most epochs (default: that of each model)")
    add("--max-length", type=int, metavar="N", help="tokens of a text (default: 256)")
    add("--limit-train", type=int, metavar="N", help="rows to train on (default: all)")
    add("--baseline", metavar="MODEL", help="encoder: minilm (default), Hub id or folder")
    add("--vectors", metavar="VECTORS", help="file or folder of the embeddings called own")
    add("--elmo", metavar="FOLDER", help="an ELMo of your own, for the models elmo-...")
    add("--bert-scratch", metavar="FOLDER", help="a BERT of your own, for bert-scratch-...")
    add_trust(parser, "the baseline")
    add(
        "--threads",
        type=_threads,
        metavar="N",
        help="threads of every model; auto finds those that are fastest, for each model by a short "
        "trial, and again where training slows down by half (default: auto)",
    )
    add("--output", metavar="FOLDER", type=utf8_path, help="default: benchmark-results/DATASET")


def _data_options() -> dict[str, Option]:
    """Return the data options of all tasks by name, each with what it is for every task."""
    found: dict[str, Option] = {}
    for option in (option for task in all_tasks() for option in task.options):
        known = found.setdefault(option.name, option)
        if option.help not in known.help:
            found[option.name] = replace(known, help=f"{known.help}; {option.help}")
    return found


def _add_option(parser: argparse.ArgumentParser, option: Option) -> None:
    if option.metavar:
        parser.add_argument(option.flag, metavar=option.metavar, help=option.help)
    else:
        parser.add_argument(option.flag, action="store_true", default=None, help=option.help)


def _threads(text: str) -> int | None:
    """Return the number of threads, or ``None`` for ``auto``; the parser reports an error."""
    try:
        return parse_threads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _benchmark(options: argparse.Namespace) -> int:
    chosen = {
        f.name: getattr(options, f.name) for f in fields(BenchmarkSettings) if f.name != "options"
    }
    given = {name: getattr(options, name) for name in _data_options()}
    chosen["options"] = {name: value for name, value in given.items() if value is not None}
    if options.full:
        task = choose_task(options.task, options.dataset, chosen["options"], options.models)
        chosen["models"] = chosen["models"] or tuple(
            name
            for name, row in task.models.items()
            if row.encoder in ("", BASELINE) or getattr(options, row.encoder)
        )
        chosen["embeddings"] = chosen["embeddings"] or tuple(map(str, ALL_EMBEDDINGS))
    if chosen["models"]:
        chosen["models"] = tuple(chosen["models"])
    if chosen["embeddings"]:
        chosen["embeddings"] = tuple(map(Embedding.parse, chosen["embeddings"]))
    settings = BenchmarkSettings(**{k: v for k, v in chosen.items() if v is not None})
    name = re.sub(r"[^\w.-]+", "-", Path(settings.chosen_dataset).name or "data")
    output = Path(options.output or Path("benchmark-results", name))

    import datasets

    from ..benchmark import benchmark

    datasets.disable_progress_bars()
    return benchmark(settings, output)
