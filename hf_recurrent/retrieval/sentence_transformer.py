"""Models of this package as encoders of sentence-transformers.

That library refuses module classes of other packages, so its own modules wrap a model as it is:
``Transformer`` and ``Pooling`` for a recurrent network, ``StaticEmbedding`` for word vectors.
"""

import copy
import os
import tempfile
from pathlib import Path
from typing import Any

from .._extras import require
from .._whole import whole_folder
from .._wording import check_least
from ..models.checks import check_rows
from ..models.embeddings import InputLayer
from ..models.modeling_recurrent import RecurrentModel
from ..models.modeling_static_embedding import StaticEmbeddingModel
from ..models.publishable import is_marked

# Our names of poolings, and the names of sentence-transformers.
_POOLINGS = {"mean": "mean", "last": "lasttoken"}


def to_sentence_transformer(
    model: RecurrentModel | StaticEmbeddingModel,
    tokenizer: Any,
    pooling: str = "mean",
    max_length: int | None = None,
) -> Any:
    """Return a ``SentenceTransformer`` that shares its weights with a model.

    Training it by ``SentenceTransformerTrainer`` trains the model. The vector of an empty text is
    zeros.

    Args:
        model: The model, which reads token ids.
        tokenizer: Its tokenizer.
        pooling: ``"mean"`` of the states of a text, or ``"last"``, the state after its last token,
            for a network of one direction.
        max_length: Tokens after which a text is cut; ``None`` for what the tokenizer says.

    Raises:
        ImportError: If sentence-transformers is not installed.
        ValueError: If the pooling is not possible, the model is no encoder of texts, or the
            tokenizer has more ids than the model.

    Example:
        >>> encoder = to_sentence_transformer(model, tokenizer)
        >>> encoder.encode(["a good film", "a dull one"]).shape
        (2, 256)
    """
    library = require("sentence_transformers", "retrieval", "An encoder of sentences")
    _check_pooling(model, pooling)
    check_rows(tokenizer, model.config)
    if max_length is not None:
        check_least(1, max_length=max_length)
    if _is_table(model):
        modules: list[Any] = [_static_module(model, tokenizer, max_length)]
    else:
        modules = _state_modules(model, tokenizer, pooling, max_length)
    encoder = library.SentenceTransformer(modules=modules, device=str(model.device))
    if is_marked(model) or is_marked(tokenizer):  # its own method knows no mark
        encoder.push_to_hub = _refuse_to_push
    return encoder


def save_sentence_transformer(
    model: RecurrentModel | StaticEmbeddingModel,
    tokenizer: Any,
    folder: str | os.PathLike[str],
    pooling: str = "mean",
    max_length: int | None = None,
) -> None:
    """Save a model so that both ``SentenceTransformer`` and the Auto class open the folder.

    Args:
        model: As in ``to_sentence_transformer``, also for the next two.
        tokenizer: Its tokenizer.
        folder: The folder; it is written whole or not at all.
        pooling: ``"mean"`` or ``"last"``.
        max_length: Tokens after which a text is cut.

    Raises:
        ImportError: If sentence-transformers is not installed.
        ValueError: As ``to_sentence_transformer``.
        OSError: If the folder cannot be written.
    """
    encoder = to_sentence_transformer(model, tokenizer, pooling, max_length)
    place = Path(folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    with whole_folder(place) as staged:
        if _is_table(model):  # it writes its modules.json itself
            model.save_pretrained(staged)
            tokenizer.save_pretrained(staged)
        else:
            encoder.save(str(staged), create_model_card=False)


def _refuse_to_push(*args: Any, **kwargs: Any) -> None:
    raise ValueError(
        "this encoder was made of data that may not be passed on, and so neither may it: it is not "
        "pushed"
    )


def _is_table(model: Any) -> bool:
    """Check whether a model is a plain table of vectors."""
    return isinstance(model, StaticEmbeddingModel) and not isinstance(model.embedding, InputLayer)


def _check_pooling(model: Any, pooling: str) -> None:
    if not isinstance(model, RecurrentModel | StaticEmbeddingModel):
        raise ValueError(
            f"model is a {type(model).__name__}, expected a RecurrentModel or a "
            f"StaticEmbeddingModel; a head has it as its attribute 'model'."
        )
    if pooling not in _POOLINGS:
        raise ValueError(
            f"pooling is {pooling!r}, which sentence-transformers does not compute as this package "
            f"does: take 'mean', or 'last' for a network of one direction."
        )
    if pooling == "last" and (
        isinstance(model, StaticEmbeddingModel) or model.config.bidirectional
    ):
        kind = "word vectors" if isinstance(model, StaticEmbeddingModel) else "two directions"
        raise ValueError(
            f"pooling is 'last', which for {kind} does not read the whole text in "
            f"sentence-transformers: take 'mean'."
        )
    weighting = getattr(model.config, "weighting", None)
    if weighting is not None:
        raise ValueError(
            f"The model weighs its words by {weighting}, which sentence-transformers does not: use "
            f"its own encode."
        )


def _state_modules(
    model: RecurrentModel | StaticEmbeddingModel,
    tokenizer: Any,
    pooling: str,
    max_length: int | None,
) -> list[Any]:
    if model.main_input_name != "input_ids":
        raise ValueError(
            f"The model reads {model.main_input_name} and no token ids, so it is no encoder of "
            f"texts."
        )
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        states = Transformer(folder)
    states.model = model
    if max_length is not None:
        states.max_seq_length = max_length
    # Its own look-up reads hidden_size, which is the width of one direction.
    config: Any = model.config
    width = config.output_size if isinstance(model, RecurrentModel) else config.embedding_size
    return [states, Pooling(width, pooling_mode=_POOLINGS[pooling])]


def _static_module(model: Any, tokenizer: Any, max_length: int | None) -> Any:
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    backend = copy.deepcopy(tokenizer.backend_tokenizer)
    if max_length is not None:
        backend.enable_truncation(max_length)
    module = StaticEmbedding(backend, model.embedding.weight.detach())
    module.embedding.weight = model.embedding.weight
    return module
