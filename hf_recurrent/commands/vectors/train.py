"""``hf-recurrent vectors train``: train word vectors of any kind on any corpus."""

import argparse
import sys
from dataclasses import fields
from typing import Any

from ..._wording import counted
from ...vectors.formats.table import FORMATS
from .._parsers import Verbs, add_seed, add_verb, arguments, utf8_path
from ._reading import warnings_as_notes

_KINDS = (
    *("one-hot", "cooccurrence", "ppmi", "ppmi-svd", "cbow", "skip-gram", "skip-gram-shared"),
    *("glove", "fasttext"),
)
_DESCRIPTION = """\
Train word vectors, and save them with their settings and a card.

CORPUS is a text file, a sentence a line (.gz too); a CSV, TSV, JSON or Parquet file with
--text-column; brown, the Brown corpus; a named data set such as 20-newsgroups, its training part;
or a data set of the Hub, owner/name, with --text-column.

Ctrl-C while vectors are trained saves the vectors so far, and the card says so.
"""
_EXAMPLES = """\
examples:
  hf-recurrent vectors train brown --output brown-skip-gram
  hf-recurrent vectors train my-text.txt.gz --kind cbow --epochs 10 --output my-vectors
  hf-recurrent vectors train brown --kind glove --memory 64MB --output brown-glove
  hf-recurrent vectors train my-text.txt --kind fasttext --bucket 100000 --output my-fasttext
  hf-recurrent vectors train my-text.txt --phrases --format word2vec-binary --output my-vectors
  hf-recurrent vectors train owner/data --text-column body --kind ppmi-svd --output my-svd
"""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "train",
        _train,
        help="train word vectors of any kind",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
        when_stopped=" Nothing was trained yet, and nothing was saved.",
        renamed={
            "min_count of phrases": "--phrase-min-count",
            "threshold of phrases": "--phrase-threshold",
        },
    )
    add = parser.add_argument
    add("corpus", metavar="CORPUS", help="file, name or id of the Hub")
    add("--kind", choices=_KINDS, default="skip-gram", help="default: skip-gram")
    add("--output", metavar="FOLDER", type=utf8_path, required=True, help="the folder to make")
    add("--overwrite", action="store_true", help="replace an earlier result at this place")
    add(
        "--format",
        choices=tuple(FORMATS),
        help="default: static-embedding, the Hub's format; fasttext for the kind fasttext",
    )
    add_seed(parser)
    add(
        "--workers",
        type=int,
        metavar="N",
        help="threads (default: as many as there are); the result is exactly repeatable on one",
    )
    _add_corpus_options(parser)
    _add_settings(parser)


def _add_corpus_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("how the corpus is read").add_argument
    add("--text-column", metavar="COLUMN", help="of tables and Hub data sets (default: text)")
    add("--split", default="train", metavar="NAME", help="of Hub data sets (default: train)")
    add("--config", metavar="NAME", help="configuration of a Hub data set")
    add("--data-dir", metavar="FOLDER", help="folder of the files of named data sets")
    add(
        "--pre-tokenizer",
        choices=("ptb", "googlenews", "chinese", "whitespace"),
        help="how text is cut into words (default: ptb, as in the Penn Treebank)",
    )
    add("--keep-case", dest="lowercase", action="store_false", help="do not lower-case the text")
    add("--phrases", action="store_true", help="join pairs of words that belong together")
    add(
        "--phrase-min-count", type=int, metavar="N", help="how often a pair must occur (default: 5)"
    )
    add("--phrase-threshold", type=float, metavar="X", help="the higher, the fewer (default: 10)")


