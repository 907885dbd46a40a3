"""``hf-recurrent search``: index documents with any encoder, and search them."""

import argparse
import os
import sys
from pathlib import Path

from .._streams import clean_text
from .._terminal import printable
from ._parsers import Verbs, add_trust, add_verb, be_quiet

_EXAMPLES = """\
examples:
  hf-recurrent search my-index --model my-encoder --add articles/
  hf-recurrent search my-index "flow past a flat plate"
  hf-recurrent search my-index --add news.csv --text-column body --id-column url
  hf-recurrent search my-index < queries.txt

An index names the encoder that made it. --add brings it up to date with a folder of text files, a
table or a data set of the Hub: only new and changed documents are encoded, and those that are gone
are removed. Documents of other sources stay.
"""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "search",
        _search,
        help="search documents by their meaning",
        description="Index documents with an encoder, and find those that are nearest to a query.",
        examples=_EXAMPLES,
        when_stopped=" An index that was to be changed is as it was.",
    )
    add = parser.add_argument
    add("index", metavar="INDEX", type=Path, help="folder of the index")
    add("texts", metavar="QUERY", nargs="*", type=clean_text, help="what to find")
    add(
        "--add",
        metavar="SOURCE",
        help="folder of text files, text file (a document a line), table, or Hub id",
    )
    add("--text-column", metavar="COLUMN", help="of tables and Hub data sets (default: text)")
    add("--id-column", metavar="COLUMN", help="likewise (default: the number of the row)")
    add(
        "--model",
        metavar="MODEL",
        help="folder or Hub id of an encoder, or minilm (default: the one that the index names)",
    )
    add("--top", type=int, default=10, metavar="N", help="documents to show (default: 10)")
    add_trust(parser, "the encoder")


def _search(options: argparse.Namespace) -> int:
    if options.top < 1:
        raise ValueError(f"--top is {options.top}, expected 1 or more.")
    if not options.add and (options.text_column or options.id_column):
        raise ValueError("--text-column and --id-column are for the source that --add names.")
    # Neither the files of an index nor ids of the Hub can have another name.
    for name, value in (("INDEX", str(options.index)), ("--model", options.model or "")):
        if clean_text(value) != value:
            raise ValueError(f"{name} is '{printable(value)}', which is not UTF-8.")
    from ..retrieval.documents import read_documents
    from ..retrieval.index import SearchIndex, read_settings, update_index
    from ..retrieval.text_encoder import TextEncoder

    be_quiet()
    folder, trusted = options.index, bool(options.trust_remote_code)
    if options.add:
        documents = read_documents(options.add, options.text_column, options.id_column)
        model = options.model
        if model is None:
            if not folder.exists():
                raise ValueError(f"{folder} is a new index: name its encoder by --model.")
            model = read_settings(folder)["encoder"]
        encoder = TextEncoder(model, trusted)
        # However a path is written, it is the same source.
        path = os.path.abspath(options.add)
        source = clean_text(path) if Path(path).exists() else options.add
        change = update_index(folder, documents, source, encoder)
        print(f"{folder}: {change}.", file=sys.stderr)
        if not options.texts:
            return 0
        index = SearchIndex(folder, encoder)
    else:
        read_settings(folder)
        named = TextEncoder(options.model, trusted) if options.model else None
        index = SearchIndex(folder, named, trusted)
    queries = options.texts or [line.rstrip("\n") for line in sys.stdin if line.strip()]
    if not queries:
        raise ValueError("There is no query: give one, or lines on standard input.")
    for query in queries:
        if len(queries) > 1:
            print(printable(query))
            if query.strip() and not index.encoder.knows(query):
                print("    (the encoder knows no word of it)")
                continue
        for hit in index.search(query, options.top):
            print(printable(f"{hit.score:.3f}  {hit.id}  {hit.text[:100]}"))
    return 0
