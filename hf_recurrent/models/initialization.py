"""Fresh weights for every module of this package, with the defaults of Keras.

Orthogonal recurrent weights (Saxe et al. 2014), Xavier uniform input weights (Glorot and Bengio
2010), forget-gate bias 1 (Jozefowicz et al. 2015), all other biases 0, normal embeddings with a
zero row for padding. The functions of ``transformers.initialization`` do not change weights that
were loaded from a checkpoint.
"""

from torch import nn
from transformers import initialization as init

from .embeddings import init_rows
from .own_weights import OwnWeights


def init_module(module: nn.Module, std: float) -> None:
    """Initialise the parameters of ``module`` itself; ``std`` is the deviation of embeddings."""
    if isinstance(module, OwnWeights):
        module.init_weights(std)
    elif isinstance(module, nn.Linear):
        init.xavier_uniform_(module.weight)
        if module.bias is not None:
            init.zeros_(module.bias)
    elif isinstance(module, nn.LayerNorm | nn.GroupNorm):
        init.ones_(module.weight)
        init.zeros_(module.bias)
    elif isinstance(module, nn.Conv2d):  # before ReLU (He et al. 2015)
        init.kaiming_normal_(module.weight, nonlinearity="relu")
        if module.bias is not None:
            init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):  # a norm that changes nothing
        for ones in (module.weight, module.running_var):
            assert ones is not None
            init.ones_(ones)
        for zeros in (module.bias, module.running_mean, module.num_batches_tracked):
            assert zeros is not None
            init.zeros_(zeros)
    elif isinstance(module, nn.Embedding):
        init_rows(module.weight, module.padding_idx, std)
