"""The base class of modules that initialise their own parameters."""

from torch import nn


class OwnWeights(nn.Module):
    """A module that initialises its own parameters and buffers."""

    def init_weights(self, std: float) -> None:
        """Initialise the parameters and buffers, with ``transformers.initialization``.

        Args:
            std: Standard deviation of fresh vectors.
        """
