"""``hf-recurrent app``: a page to try models and word vectors."""

import argparse
import sys
from typing import Any

from ..vectors.formats.table import PACKAGES
from ._parsers import Verbs, add_trust, add_verb, add_visibility, arguments, be_quiet
from .vectors._reading import read_sentences, read_vectors

_HELP = """\
Serve a page on this machine: type a sentence, and models answer side by side, with the time that
each takes, and the attention over the words or their tags; look up neighbours and analogies of
words, and what is near to a word in two sentences (--contextual).

Words are looked up in the vectors named by --vectors and in the input layers of the models. With
--push the page becomes a Space of the Hub: folders and files are put into it, models of the Hub are
named; what `publish` refuses is refused here too.
"""
_EXAMPLES = """\
examples:
  hf-recurrent app benchmark-results/movie-snippets/best
  hf-recurrent app my-lstm my-bag-of-vectors owner/a-bert --open
  hf-recurrent app my-lstm --vectors glove my-vectors.bin --port 8000
  hf-recurrent app --vectors glove word2vec
  hf-recurrent app --contextual my-elmo my-bert --sentences text.txt
  hf-recurrent app my-lstm --vectors glove --push owner/my-page --dry-run
"""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "app",
        _app,
        help="try models and word vectors in the browser",
        description=_HELP,
        examples=_EXAMPLES,
    )
    add = parser.add_argument
    add("models", metavar="MODEL", nargs="*", help="folder or Hub id of a classifier or tagger")
    add(
        "--vectors",
        metavar="VECTORS",
        nargs="+",
        default=[],
        help=f"{', '.join(PACKAGES)}, or files or folders in any format",
    )
    add(
        "--contextual",
        metavar="MODEL",
        nargs="+",
        default=[],
        help="folders or Hub ids of an ELMo, a BERT or the like, for words in their sentences",
    )
    add(
        "--sentences",
        metavar="FILE",
        help="with --contextual: text with a sentence a line (default: sentences of two senses)",
    )
    add("--port", metavar="N", type=int, help="port to listen on (default: a free one from 7860)")
    add("--host", metavar="ADDRESS", help="address to listen on (default: this machine only)")
    add(
        "--open",
        dest="open_browser",
        action="store_true",
        help="open the page in the browser of this machine",
    )
    add("--push", metavar="OWNER/NAME", help="put the page on the Hub as a Space, and end")
    add_visibility(parser, "Space")
    add("--dry-run", action="store_true", help="show what --push would upload")
    add_trust(parser, "the models, here; never in a Space")


def _app(options: argparse.Namespace) -> int:
    if (options.private is not None or options.dry_run) and not options.push:
        raise ValueError(
            "--private, --public and --dry-run say how to push: name the Space by --push."
        )
    if options.push and (options.port or options.host or options.open_browser):
        raise ValueError("--push serves nothing here: leave out --port, --host and --open.")
    if options.contextual and options.push:
        raise ValueError("A Space has no tab for words in context: leave out --contextual.")
    if options.sentences is not None and not options.contextual:
        raise ValueError("--sentences are searched with a model: name one by --contextual.")
    if not options.models and not options.vectors and not options.contextual:
        raise ValueError("There is nothing to show: name a model, or word vectors by --vectors.")
    be_quiet()
    return _push(options) if options.push else _serve(options)


def _serve(options: argparse.Namespace) -> int:
    from ..app import WordSet, open_classifiers, require_gradio, serve, sets_of_models

    require_gradio()  # before models are loaded, which takes time
    classifiers = open_classifiers(options.models, bool(options.trust_remote_code))
    sets = [WordSet(name, read_vectors(name)) for name in dict.fromkeys(options.vectors)]
    sets += sets_of_models(classifiers)
    serve(classifiers, sets, _contexts(options), **arguments(options, serve))
    return 0


def _contexts(options: argparse.Namespace) -> list[Any]:
    """Return the models for words in context, with the sentences to search."""
    if not options.contextual:
        return []
    from ..app import ContextSet
    from ..vectors.contextual import ContextualVectors

    given = () if options.sentences is None else (read_sentences(options.sentences),)
    trust = bool(options.trust_remote_code)
    return [
        ContextSet(name, ContextualVectors.load(name, trust), *given)
        for name in dict.fromkeys(options.contextual)
    ]


def _push(options: argparse.Namespace) -> int:
    from ..app import plan_space, push_space
    from .publish import upload_bars

    vectors = list(dict.fromkeys(options.vectors))
    for name in vectors:
        read_vectors(name)
    plan = plan_space(options.models, vectors, options.push)
    print(f"To the Space {options.push}, {plan.mebibytes:.1f} MiB:")
    for path, content in sorted(plan.files.items()):
        print(f"  {path}{' (made)' if isinstance(content, bytes) else ''}")
    for path, why in plan.left_out.items():
        print(f"  left out: {path} ({why})")
    for note in plan.notes:
        print(f"  {note}")
    if options.dry_run:
        for name in ("README.md", "requirements.txt", "app.py"):
            print(f"\n{name}:\n\n{plan.text(name)}")
        return 0
    url = push_space(
        plan,
        private=options.private,
        say=lambda sentence: print(sentence, file=sys.stderr),
        progress=upload_bars,
    )
    print(f"Published and loaded back: {url}")
    return 0
