"""``hf-recurrent vectors neighbors``: the words nearest to a word."""

import argparse

from ..._streams import clean_text
from ..._terminal import printable
from .._parsers import Verbs, add_trust, add_verb, be_quiet
from ._reading import add_vectors, read_sentences, read_vectors

_EXAMPLES = """\
examples:
  hf-recurrent vectors neighbors glove king
  hf-recurrent vectors neighbors vectors.bin Paris London --count 5
  hf-recurrent vectors neighbors glove --positive king woman --negative man
  hf-recurrent vectors neighbors my-elmo bank --context "They sat on the bank of the river." \\
    --sentences text.txt
"""
# How much of a sentence is shown on each side of a word.
_SHOWN = 30


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "neighbors",
        _neighbors,
        help="list the words nearest to a word",
        description="List the words with the greatest cosine to each word, or to a sum of words; "
        "with --context the words in the sentences of a text that are nearest to a word in its "
        "sentence, by the vectors of an ELMo, a BERT or the like.",
        examples=_EXAMPLES,
    )
    add_vectors(parser)
    parser.add_argument(
        "texts", metavar="WORD", nargs="*", type=clean_text, help="word to find neighbours of"
    )
    parser.add_argument(
        "--positive", nargs="+", type=clean_text, default=[], metavar="WORD", help="words to add up"
    )
    parser.add_argument(
        "--negative",
        nargs="+",
        type=clean_text,
        default=[],
        metavar="WORD",
        help="words to subtract from them",
    )
    parser.add_argument(
        "--count", type=int, default=10, metavar="N", help="neighbours of each (default: 10)"
    )
    add = parser.add_argument
    add(
        "--context",
        metavar="SENTENCE",
        type=clean_text,
        help="a sentence with the word; VECTORS is then the folder or Hub id of a model",
    )
    add("--sentences", metavar="FILE", help="with --context: text with a sentence a line")
    add(
        "--layer",
        type=int,
        metavar="N",
        help="with --context: 0 for the words alone, -1 for the last layer (default)",
    )
    add_trust(parser, "the model")


def _neighbors(options: argparse.Namespace) -> int:
    summed = options.positive or options.negative
    if options.context is not None:
        return _in_context(options)
    if options.sentences is not None or options.layer is not None or options.trust_remote_code:
        raise ValueError(
            "--sentences, --layer and --trust-remote-code are for a word in a sentence: give it by "
            "--context."
        )
    if not options.texts and not summed:
        raise ValueError("There is no word to find neighbours of: name one.")

    from ...vectors.evaluation import neighbors

    vectors = read_vectors(options.vectors, options.limit, options.allow_pickle)
    # All of them first, so that nothing is printed where one is unknown.
    found = [(word, neighbors(vectors, word, count=options.count)) for word in options.texts]
    if summed:
        words = [*(f"+ {word}" for word in options.positive)]
        words += [f"- {word}" for word in options.negative]
        near = neighbors(vectors, options.positive, options.negative, count=options.count)
        found.append((" ".join(words).removeprefix("+ "), near))
    for title, near in found:
        print(printable(title))
        for word, cosine in near:
            print(f"  {cosine:6.3f}  {printable(word)}")
    return 0


def _in_context(options: argparse.Namespace) -> int:
    summed = options.positive or options.negative
    if summed or options.limit is not None or options.allow_pickle:
        raise ValueError(
            "--positive, --negative, --limit and --allow-pickle are for word vectors: leave them "
            "out, or --context."
        )
    if options.sentences is None:
        raise ValueError("There is no text to search: name one by --sentences.")
    if not options.texts:
        raise ValueError("There is no word to find neighbours of: name one.")
    sentences = read_sentences(options.sentences)
    be_quiet()

    from ...vectors.contextual import ContextualVectors, neighbors_in_context

    vectors = ContextualVectors.load(options.vectors, bool(options.trust_remote_code))
    context = options.context
    layer = -1 if options.layer is None else options.layer
    found = [
        neighbors_in_context(vectors, word, context, sentences, layer=layer, count=options.count)
        for word in options.texts
    ]
    for word, near in zip(options.texts, found, strict=True):
        print(f"{printable(word)}: {printable(context)}")
        for each in near:
            before, after = each.around(_SHOWN)
            print(f"  {each.cosine:6.3f}  {printable(f'{before}[{each.word}]{after}')}")
    return 0
