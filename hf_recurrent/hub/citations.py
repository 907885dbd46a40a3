"""BibTeX entries of this package, and of known word vectors, kinds of training and data sets."""

import re
from collections.abc import Iterable
from importlib import resources

from .. import __version__

# As in CITATION.cff, which does not travel with the package.
TITLE = "hf-recurrent: recurrent networks and word vectors for the Hugging Face ecosystem"
AUTHOR = "The hf-recurrent authors"

# Above each entry a comment names what cites it.
_FILE = resources.files(__package__).joinpath("citations.bib")
_ENTRY = re.compile(r"^% ([^\n]*)\n(@.*?\n}$)", re.MULTILINE | re.DOTALL)


def citations(used: Iterable[str]) -> tuple[str, ...]:
    """Return BibTeX entries: this package first, then each known thing that was used.

    Args:
        used: Names of data sets, word vectors and kinds of training; unknown ones are ignored.
    """
    # Braces around an author who is no person: BibTeX would take the last word as a surname.
    ours = f"""\
@software{{hf_recurrent,
  title = {{{{{TITLE}}}}},
  author = {{{{{AUTHOR}}}}},
  version = {{{__version__}}},
}}"""
    entries = {
        name: entry
        for names, entry in _ENTRY.findall(_FILE.read_text("utf-8"))
        for name in names.split(", ")
    }
    return (ours, *dict.fromkeys(entries[name] for name in used if name in entries))
