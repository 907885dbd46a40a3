"""The console command `hf-recurrent`; each verb calls one function of the package."""

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from .benchmark.settings import (
    ALL_EMBEDDINGS,
    DEFAULT_EMBEDDINGS,
    DEFAULT_MODELS,
    MODELS,
    TRIALS,
    BenchmarkSettings,
    Embedding,
)

__all__ = ["main"]

_BENCHMARK_HELP = """\
Compare recurrent networks, word vectors and BERT on one data set.

Every model is trained and measured in a process of its own. What is done stands in
OUTPUT/results.jsonl and is not run again, so a run that was stopped goes on where it was.
"""
_BENCHMARK_EXAMPLES = """\
examples:
  hf-recurrent benchmark
  hf-recurrent benchmark --dataset trec --data-dir my-data --seeds 3
  hf-recurrent benchmark --models lstm gru --embeddings glove:frozen glove+word2vec:tuned
  hf-recurrent benchmark --models bilstm-attention --trials 8
  hf-recurrent benchmark --models bert-finetuned --baseline google-bert/bert-base-uncased
  hf-recurrent benchmark --dataset reviews.csv --text-column review --label-column stars
"""
_PREDICT_EXAMPLES = """\
examples:
  hf-recurrent predict benchmark-results/movie-snippets/best "a fine film"
  hf-recurrent predict owner/model --attention "not bad at all"
  hf-recurrent predict my-model < texts.txt
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and gives its exit status: 0, 1 after an error, 130 after Ctrl-C."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    # Texts that stand behind a flag are left over.
    if rest and (not hasattr(options, "texts") or any(text.startswith("-") for text in rest)):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if rest:
        options.texts += rest
    try:
        return options.verb(options)
    except KeyboardInterrupt:
        print("\nStopped." + options.when_stopped, file=sys.stderr)
        return 130
    except (OSError, ValueError) as error:
        print(f"hf-recurrent: {_sentence(error)}", file=sys.stderr)
        return 1


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hf-recurrent",
        description="Recurrent networks and word vectors for the Hugging Face ecosystem.",
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    benchmark = verbs.add_parser(
        "benchmark",
        help="compare recurrent networks, word vectors and BERT",
        description=_BENCHMARK_HELP,
        epilog=_BENCHMARK_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_benchmark_options(benchmark)
    benchmark.set_defaults(
        verb=_benchmark, when_stopped=" What is done is kept: the same command goes on from there."
    )
    predict = verbs.add_parser(
        "predict",
        help="try a trained text classifier",
        description="Label texts, those given or else the lines of standard input.",
        epilog=_PREDICT_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    predict.add_argument("model", metavar="MODEL", help="folder or Hub id of a text classifier")
    predict.add_argument("texts", metavar="TEXT", nargs="*", help="text to label")
    predict.add_argument(
        "--attention",
        action="store_true",
        help="show how much each word counted (models with attention pooling)",
    )
    predict.set_defaults(verb=_predict, when_stopped="")
    return parser


def _add_benchmark_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--models",
        nargs="+",
        metavar="MODEL",
        default=None,
        help=f"of {', '.join(MODELS)} (default: {' '.join(DEFAULT_MODELS)})",
    )
    add(
        "--embeddings",
        nargs="+",
        metavar="NAME",
        default=None,
        help="random, glove, word2vec, glove+word2vec, each with :tuned or :frozen behind it "
        f"(default: {' '.join(map(str, DEFAULT_EMBEDDINGS))})",
    )
    add(
        "--full",
        action="store_true",
        help="all models with all embeddings, unless --models or --embeddings say otherwise",
    )
    add("--dataset", metavar="NAME", help="name, file, folder or Hub id (default: movie-snippets)")
    add("--data-dir", metavar="FOLDER", help="folder of the files of named data sets")
    add("--text-column", metavar="COLUMN", help="of files and Hub data sets (default: text)")
    add("--label-column", metavar="COLUMN", help="of files and Hub data sets (default: label)")
    add("--seeds", type=int, metavar="N", help="number of seeds (default: 2)")
    add(
        "--trials",
        type=int,
        metavar="N",
        help=f"values tried for each model on validation, 1 to {len(TRIALS)} (default: 1)",
    )
    add("--epochs", type=int, metavar="N", help="most epochs (default: that of each model)")
    add("--max-length", type=int, metavar="N", help="tokens of a text (default: 256)")
    add("--limit-train", type=int, metavar="N", help="rows to train on (default: all)")
    add("--baseline", metavar="MODEL", help="encoder: minilm (default), Hub id or folder")
    add("--output", metavar="FOLDER", help="default: benchmark-results/DATASET")


def _benchmark(options: argparse.Namespace) -> int:
    chosen = {f.name: getattr(options, f.name) for f in fields(BenchmarkSettings)}
    if options.full:
        chosen["models"] = chosen["models"] or tuple(MODELS)
        chosen["embeddings"] = chosen["embeddings"] or tuple(map(str, ALL_EMBEDDINGS))
    if chosen["models"]:
        chosen["models"] = tuple(chosen["models"])
    if chosen["embeddings"]:
        chosen["embeddings"] = tuple(map(Embedding.parse, chosen["embeddings"]))
    settings = BenchmarkSettings(**{k: v for k, v in chosen.items() if v is not None})
    name = re.sub(r"[^\w.-]+", "-", Path(settings.dataset).name or "data")
    output = Path(options.output or Path("benchmark-results", name))

    import datasets

    from .benchmark import benchmark

    datasets.disable_progress_bars()
    return benchmark(settings, output)


def _predict(options: argparse.Namespace) -> int:
    texts = options.texts or [line.rstrip("\n") for line in sys.stdin]
    if not texts:
        raise ValueError("There is no text to label: give one, or lines on standard input.")

    from transformers.utils import logging

    from .benchmark.prediction import load_classifier, predict, word_weights

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    model, tokenizer = load_classifier(options.model)
    explained = [word_weights(model, tokenizer, t) if options.attention else [] for t in texts]
    for text, scores, words in zip(texts, predict(model, tokenizer, texts), explained, strict=True):
        print("  ".join([*(f"{label} {score:.3f}" for label, score in scores), f"| {text}"]))
        if words:
            print("    " + " ".join(f"{word}({weight:.2f})" for word, weight in words))
    return 0


if __name__ == "__main__":
    sys.exit(main())
