"""`hf-recurrent predict`: try a trained text classifier."""

import argparse
import sys

from .._streams import clean_text
from .._terminal import printable
from ._parsers import Verbs, add_trust, add_verb

_EXAMPLES = """\
examples:
  hf-recurrent predict benchmark-results/movie-snippets/best "a fine film"
  hf-recurrent predict owner/model --attention "not bad at all"
  hf-recurrent predict my-model < texts.txt
"""


def add_parser(verbs: Verbs) -> None:
    """Adds the verb."""
    parser = add_verb(
        verbs,
        "predict",
        _predict,
        help="try a trained text classifier",
        description="Label texts, those given or else the lines of standard input.",
        examples=_EXAMPLES,
    )
    parser.add_argument("model", metavar="MODEL", help="folder or Hub id of a text classifier")
    parser.add_argument("texts", metavar="TEXT", nargs="*", type=clean_text, help="text to label")
    parser.add_argument(
        "--attention",
        action="store_true",
        help="show how much each word counted (models with attention pooling)",
    )
    add_trust(parser, "the model")


def _predict(options: argparse.Namespace) -> int:
    texts = options.texts or [line.rstrip("\n") for line in sys.stdin]
    if any("\0" in text for text in texts):
        raise ValueError("Standard input holds NUL bytes, so it is no text: expected UTF-8.")
    if not texts:
        raise ValueError("There is no text to label: give one, or lines on standard input.")

    from transformers.utils import logging

    from ..benchmark.prediction import load_classifier, predict, word_weights

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    model, tokenizer = load_classifier(options.model, bool(options.trust_remote_code))
    explained = [word_weights(model, tokenizer, t) if options.attention else [] for t in texts]
    for text, scores, words in zip(texts, predict(model, tokenizer, texts), explained, strict=True):
        labels = (f"{printable(label)} {score:.3f}" for label, score in scores)
        print("  ".join([*labels, f"| {printable(text)}"]))
        if words:
            print("    " + " ".join(f"{printable(word)}({weight:.2f})" for word, weight in words))
    return 0
