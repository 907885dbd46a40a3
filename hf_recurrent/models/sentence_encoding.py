"""Sentence vectors: means of word vectors, plain or with a weight for each word."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
import torch
from huggingface_hub.utils import tqdm
from torch import Tensor, nn

from .checks import check_choice
from .configuration_static_embedding import WEIGHTINGS
from .embeddings import InputLayer
from .texts import check_texts
from .token_ids import TokenIds

_BATCH = 1024


class SentenceEncoder:
    """Sentence vectors of a static embedding model; a base class of ``StaticEmbeddingModel``.

    The vector of a sentence of n tokens is (1/n) sum_t w_t v_t. There are three kinds of weights w:

    - ``"mean"``: 1;
    - ``"sif"``: a/(a + p_t) with the share p_t of the token in a corpus (smooth inverse frequency,
      Arora et al. 2017). Then the projection on the first principal component of the corpus, which
      nearly all sentences share, is removed;
    - ``"idf"``: ln((1 + texts)/(1 + texts with the token)) + 1 (Sparck Jones 1972, smoothed).
    """

    config: Any
    embedding: nn.Module
    token_weights: Tensor | None
    common_components: Tensor | None
    _tokenizer: Any = None

    def encode(
        self,
        texts: Iterable[str],
        tokenizer: Any = None,
        weighting: str | None = None,
        *,
        batch_size: int = _BATCH,
        normalize: bool = False,
        show_progress: bool | None = None,
    ) -> np.ndarray:
        """Return a vector for each text, (texts, embedding_size) float32; zeros for an empty text.

        The plain mean equals the ``pooler_output`` of ``forward``, and the vector that
        ``SentenceTransformer`` returns for the saved model.

        Args:
            texts: The sentences.
            tokenizer: The tokenizer that belongs to the model; by default the one in the folder or
                repository that the model was loaded from. No special tokens are added.
            weighting: ``"mean"``, or the kind that ``fit_weights`` has fitted. The default is the
                fitted kind, or the mean if nothing was fitted.
            batch_size: Number of texts at a time.
            normalize: Whether to scale vectors to length 1; vectors of length 0 do not change.
            show_progress: Whether to show a progress bar; ``None`` for terminals only.

        Raises:
            ValueError: If the model has no weights of that kind, a text is not a string, there is
                no tokenizer, or it has ids that the model does not have.
        """
        tokenizer = tokenizer or self._own_tokenizer()
        weighting = weighting or self.config.weighting or "mean"
        check_choice("weighting", weighting, ("mean", *WEIGHTINGS))
        if weighting not in ("mean", self.config.weighting):
            raise ValueError(
                f"weighting is {weighting!r}, but the model has no such weights: call "
                f"fit_weights(texts, kind={weighting!r}) first"
            )
        weights = None if weighting == "mean" else self.token_weights
        components = None if weighting == "mean" else self.common_components
        batches = _batches(texts, batch_size, show_progress, "encoding")
        parts = [np.empty((0, self.config.embedding_size), dtype=np.float32)]
        for vectors in self._vectors(batches, tokenizer, weights):
            if components is not None:
                axes = components.float()
                vectors = vectors - vectors @ axes.T @ axes
            if normalize:
                vectors = nn.functional.normalize(vectors, dim=1)
            parts.append(vectors.cpu().numpy())
        return np.concatenate(parts)

    def fit_weights(
        self,
        texts: Iterable[str],
        tokenizer: Any = None,
        kind: str = "sif",
        *,
        a: float = 1e-3,
        components: int = 1,
        batch_size: int = _BATCH,
        show_progress: bool | None = None,
    ) -> None:
        """Fit the weights of the tokens on a corpus; they are saved with the model.

        A token that is not in the corpus gets the largest possible weight.

        Args:
            texts: The corpus, read twice for ``"sif"`` with components.
            tokenizer: The tokenizer that belongs to the model, as in ``encode``.
            kind: ``"sif"`` or ``"idf"``, see the class.
            a: The constant of SIF; the paper uses 1e-3 to 1e-4.
            components: Number of principal components to remove, for SIF; the paper uses 1.
            batch_size: Number of texts at a time.
            show_progress: Whether to show a progress bar; ``None`` for terminals only.

        Raises:
            ValueError: If an argument is out of range, there is no tokenizer, the corpus has no
                tokens, or it can be read only once.
        """
        tokenizer = tokenizer or self._own_tokenizer()
        check_choice("kind", kind, WEIGHTINGS)
        if not 0 < a < float("inf"):
            raise ValueError(f"a is {a}, expected a finite number above 0")
        if not 0 <= components <= self.config.embedding_size:
            raise ValueError(
                f"components is {components}, expected 0 to embedding_size "
                f"{self.config.embedding_size}"
            )
        if kind == "idf":
            components = 0
        check_texts(texts)
        if components and iter(texts) is texts:
            raise ValueError("texts can be read only once, and is needed twice: give a list")
        batches = _batches(texts, batch_size, show_progress, "counting")
        rows: Any = self.embedding.num_embeddings
        total, counts = _count(batches, tokenizer, rows, once_a_text=kind == "idf")
        if kind == "sif":
            weights = torch.from_numpy(a / (a + counts / total)).float()
        else:
            weights = torch.from_numpy(np.log((1 + total) / (1 + counts)) + 1).float()
        tensors = chain(self.embedding.parameters(), self.embedding.buffers(), [weights])
        device, axes = next(tensors).device, None
        weights = weights.to(device)
        if components:
            gram = torch.zeros(2 * (self.config.embedding_size,), dtype=torch.float64)
            batches = _batches(texts, batch_size, show_progress, "components")
            for vectors in self._vectors(batches, tokenizer, weights):
                vectors = vectors.double().cpu()
                gram += vectors.T @ vectors
            axes = torch.linalg.eigh(gram).eigenvectors[:, -components:].T.flip(0).float()
        self.token_weights = weights
        self.common_components = None if axes is None else axes.to(device)
        self.config.weighting, self.config.num_components = kind, components

    def _own_tokenizer(self) -> Any:
        """Return the tokenizer beside the model's checkpoint; it is loaded once."""
        if self._tokenizer is not None:
            return self._tokenizer
        place = self.config.name_or_path
        if not place:
            raise ValueError(
                "the model was not loaded from a checkpoint, so it knows no tokenizer: pass "
                "tokenizer="
            )
        from transformers import AutoTokenizer  # a model without sentences does not need it

        try:
            self._tokenizer = AutoTokenizer.from_pretrained(
                place,
                revision=getattr(self.config, "_commit_hash", None),
                trust_remote_code=False,
            )
        except (OSError, ValueError) as error:
            raise ValueError(
                f"no tokenizer could be loaded from {place!r}, where the model is from: pass "
                "tokenizer="
            ) from error
        return self._tokenizer

    def _vectors(
        self, batches: Iterator[list[str]], tokenizer: Any, weights: Tensor | None
    ) -> Iterator[Tensor]:
        """Yield the vectors (texts, embedding_size) of each batch, fp32, on the model's device."""
        if isinstance(self.embedding, InputLayer):
            for texts in batches:
                yield self._through_forward(texts, tokenizer, weights)
            return
        read = TokenIds(tokenizer)
        for texts in batches:
            yield _weighted_means(self.embedding, *read(texts), weights)

    @torch.no_grad()
    def _through_forward(self, texts: list[str], tokenizer: Any, weights: Tensor | None) -> Tensor:
        """Encode with an input layer of any kind, through the batch that its tokenizer makes."""
        model: Any = self
        batch = tokenizer(texts, padding=True, add_special_tokens=False, return_tensors="pt")
        batch = batch.to(next(chain(model.parameters(), model.buffers(), [torch.empty(0)])).device)
        training = model.training
        try:
            output = model.eval()(**batch)
        finally:
            model.train(training)
        if weights is None:
            return output.pooler_output.float()
        mask = batch["attention_mask"].bool()
        factors = weights.float()[batch["input_ids"].where(mask, 0)].where(mask, 0)
        total = torch.einsum("bts,bt->bs", output.last_hidden_state.float(), factors)
        return total / mask.sum(1, keepdim=True).clamp(min=1)


