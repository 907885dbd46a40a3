"""Fresh weights as users of Keras know them, for every module of this package.

Orthogonal recurrent weights (Saxe et al. 2014), Xavier uniform input weights (Glorot and Bengio
2010), forget-gate bias 1 (Jozefowicz et al. 2015), all other biases 0, normal embeddings with a
zero row for padding. The functions of ``transformers.initialization`` leave weights that a
checkpoint brought as they are.
"""

import torch
from torch import nn
from transformers import initialization as init

from .embeddings import InputLayer, init_rows


def init_module(module: nn.Module, std: float) -> None:
    """Initialise the parameters that ``module`` itself owns; ``std`` is that of embeddings."""
    if isinstance(module, nn.RNNBase):
        for name, parameter in module.named_parameters(recurse=False):
            _init_recurrent(name, parameter, module)
    elif isinstance(module, nn.Linear):
        init.xavier_uniform_(module.weight)
        if module.bias is not None:
            init.zeros_(module.bias)
    elif isinstance(module, nn.Embedding):
        init_rows(module.weight, module.padding_idx, std)
    elif isinstance(module, InputLayer):
        module.init_weights(std)


def _init_recurrent(name: str, parameter: nn.Parameter, module: nn.RNNBase) -> None:
    if name.startswith("weight_ih"):
        init.xavier_uniform_(parameter)
    elif name.startswith("weight_hh"):
        # The QR decomposition behind it exists in fp32 only.
        init.copy_(parameter, init.orthogonal_(torch.empty(parameter.shape)))
    else:
        bias = torch.zeros(parameter.shape)
        if module.mode == "LSTM" and name.startswith("bias_ih"):
            bias[module.hidden_size : 2 * module.hidden_size] = 1  # gates stand as i, f, g, o
        init.copy_(parameter, bias)
