"""The input of a model from a saved ELMo, alone or beside word vectors."""

from pathlib import Path
from typing import Any

from torch import Tensor

from ...models.elmo_embedding import ElmoEmbedding
from ...models.modeling_elmo import ElmoModel, ElmoPreTrainedModel
from ...models.tokenization_elmo import ElmoTokenizer
from ..inputs import WordInputs


def elmo_inputs(
    elmo: str | Path | ElmoPreTrainedModel,
    beside: WordInputs | None = None,
    *,
    frozen: bool = True,
    tokenizer: ElmoTokenizer | None = None,
) -> WordInputs:
    """Make the tokenizer and the input layer of a model that reads ELMo's vectors.

    Args:
        elmo: The folder or Hub id of a saved ELMo, or the model itself, with its output layer or
            without.
        beside: The word vectors to join with ELMo's, from ``word_inputs``, or another ELMo, from
            this function; None for ELMo alone. Text is then cut into words as they cut it.
        frozen: Whether training leaves the language model as it is and learns only the mix of its
            layers.
        tokenizer: The tokenizer of ``elmo``, if that is a model. Not needed beside word vectors.

    Raises:
        ValueError: If there is no tokenizer.
        OSError: If the folder cannot be read.

    Example:
        >>> from hf_recurrent import ElmoConfig, ElmoModel, RecurrentForTokenClassification
        >>> from hf_recurrent.vectors import elmo_inputs, elmo_tokenizer
        >>> fields = {"filters": [[1, 4], [2, 8]], "hidden_size": 8, "cell_size": 32}
        >>> elmo = ElmoModel(ElmoConfig(**fields))
        >>> inputs = elmo_inputs(elmo, tokenizer=elmo_tokenizer())
        >>> tagger = inputs.make_model(RecurrentForTokenClassification, hidden_size=16)
        >>> tagger(**inputs.tokenizer("a bank", return_tensors="pt")).logits.shape
        torch.Size([1, 2, 2])
    """
    if isinstance(elmo, ElmoPreTrainedModel):
        model: Any = elmo.base_model
    else:
        model = ElmoModel.from_pretrained(elmo)
        if beside is None and tokenizer is None:
            tokenizer = ElmoTokenizer.from_pretrained(elmo)
    longest = model.config.max_characters_per_token
    fields = {name: getattr(model.config, name) for name in ElmoEmbedding.fields}
    part = {"kind": "elmo", **fields, "freeze_language_model": frozen}
    weights = {name: value.detach() for name, value in model.state_dict().items()}
    if beside is None:
        if tokenizer is None:
            raise ValueError(
                "elmo is a model, which has no tokenizer beside it: give `tokenizer`, such as "
                "elmo_tokenizer()."
            )
        config: dict[str, Any] = {"vocab_size": len(tokenizer), "embedding_config": part}
        config |= {"pad_token_id": tokenizer.pad_token_id}
        return WordInputs(tokenizer, config, weights, None).marked_as(model, tokenizer)
    parts, others, fresh = _parts(beside)
    tokenizer = ElmoTokenizer.from_tokenizer(beside.tokenizer, max_characters_per_token=longest)
    others |= {f"parts.{len(parts)}.{name}": value for name, value in weights.items()}
    config = {
        **{name: beside.config[name] for name in ("vocab_size", "pad_token_id")},
        "embedding_config": {"kind": "joined", "parts": [*parts, part]},
    }
    made = WordInputs(tokenizer, config, others, beside.coverage, fresh)
    return made.marked_as(model, beside.config)


def _parts(
    inputs: WordInputs,
) -> tuple[list[dict[str, Any]], dict[str, Tensor], tuple[str, ...]]:
    """Return an input layer as parts of a joined one: fields, weights, and which start fresh."""
    config = inputs.config
    whole, frozen = config["embedding_config"], config.get("freeze_embeddings", False)
    if whole is not None and whole["kind"] == "joined":
        parts = [{**part, "frozen": frozen or part.get("frozen", False)} for part in whole["parts"]]
        return parts, dict(inputs.weights), inputs.fresh
    part = {"kind": "plain"} if whole is None else dict(whole)
    part["frozen"] = frozen
    if "embedding_size" in config:
        part["embedding_size"] = config["embedding_size"]
    weights = {f"parts.0.{name}": value for name, value in inputs.weights.items()}
    return [part], weights, tuple(f"parts.0.{name}" for name in inputs.fresh)
