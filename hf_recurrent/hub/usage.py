"""The lines of Python on a card that load a model; tests run them for every kind of model."""

import json

from .._terminal import printable
from .metadata import LIBRARY
from .record import Record
from .shown_task import shown_task

_TEXT = "a text"
_REGISTERED = "import hf_recurrent  # registers the models with the Auto classes\n"


def usage(
    model_class: str | None,
    record: Record,
    model_id: str,
    *,
    library: str = LIBRARY,
    has_tokenizer: bool = True,
) -> str:
    """Return the lines that load a model, those of its task if it has one.

    Args:
        model_class: Name of the class; ``None`` if it is not known.
        record: Record of the model, for its task and its example.
        model_id: A repository or a folder.
        library: The library of the class.
        has_tokenizer: Whether the model has a tokenizer; if not, the lines use the model's own
            ``dummy_inputs``.
    """
    source = quoted(model_id)
    example = quoted(record.example) if record.example else None
    registered = _REGISTERED if library == LIBRARY else ""
    task = shown_task(record.task, model_class)
    if task is not None:
        return f"{registered}{task.usage(source, example, has_tokenizer)}"
    if not has_tokenizer:
        return f"""\
{registered}from transformers import AutoModel

model = AutoModel.from_pretrained({source})
model(**model.dummy_inputs).last_hidden_state  # what it reads, by name"""
    loaded = f"AutoModel.from_pretrained({source}), AutoTokenizer.from_pretrained({source})"
    if model_class == "StaticEmbeddingModel":
        return f"""\
from hf_recurrent.vectors import vectors_from_model
from transformers import AutoModel, AutoTokenizer

vectors = vectors_from_model({loaded})
vectors.most_similar({example or "vectors.index_to_key[0]"})"""
    return f"""\
{registered}from transformers import AutoModel, AutoTokenizer

model, tokenizer = {loaded}
model(**tokenizer([{example or quoted(_TEXT)}], return_tensors="pt")).last_hidden_state"""


def quoted(text: str) -> str:
    """Return a text as a Python literal without control characters."""
    return printable(json.dumps(text, ensure_ascii=False))