def _add_settings(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("settings, each with the default of the kind")

    def add(flag: str, kind: Any, help: str) -> None:
        metavar = {int: "N", float: "X"}.get(kind, "WORD")
        group.add_argument(flag, type=kind, metavar=metavar, help=help)

    add("--min-count", int, "how often a word must occur (5)")
    add("--max-vocabulary", int, "words to keep at most (all)")
    add("--window", int, "largest distance of two words (5; glove: 10)")
    add("--vector-size", int, "length of a vector (100)")
    add("--epochs", int, "how often the corpus is trained on (5; glove: 25)")
    add("--alpha", float, "cbow, skip-gram, fasttext: learning rate at the beginning (0.025)")
    add("--min-alpha", float, "the same: learning rate at the end (0.0001)")
    add("--negative", int, "the same: number of negative samples (5)")
    add("--ns-exponent", float, "the same: exponent of the counts they are drawn by (0.75)")
    add("--sample", float, "the same: share of the corpus above which words are skipped (0.001)")
    add("--hs", int, "cbow, skip-gram, fasttext: 1 for hierarchical softmax (0)")
    add("--sg", int, "fasttext: 1 for skip-gram, 0 for cbow (1)")
    add("--min-n", int, "fasttext: characters of the shortest n-grams (3)")
    add("--max-n", int, "fasttext: characters of the longest n-grams (6)")
    add("--bucket", int, "fasttext: vectors that all n-grams share (2000000, 0.8 GB)")
    add("--weighting", str, "counts: harmonic or flat (harmonic)")
    group.add_argument(
        "--one-sided", dest="symmetric", action="store_const", const=False,
        help="counts: for the later word of a pair only",
    )  # fmt: skip
    add("--memory", str, "counts: what they may take, as 64MB; the rest is on disk (no limit)")
    add("--shift", float, "ppmi, ppmi-svd: whose logarithm is taken off (1)")
    add("--smoothing", float, "the same: exponent of the contexts' counts (0.75)")
    add("--eigenvalue-weighting", float, "ppmi-svd: exponent of the singular values (0.5)")
    add("--x-max", float, "glove: smallest count with full weight (10)")
    add("--weight-exponent", float, "glove: exponent of the weight of smaller counts (0.75)")
    add("--learning-rate", float, "glove: size of the first steps (0.05)")


def _train(options: argparse.Namespace) -> int:
    from ...vectors.training.settings import KINDS, make_settings

    names = {field.name for settings in KINDS.values() for field in fields(settings)}
    given = {name: value for name, value in vars(options).items() if name in names}
    given = {name: value for name, value in given.items() if value is not None}
    make_settings(options.kind, given)
    phrases = _phrases(options)

    import datasets

    from ...vectors.training import TrainingStopped, open_corpus, save_trained, train_vectors
    from ...vectors.training.saving import check_format, check_output

    check_format(options.kind, options.format)
    check_output(options.output, options.overwrite)
    datasets.disable_progress_bars()
    corpus = open_corpus(options.corpus, **arguments(options, open_corpus))
    status = 0
    try:
        result = train_vectors(
            corpus,
            options.kind,
            phrases=phrases,
            seed=options.seed,
            workers=options.workers,
            **given,
        )
    except TrainingStopped as stop:
        if stop.result is None:
            raise
        result, status = stop.result, 130
    with warnings_as_notes():
        record = save_trained(result, options.output, options.format, overwrite=options.overwrite)
    if result.stopped:
        done = counted(result.epochs or 0, "whole epoch")
        print(f"\nStopped after {done}; the vectors so far are saved.", file=sys.stderr)
    _report(options.output, record)
    return status


def _phrases(options: argparse.Namespace) -> Any:
    from ...vectors.training import PhraseOptions

    chosen = {"min_count": options.phrase_min_count, "threshold": options.phrase_threshold}
    chosen = {name: value for name, value in chosen.items() if value is not None}
    if chosen and not options.phrases:
        raise ValueError("--phrase-min-count and --phrase-threshold go with --phrases.")
    return PhraseOptions(**chosen) if options.phrases else False


def _report(output: str, record: dict[str, Any]) -> None:
    corpus = record["corpus"]
    print(
        f"{output}: {record['kind']}, {counted(record['vocabulary'], 'word')}, trained on "
        f"{counted(corpus['words'], 'word')} in {counted(corpus['sentences'], 'sentence')} in "
        f"{record['seconds']:.1f} s"
    )
    if "losses" in record:
        first, last = record["losses"][0], record["losses"][-1]
        print(f"loss: {first:.4f} in the first epoch, {last:.4f} in the last")
    for score in record.get("scores", ()):
        print(
            f"{score['name']}: Spearman {score['spearman']:.3f} over {score['known']:,} of "
            f"{counted(score['pairs'], 'pair')}"
        )
