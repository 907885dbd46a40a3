"""Any encoder of texts: models of this package, and those of sentence-transformers."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer

from .._extras import require
from .._wording import first_line
from ..data.packages import PACKAGES, fetch
from ..models.configuration_static_embedding import StaticEmbeddingConfig
from ..models.modeling_recurrent import RecurrentModel
from ..models.modeling_static_embedding import StaticEmbeddingModel
from .ranking import unit_rows
from .sentence_transformer import to_sentence_transformer

_BATCH = 64
_DIGITS = 16


class TextEncoder:
    """An encoder of texts into vectors of length 1.

    Args:
        source: A folder, an id of the Hub, or the name of a packaged encoder ("minilm"). A folder
            of a ``RecurrentModel`` without ``modules.json`` is encoded by the mean of its states; a
            static model with fitted weights by its own ``encode``.
        trust_remote_code: Whether code in the model's folder may run.

    Attributes:
        source: Its name, as given.
        width: The width of its vectors.

    Raises:
        OSError: If there is no such encoder, or it cannot be read.
        ValueError: If it is no encoder of texts.
        ImportError: If sentence-transformers is not installed.
    """

    def __init__(self, source: str, trust_remote_code: bool = False) -> None:
        self.source = source
        place = str(fetch(source) / "model") if source in PACKAGES else source
        self._static: StaticEmbeddingModel | None = None
        self._encoder: Any = None
        try:
            self._load(place, trust_remote_code)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise OSError(
                f"No encoder could be loaded from '{source}': {first_line(error)}."
            ) from error

    @property
    def width(self) -> int:
        """The width of its vectors."""
        if self._static is not None:
            return int(self._static.config.embedding_size)
        return int(self._encoder.get_embedding_dimension())

    def encode(
        self, texts: Sequence[str], show_progress: bool = False, *, queries: bool = False
    ) -> NDArray[np.float32]:
        """Return the vectors of texts (texts, width), of length 1; zeros for a text of no words.

        Args:
            texts: The texts.
            show_progress: Whether to show a progress bar.
            queries: Whether they are queries and no documents. Some encoders of
                sentence-transformers put other words before them, or read them by another network.
        """
        if not len(texts):
            return np.zeros((0, self.width), np.float32)
        if self._static is not None:
            found = self._static.encode(texts, self._tokenizer, show_progress=show_progress)
        else:
            read = self._encoder.encode_query if queries else self._encoder.encode_document
            found = read(list(texts), batch_size=_BATCH, show_progress_bar=show_progress)
        return unit_rows(found)

    def knows(self, text: str) -> bool:
        """Check whether a text has a token that the encoder knows."""
        tokenizer = self._tokenizer
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        return any(each != tokenizer.unk_token_id for each in ids)

    def digest(self) -> str:
        """Return a digest of weights, vocabulary and settings, which tells encoders apart."""
        module = self._encoder if self._static is None else self._static
        vocabulary = sorted(self._tokenizer.get_vocab().items())
        digest = hashlib.sha256(json.dumps([vocabulary, self._settings()]).encode())
        for name, value in sorted(module.state_dict().items()):
            digest.update(f"{name} {tuple(value.shape)} {value.dtype}".encode())
            digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
        return digest.hexdigest()[:_DIGITS]

    def _settings(self) -> list[Any]:
        """Return what the vectors depend on beside weights and vocabulary."""
        if self._static is not None:
            return []
        encoder = self._encoder
        modules = [[type(one).__name__, getattr(one, "pooling_mode", None)] for one in encoder]
        return [modules, encoder.max_seq_length, sorted(encoder.prompts.items())]

    def _load(self, place: str, trust_remote_code: bool = False) -> None:
        folder = Path(place)
        kind = _model_type(folder) if folder.is_dir() else None
        if kind == StaticEmbeddingConfig.model_type or (
            kind is not None and kind in _own_types() and not (folder / "modules.json").exists()
        ):
            model = AutoModel.from_pretrained(
                place, use_safetensors=True, trust_remote_code=trust_remote_code
            ).eval()
            self._tokenizer: Any = AutoTokenizer.from_pretrained(
                place, trust_remote_code=trust_remote_code
            )
            if isinstance(model, StaticEmbeddingModel):
                self._static = model
            else:
                self._encoder = to_sentence_transformer(model, self._tokenizer)
            return
        library = require("sentence_transformers", "retrieval", "An encoder of sentences")
        self._encoder = library.SentenceTransformer(place, trust_remote_code=trust_remote_code)
        self._tokenizer = self._encoder.tokenizer
        if not hasattr(self._tokenizer, "unk_token_id"):  # a static embedding of that library
            self._tokenizer = AutoTokenizer.from_pretrained(
                place, trust_remote_code=trust_remote_code
            )


def _own_types() -> tuple[str, ...]:
    return (RecurrentModel.config_class.model_type, StaticEmbeddingConfig.model_type)


def _model_type(folder: Path) -> str | None:
    """Return the family of the model in a folder; ``None`` if it does not say."""
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(found)
