"""``hf-recurrent convert-elmo``: the published weights of ELMo as a checkpoint."""

import argparse
from pathlib import Path

from .._wording import counted
from ._parsers import Verbs, add_verb, be_quiet

_DESCRIPTION = """\
Convert the files of the original ELMo, options.json and weights.hdf5, to the folder of a model.
AutoModel and AutoTokenizer load it, here and without this package (trust_remote_code=True).
It needs h5py: pip install 'hf-recurrent[elmo]'.
"""
_EXAMPLES = """\
examples:
  hf-recurrent convert-elmo options.json weights.hdf5 my-elmo
  hf-recurrent convert-elmo options.json weights.hdf5 my-elmo --pre-tokenizer ptb
"""


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "convert-elmo",
        _convert,
        help="convert the published weights of ELMo",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
        when_stopped=" Nothing was written.",
    )
    add = parser.add_argument
    add("options", metavar="OPTIONS", type=Path, help="the file options.json")
    add("weights", metavar="WEIGHTS", type=Path, help="the file weights.hdf5 that belongs to it")
    add("folder", metavar="FOLDER", type=Path, help="folder to write; other files in it stay")
    add(
        "--pre-tokenizer",
        choices=("whitespace", "ptb"),
        default="whitespace",
        help="how the tokenizer cuts text: text that is cut into words before has white space "
        "between all words, as the models were trained; ptb cuts plain text (default: whitespace)",
    )


def _convert(options: argparse.Namespace) -> int:
    from ..vectors.elmo import convert_elmo

    be_quiet()
    config = convert_elmo(
        options.options, options.weights, options.folder, pre_tokenizer=options.pre_tokenizer
    )
    size = (options.folder / "model.safetensors").stat().st_size
    print(
        f"{options.folder}: ELMo with {counted(config.num_hidden_layers, 'layer')} of "
        f"{config.hidden_size:,} numbers in each direction, {size / 1e6:.1f} MB"
    )
    return 0
