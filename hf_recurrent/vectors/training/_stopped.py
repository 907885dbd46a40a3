"""The error that keeps the vectors of a stopped training."""

from gensim.models import KeyedVectors

from ..._wording import counted

__all__ = ["StoppedTraining"]


class StoppedTraining(KeyboardInterrupt):
    """Ctrl-C ended a training; the vectors so far are kept.

    Attributes:
        vectors: The vectors at that moment.
        epochs: Number of whole epochs.
    """

    def __init__(self, vectors: KeyedVectors, epochs: int) -> None:
        super().__init__(f"The training was stopped after {counted(epochs, 'epoch')}.")
        self.vectors = vectors
        self.epochs = epochs