@torch.no_grad()
def _weighted_means(
    embedding: nn.Module, ids: np.ndarray, lengths: np.ndarray, weights: Tensor | None
) -> Tensor:
    """Return the weighted means (texts, size) of the rows of a plain look-up, fp32.

    Args:
        embedding: The look-up.
        ids: (tokens,) of all texts, text after text.
        lengths: (texts,) number of tokens of each text.
        weights: (rows,) factor of each token id.
    """
    table: Any = embedding.weight
    _check_ids(ids, len(table))
    index = torch.from_numpy(ids).to(table.device)
    counts = torch.from_numpy(np.maximum(lengths, 1)).to(table.device)
    factors = None if weights is None else weights[index]
    if table.dtype == torch.float32:
        begins = torch.from_numpy(lengths.cumsum() - lengths).to(table.device)
        factors = None if factors is None else factors.float()
        sums = nn.functional.embedding_bag(
            index, table, begins, mode="sum", per_sample_weights=factors
        )
    else:  # its sums would have the precision of the table
        vectors = table[index].float()
        if factors is not None:
            vectors *= factors.float().unsqueeze(1)
        owner = torch.from_numpy(np.arange(len(lengths)).repeat(lengths)).to(table.device)
        sums = vectors.new_zeros(len(lengths), table.shape[1]).index_add_(0, owner, vectors)
    return sums / counts.unsqueeze(1)


def _check_ids(ids: np.ndarray, rows: int) -> None:
    if len(ids) and ids.max() >= rows:
        raise ValueError(
            f"the tokenizer gives the id {ids.max()}, but the model's embedding has ids 0 to "
            f"{rows - 1}: take the tokenizer that belongs to the model"
        )


def _count(
    batches: Iterator[list[str]], tokenizer: Any, rows: int, once_a_text: bool
) -> tuple[int, np.ndarray]:
    """Count all tokens, and each token id (rows,); or all texts, and the texts with each id."""
    read, total, counts = TokenIds(tokenizer), 0, np.zeros(rows, dtype=np.int64)
    for texts in batches:
        ids, lengths = read(texts)
        _check_ids(ids, rows)
        total += len(texts) if once_a_text else len(ids)
        if once_a_text:
            owner = np.arange(len(lengths)).repeat(lengths)
            ids = np.unique(owner * rows + ids) % rows
        counts += np.bincount(ids, minlength=rows)
    if not counts.any():
        raise ValueError("texts holds no tokens, so there is nothing to fit weights on")
    return total, counts


def _batches(
    texts: Iterable[str], size: int, show_progress: bool | None, what: str
) -> Iterator[list[str]]:
    if size < 1:
        raise ValueError(f"batch_size is {size}, expected at least 1")
    total = len(texts) if isinstance(texts, Sequence) else None
    remaining = check_texts(texts)
    batch = list(islice(remaining, size))
    if len(batch) < size:  # a bar would take longer than the batch itself
        yield from [batch] if batch else []
        return
    hide = None if show_progress is None else not show_progress
    with tqdm(total=total, desc=what, unit=" texts", disable=hide, leave=False) as bar:
        while batch:
            yield batch
            bar.update(len(batch))
            batch = list(islice(remaining, size))
