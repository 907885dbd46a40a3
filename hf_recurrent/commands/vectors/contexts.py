"""``hf-recurrent vectors contexts``: how much a word's vector changes with its sentence."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..._streams import clean_text
from ..._terminal import printable
from ..._whole import write_whole
from ..._wording import counted
from .._parsers import Verbs, add_seed, add_trust, add_verb, be_quiet
from ._reading import read_sentences, warnings_as_notes

_HELP = """\
Measure, layer by layer, how similar a word is to itself in other sentences, beside two random
words (Ethayarajh 2019), and whether the vectors of a word tell its two senses apart.
"""
_EXAMPLES = """\
examples:
  hf-recurrent vectors contexts my-elmo my-bert --sentences text.txt --plot layers.svg
  hf-recurrent vectors contexts my-bert --sentences text.txt --words bank light
  hf-recurrent vectors contexts my-bert --sentences text.txt --senses senses.tsv
"""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "contexts",
        _contexts,
        help="measure how much a word's vector changes with its sentence",
        description=_HELP,
        examples=_EXAMPLES,
    )
    add = parser.add_argument
    add("models", metavar="MODEL", nargs="+", help="folder or Hub id of an ELMo, BERT or the like")
    add("--sentences", metavar="FILE", required=True, help="text with a sentence a line")
    add(
        "--words",
        nargs="+",
        type=clean_text,
        metavar="WORD",
        help="words to measure (default: 200 that are in five sentences at least)",
    )
    add("--senses", metavar="FILE", help="word, sense and sentence a line (default: our own)")
    add("--plot", metavar="FILE", type=Path, help="SVG or PNG of the layers")
    add_seed(parser, "the choice of words and sentences")
    add_trust(parser, "the models")


def _contexts(options: argparse.Namespace) -> int:
    form = options.plot.suffix.lower().removeprefix(".") if options.plot else "svg"
    if form not in ("svg", "png"):
        raise ValueError(f"--plot is {options.plot}, expected a name that ends with .svg or .png")
    sentences = read_sentences(options.sentences)
    be_quiet()

    from ...vectors import contextual

    senses: Sequence[contextual.SenseRow] = contextual.TWO_SENSES
    if options.senses:
        with warnings_as_notes():
            senses = contextual.read_senses(options.senses)
    spreads: dict[str, contextual.Spread] = {}
    for source in dict.fromkeys(options.models):
        vectors = contextual.ContextualVectors.load(source, bool(options.trust_remote_code))
        spread = contextual.context_spread(
            vectors, sentences, words=options.words, seed=options.seed
        )
        name = vectors.name if vectors.name not in spreads else source
        spreads[name] = spread
        layers = contextual.compare_senses(vectors, senses)
        told = counted(len(spread.words), "word"), counted(spread.occurrences, "occurrence")
        print(f"{printable(name)}: {', '.join(told)}")
        print("  layer  itself  random  above    senses: nearest  same   other")
        for layer, of_senses in enumerate(layers):
            print(
                f"  {layer:5}  {spread.self_similarity[layer]:6.3f}  {spread.baseline[layer]:6.3f}"
                f"  {spread.adjusted[layer]:5.3f}  {of_senses.nearest:16.3f}  {of_senses.same:5.3f}"
                f"  {of_senses.other:5.3f}"
            )
    if options.plot:
        drawn = contextual.plot_layers(spreads, form=form)
        write_whole(options.plot, drawn)
    return 0
