"""Masked language modelling: which pieces of a row are hidden, and by what."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

IGNORED = -100


@dataclass(frozen=True)
class Masking:
    """The masking of BERT (Devlin et al. 2018), as a function of a row and a random generator.

    Of the pieces that are chosen, 80 % become the mask, 10 % any other piece and 10 % stay, and
    all of them are predicted. At least one piece of a row is chosen, so its loss is never a mean
    of nothing.

    Args:
        mask_token_id: The id of the mask.
        pieces: The ids that may replace a piece: all but the special ones.
        continues: For each id, whether its piece goes on with the word before it, for masks of
            whole words; None for masks of single pieces.
        share: The share of pieces that is chosen.

    Raises:
        ValueError: If the share is not between 0 and 1, or no piece may replace another.
    """

    mask_token_id: int
    pieces: np.ndarray
    continues: np.ndarray | None = None
    share: float = 0.15

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"share is {self.share}, expected more than 0 and less than 1")
        if not len(self.pieces):
            raise ValueError("there are no pieces, expected the ids that are no special tokens")

    def __call__(
        self,
        ids: Sequence[int] | np.ndarray,
        special: Sequence[bool] | np.ndarray,
        draw: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids with masks, and the labels: the ids where they are predicted.

        Args:
            ids: The pieces of a row.
            special: Which of them are never chosen.
            draw: The random generator; the masks follow from its state.

        Returns:
            Two arrays of the length of the row; labels are -100 where nothing is predicted.
        """
        masked = np.array(ids, dtype=np.int64)
        labels = np.full(len(masked), IGNORED)
        words = self._words(masked, np.asarray(special, dtype=bool))
        if not words:
            return masked, labels
        wanted = max(1, round(self.share * sum(map(len, words))))
        chosen: list[int] = []
        for number in draw.permutation(len(words)):
            # A word that would be too much is left out, unless it is the only choice so far.
            if not chosen or len(chosen) + len(words[number]) <= wanted:
                chosen += words[number]
            if len(chosen) >= wanted:
                break
        labels[chosen] = masked[chosen]
        kinds = draw.random(len(chosen))
        others = draw.choice(self.pieces, len(chosen))
        masked[chosen] = np.where(
            kinds < 0.8, self.mask_token_id, np.where(kinds < 0.9, others, masked[chosen])
        )
        return masked, labels

    def _words(self, ids: np.ndarray, special: np.ndarray) -> list[list[int]]:
        """Return the places of each word, or of each piece."""
        places = np.flatnonzero(~special).tolist()
        if self.continues is None:
            return [[place] for place in places]
        words: list[list[int]] = []
        for place in places:
            if words and words[-1][-1] == place - 1 and self.continues[ids[place]]:
                words[-1].append(place)
            else:
                words.append([place])
        return words
