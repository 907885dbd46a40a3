"""The gradients of a saved model, on texts, labelled data or random words."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

import hf_recurrent

from .._pretrained import load_tokenizer
from .._wording import check_least, counted, listed
from ..hub.small_files import small_files
from ..models.causal import CausalLanguageModel
from ..models.loss import IGNORED
from ..models.tagging import Tagger
from ..training import gradient_flow
from ..training.gradient_numbers import GradientFlow
from .loading import load_model
from .of_model import read_config, task_of_model

ROWS, RANDOM_WORDS, MOST_TOKENS = 16, 100, 256
_PART = "validation"


def diagnose(
    source: str,
    texts: Sequence[str] = (),
    *,
    dataset: str | None = None,
    data_dir: str | None = None,
    rows: int | None = None,
    max_length: int | None = None,
    loss: str = "last",
    seed: int = 0,
) -> GradientFlow:
    """Return the gradient flow of a saved model; see ``gradient_flow``.

    Args:
        source: A folder, or an id of the Hub.
        texts: Texts without labels; for a language model they are their own labels. Without texts
            and data it reads rows of random words of the vocabulary, or of random frames.
        dataset: A data set, file, folder or Hub id of the task of the model, with labels; the first
            rows of its validation part are read.
        data_dir: The folder of the files of named data sets.
        rows: The number of rows of data or random words; 16 if not given.
        max_length: The number of random words of a row, 100 if not given; or of tokens after which
            a row is cut, 256 if not given.
        loss: "last" or "whole".
        seed: Seed of the random words.

    Raises:
        OSError: If there is no such model or data, or they cannot be read.
        ValueError: If the model has no recurrent layers, the longest row has one step, the data do
            not fit the model, or a number is below 1.
    """
    check_least(1, rows=rows, max_length=max_length)
    if texts and dataset is not None:
        raise ValueError("dataset is given beside texts, expected one of them.")
    if texts and rows is not None:
        raise ValueError("rows is for data and random words: all given texts are read.")
    if dataset is None and data_dir is not None:
        raise ValueError("data_dir is the folder of a named data set, and none was named.")
    model: Any = _load(source)
    if dataset is not None:
        batch = _labelled(model, source, dataset, data_dir, rows or ROWS, max_length or MOST_TOKENS)
    elif texts:
        batch = _encoded(model, source, texts, max_length or MOST_TOKENS)
    else:
        batch = _random(model, source, rows or ROWS, max_length or RANDOM_WORDS, seed)
    if isinstance(model, CausalLanguageModel) and "labels" not in batch:
        ids = batch["input_ids"]
        real = batch.get("attention_mask", torch.ones_like(ids)).bool()
        batch["labels"] = ids.where(real, IGNORED)
    return gradient_flow(model, batch, loss=loss)


def _load(source: str) -> PreTrainedModel:
    """Load a model whose class belongs to this package, so that no other code is run."""
    named = read_config(small_files(source, ["config.json"]) / "config.json").get("architectures")
    name = str(named[0]) if isinstance(named, list) and named else ""
    model_class = getattr(hf_recurrent, name, None) if name.isidentifier() else None
    if not (isinstance(model_class, type) and issubclass(model_class, PreTrainedModel)):
        raise ValueError(
            f"'{source}' is {f'a {name}' if name else 'a model without a class'}, expected a "
            "recurrent model of hf_recurrent."
        )
    return load_model(source, model_class, "a diagnosis", "head", f"a {name}")


def _encoded(model: Any, source: str, texts: Sequence[str], most: int) -> dict[str, Any]:
    """Return texts as a batch; those of a tagger are words with spaces between them."""
    if model.main_input_name != "input_ids":
        raise ValueError(
            f"'{source}' reads {model.main_input_name} and no texts: leave them out for random "
            "frames."
        )
    words = isinstance(model, Tagger)
    encoded = load_tokenizer(source)(
        [text.split() or [""] for text in texts] if words else list(texts),
        is_split_into_words=words,
        truncation=True,
        max_length=most,
        padding=True,
        return_tensors="pt",
    )
    return {**encoded}


def _labelled(
    model: Any, source: str, dataset: str, data_dir: str | None, rows: int, most: int
) -> dict[str, Any]:
    """Return labelled rows as a batch, with the label ids of the model."""
    task = task_of_model(source)
    part = task.load(dataset, data_dir)[_PART]
    part = part.select(range(min(rows, len(part))))
    batch, names = task.labelled_batch(part, source, most)
    labels: Tensor = batch["labels"]
    if labels.is_floating_point():
        return batch
    known = {str(name): int(number) for number, name in (model.config.id2label or {}).items()}
    missing = sorted({names[label] for label in labels.unique().tolist() if label >= 0} - {*known})
    if missing:
        raise ValueError(
            f"'{dataset}' has {counted(len(missing), 'label')} that '{source}' does not know, "
            f"{listed([repr(name) for name in missing[:3]])}: expected {', '.join(known)}."
        )
    ids = torch.tensor([known.get(name, -1) for name in names])
    return {**batch, "labels": ids[labels.clamp(min=0)].where(labels >= 0, labels)}


def _random(model: Any, source: str, rows: int, steps: int, seed: int) -> dict[str, Any]:
    """Return rows of random words, or of random frames."""
    generator = torch.Generator().manual_seed(seed)
    layer = model.get_input_embeddings()
    if model.main_input_name != "input_ids":
        channels = layer.example().shape[-1]
        return {model.main_input_name: torch.randn(rows, steps, channels, generator=generator)}
    if getattr(layer, "extra_inputs", ()):  # which only the tokenizer can make
        tokenizer = load_tokenizer(source)
        special = {*tokenizer.all_special_tokens}
        words = sorted(word for word in tokenizer.get_vocab() if word not in special)
        drawn = torch.randint(len(words), (rows, steps), generator=generator).tolist()
        return _encoded(model, source, [" ".join(words[i] for i in row) for row in drawn], steps)
    config = model.config
    ends = config.eos_token_id if isinstance(config.eos_token_id, list) else [config.eos_token_id]
    special = {config.pad_token_id, config.bos_token_id, *ends}
    ids = torch.tensor([i for i in range(config.vocab_size) if i not in special] or [0])
    return {"input_ids": ids[torch.randint(len(ids), (rows, steps), generator=generator)]}
