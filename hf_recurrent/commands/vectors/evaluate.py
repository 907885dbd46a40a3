"""``hf-recurrent vectors evaluate``: judge word vectors."""

import argparse
import json
from pathlib import Path

from ..._terminal import printable
from ..._whole import write_whole
from ..._wording import counted
from .._parsers import Verbs, add_verb
from ._reading import add_vectors, read_vectors

_DESCRIPTION = """\
Judge word vectors by sets of words.

  ws353, simlex999    similarity: Spearman's correlation of cosines with people's ratings
  men, rg65           the same; files men-tr-3k.txt and rg-65.txt of a data folder
  google-analogies    a is to b as c is to what?
  google-categories   purity of clusters of capitals, countries, currencies, cities, states,
                      family words and nationalities, taken from the analogies
  FILE                lines of two words and a rating, of a word and its category, or analogies

A word is found as it is, else in another case, unless --case says otherwise. The last column
counts the unknown too: a pair at the median similarity of the known ones, all else as wrong.
With --target and --dictionary, words are also translated by their nearest vectors.
"""
_EXAMPLES = """\
examples:
  hf-recurrent vectors evaluate glove
  hf-recurrent vectors evaluate vectors.txt --sets ws353 simlex999 men --data-dir my-data
  hf-recurrent vectors evaluate vectors.bin --sets google-analogies --methods 3cosadd 3cosmul
  hf-recurrent vectors evaluate my-model --sets my-pairs.tsv --json scores.json
  hf-recurrent vectors evaluate en.vec --target es.vec --dictionary en-es.tsv --sets
"""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "evaluate",
        _evaluate,
        help="judge word vectors by similarity, analogies, categories and translation",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    add_vectors(parser)
    add = parser.add_argument
    add(
        "--sets",
        nargs="*",
        metavar="SET",
        help="names and files of sets (default: all named ones that can be had)",
    )
    add(
        "--data-dir", metavar="FOLDER", help="data folder (default: the variable HF_RECURRENT_DATA)"
    )
    add(
        "--methods",
        nargs="+",
        choices=("3cosadd", "3cosmul"),
        default=["3cosadd"],
        help="how analogies are answered (default: 3cosadd)",
    )
    add(
        "--case",
        choices=("fold", "fall-back", "exact", "gensim"),
        default="fold",
        help="fold: as the word is, else in any case (default); fall-back: as it is, else in lower "
        "case, Capitalised or in UPPER case; exact: as it is; gensim: the first word of the same "
        "UPPER case, as gensim does",
    )
    add(
        "--no-sections",
        dest="sections",
        action="store_false",
        help="leave out the sections of analogies",
    )
    add("--target", metavar="VECTORS", help="aligned vectors of the language to translate to")
    add("--dictionary", metavar="FILE", help="lines of a word and its translation")
    add("--json", metavar="FILE", type=Path, help="write the scores there as well")


def _evaluate(options: argparse.Namespace) -> int:
    if (options.target is None) != (options.dictionary is None):
        raise ValueError("--target and --dictionary go together, and only one of them was given.")

    from ...vectors.alignment import read_dictionary
    from ...vectors.evaluation import (
        available_sets,
        evaluate_translation,
        evaluate_vectors,
        load_word_set,
        score_lines,
        score_table,
    )

    names = available_sets(options.data_dir) if options.sets is None else options.sets
    # Before the vectors, which may take long to read.
    sets = [load_word_set(name, options.data_dir) for name in names]
    if not sets and options.target is None:
        raise ValueError("There is nothing to judge by: name sets, or --target and --dictionary.")
    dictionary = None if options.dictionary is None else read_dictionary(options.dictionary)
    vectors = read_vectors(options.vectors, options.limit, options.allow_pickle)
    scores = evaluate_vectors(vectors, sets, methods=options.methods, case=options.case)
    if dictionary is not None:
        target = read_vectors(options.target, options.limit, options.allow_pickle)
        scores += [
            evaluate_translation(vectors, target, dictionary, method=method)
            for method in ("nearest", "csls")
        ]
    lines = score_lines(scores, sections=options.sections)
    print(
        f"{options.vectors}: {counted(len(vectors), 'word')}, "
        f"{counted(vectors.vector_size, 'dimension')}\n"
    )
    print(score_table(lines))
    if options.json is not None:
        result = {
            "vectors": printable(options.vectors),
            "words": len(vectors),
            "dimension": vectors.vector_size,
            "case": options.case,
            "scores": [line.as_dict() for line in lines],
        }
        write_whole(options.json, json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    return 0
