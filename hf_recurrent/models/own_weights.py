"""What every module of this package offers that fills its parameters itself."""

from torch import nn


class OwnWeights(nn.Module):
    """A module that knows the fresh values of its own parameters and buffers."""

    def init_weights(self, std: float) -> None:
        """Fill the parameters and buffers, by ``transformers.initialization``.

        Args:
            std: deviation of fresh vectors.
        """
