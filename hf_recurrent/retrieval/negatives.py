"""Hard negatives for pairs of texts, mined again between epochs."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import datasets
import numpy as np
from numpy.typing import NDArray
from transformers import TrainerCallback

from .._wording import check_choice, check_least, counted
from ..models.texts import check_texts, list_of_texts
from .bm25 import Bm25
from .ranking import top
from .training import ANCHOR, NEGATIVE, POSITIVE

Method = Literal["model", "bm25", "random"]
METHODS = ("model", "bm25", "random")
_BATCH = 64
_NO_LIMIT = float(np.finfo(np.float32).max)
# A pair, the scores of all documents for its anchor, and the score of its positive.
_Scored = tuple[tuple[str, str], NDArray[Any], float]


class HardNegatives(TrainerCallback):
    """A negative for each pair, chosen anew before each epoch.

    Give ``dataset`` to the trainer, and the object itself as a callback. A negative is a document
    that a search ranks high for the anchor and that is neither one of the anchor's positives nor
    the anchor itself. A document
    that scores nearly as much as the positive is probably right too, so those above
    ``(1 - relative_margin)`` times the positive's score are left out, however many they are, and
    one of the first ``depth`` of the rest is drawn. A pair without such a document gets one at
    random. All documents are compared with each anchor.

    Args:
        anchors: The anchors of the pairs, such as queries. An anchor that is there several times
            has several positives.
        positives: As many passages.
        corpus: The documents to choose from.
        encoder: The ``SentenceTransformer`` in training; for the method "model".
        method: "model": the first by the encoder. "bm25": by stemmed BM25. "random": any.
        relative_margin: The margin to the positive, from 0 to 1.
        depth: Number of first documents below the margin, among which a negative is drawn.
        every: Number of epochs after which negatives are chosen again.
        right: Further documents that are right, by anchor, such as the whole document of which a
            positive is a part: none of them is chosen.
        judged: Documents that are known to be right, by anchor. They are not used to choose, but
            ``history`` counts how many of the negatives they are.
        seed: Seed of the draws.

    Attributes:
        dataset: The pairs with the negatives of the epoch: columns anchor, positive, negative.
        history: For each choice the epoch, the number of pairs, those that got a random one, and
            the false ones, which ``judged`` calls right.

    Raises:
        ValueError: If an argument is out of range or holds no texts, or the corpus has too few
            documents.
        ImportError: If a library of the method is not installed.
    """

    def __init__(
        self,
        anchors: Sequence[str],
        positives: Sequence[str],
        corpus: Sequence[str],
        encoder: Any = None,
        *,
        method: Method = "model",
        relative_margin: float = 0.05,
        depth: int = 20,
        every: int = 1,
        right: Mapping[str, Collection[str]] | None = None,
        judged: Mapping[str, Collection[str]] | None = None,
        seed: int = 0,
    ) -> None:
        check_choice("method", method, METHODS)
        check_least(1, depth=depth, every=every)
        if not 0 <= relative_margin < 1:
            raise ValueError(f"relative_margin is {relative_margin}, expected 0 up to 1.")
        if method == "model" and encoder is None:
            raise ValueError("method is 'model', which needs the encoder.")
        anchors = list_of_texts(anchors, "anchors")
        positives = list_of_texts(positives, "positives")
        if len(anchors) != len(positives) or not anchors:
            raise ValueError(
                f"There are {counted(len(anchors), 'anchor')} and "
                f"{counted(len(positives), 'positive')}, expected as many, at least one."
            )
        self.encoder, self.method, self.every = encoder, method, every
        self.relative_margin, self.depth = relative_margin, depth
        self.judged = judged or {}
        self.history: list[dict[str, float]] = []
        documents = check_texts(corpus, "corpus")
        self._corpus = list(dict.fromkeys(text for text in documents if text.strip()))
        self._place = {text: place for place, text in enumerate(self._corpus)}
        self._pairs = datasets.Dataset.from_dict({ANCHOR: anchors, POSITIVE: positives})
        self._right: dict[str, set[int]] = {}
        for anchor, positive in zip(anchors, positives, strict=True):
            own = {anchor, positive, *(right or {}).get(anchor, ())}
            known = {self._place[text] for text in own if text in self._place}
            self._right.setdefault(anchor, set()).update(known)
        most = max(map(len, self._right.values()))
        if len(self._corpus) <= most:
            raise ValueError(
                f"The corpus has {len(self._corpus)} different documents, and {most} of them are "
                f"right for one anchor, or the anchor itself: there are no negatives."
            )
        self._generator = np.random.default_rng(seed)
        self._bm25 = Bm25(self._corpus) if method == "bm25" else None
        self._negatives: dict[tuple[str, str], str] = {}
        whole = self._pairs.add_column(NEGATIVE, [""] * len(self._pairs))
        self.dataset = whole.with_transform(_WithNegatives(self._negatives))
        self._draw_random()

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Check that the workers of the loader see each choice.

        Raises:
            ValueError: If they keep the negatives of the first epoch.
        """
        if args.dataloader_num_workers and args.dataloader_persistent_workers:
            raise ValueError(
                "dataloader_persistent_workers is True, and such workers keep the negatives of the "
                "first epoch: unset it."
            )

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Choose the negatives of the epoch."""
        epoch = round(state.epoch or 0)
        if epoch % self.every == 0 or not self.history:
            self.refresh(epoch)

    def refresh(self, epoch: int = 0) -> None:
        """Choose all negatives anew."""
        self._draw_random()
        found: dict[tuple[str, str], str] = {}
        if self.method == "model":
            found = self._choose(self._by_model())
        elif self._bm25 is not None:
            found = self._choose(self._by_bm25(self._bm25))
        self._negatives.update(found)
        false = sum(
            negative in self.judged.get(anchor, ())
            for (anchor, _), negative in self._negatives.items()
        )
        told = {"epoch": epoch, "pairs": len(self._negatives)}
        without = 0 if self.method == "random" else len(self._negatives) - len(found)
        self.history.append({**told, "random": without, "false": false})

    def _draw_random(self) -> None:
        for anchor, positive in zip(self._pairs[ANCHOR], self._pairs[POSITIVE], strict=True):
            place = int(self._generator.integers(len(self._corpus)))
            while place in self._right[anchor]:
                place = int(self._generator.integers(len(self._corpus)))
            self._negatives[anchor, positive] = self._corpus[place]

    def _choose(self, scored: Iterable[_Scored]) -> dict[tuple[str, str], str]:
        """Draw a negative for each pair that has one below the margin."""
        found: dict[tuple[str, str], str] = {}
        for pair, scores, positive in scored:
            # Scores may be negative, and the limit must be below the positive's all the same.
            limit = positive - self.relative_margin * abs(positive)
            # The margin comes before the depth: an encoder that is hardly trained ranks hundreds
            # of documents above it, and none of the first few would be left.
            possible = np.where(scores <= limit, scores, -np.inf)
            possible[list(self._right[pair[0]])] = -np.inf
            first = top(possible, self.depth)
            if len(first):
                found[pair] = self._corpus[self._generator.choice(first)]
        return found

    def _by_bm25(self, bm25: Bm25) -> Iterator[_Scored]:
        scores: dict[str, Any] = {}
        for anchor, positive in self._negatives:
            if anchor not in scores:
                scores = {anchor: bm25.scores(anchor)}  # pairs of one anchor are neighbours
            own = scores[anchor]
            place = self._place.get(positive)
            # A positive that is no document itself sets no limit.
            score = _NO_LIMIT if place is None else float(own[place])
            yield (anchor, positive), np.where(own > 0, own, -np.inf), score

    def _by_model(self) -> Iterator[_Scored]:
        pairs = list(self._negatives)
        form = {"batch_size": _BATCH, "show_progress_bar": False, "convert_to_tensor": True}
        documents = self.encoder.encode_document(self._corpus, **form)
        for start in range(0, len(pairs), _BATCH):
            part = pairs[start : start + _BATCH]
            anchors = self.encoder.encode_query([anchor for anchor, _ in part], **form)
            positives = self.encoder.encode_document([positive for _, positive in part], **form)
            scores = self.encoder.similarity(anchors, documents).float().cpu().numpy()
            own = self.encoder.similarity_pairwise(anchors, positives).tolist()
            yield from zip(part, scores, own, strict=True)


class _WithNegatives:
    """Puts the negatives of a table into rows of pairs; the table changes between epochs."""

    def __init__(self, table: dict[tuple[str, str], str]) -> None:
        self.table = table

    def __call__(self, batch: dict[str, list[str]]) -> dict[str, list[str]]:
        keys = zip(batch[ANCHOR], batch[POSITIVE], strict=True)
        return {**batch, NEGATIVE: [self.table[key] for key in keys]}
