"""Dynamic int8 on a CPU: weights are stored in 8 bits, and inputs are rounded at run time."""

import copy
import warnings
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

from ..models.recurrent_layer import RecurrentLayer

# Elman layers have no kernel in int8.
_CELLS = ("lstm", "gru")


def quantize_dynamic(model: PreTrainedModel) -> PreTrainedModel:
    """Return a copy of a model whose LSTM, GRU and linear layers compute in int8 on a CPU.

    The weights of these layers are stored in 8 bits, including the LSTM in an input layer of the
    kind ``"char_lstm"``. Word vectors do not change (``compress_model`` makes them smaller). The
    copy is for inference only and cannot be saved: save the model itself, and quantise it after
    loading. torch's own ``torch.ao.quantization.quantize_dynamic`` would find only the linear
    layers, since it looks for exact classes of torch.

    Args:
        model: A model of this package, on a CPU and in fp32.

    Raises:
        ValueError: If the model is not on a CPU in fp32, has no layer that can be quantised, or has
            weights that hooks compute.

    Example:
        >>> from hf_recurrent import RecurrentConfig, RecurrentForSequenceClassification
        >>> from hf_recurrent.export import quantize_dynamic
        >>> small = quantize_dynamic(RecurrentForSequenceClassification(RecurrentConfig()))
        >>> type(small.model.layers[0]).__name__
        'LSTM'
    """
    wrong = {(p.device.type, p.dtype) for p in model.parameters()} - {("cpu", torch.float32)}
    if wrong:
        device, dtype = next(iter(wrong))
        raise ValueError(
            f"the model has weights of {dtype} on {device}, and int8 is made of torch.float32 on a "
            "CPU: model.float().cpu() brings it there"
        )
    if not any(
        isinstance(m, nn.Linear) or (isinstance(m, RecurrentLayer) and m.cell_type in _CELLS)
        for m in model.modules()
    ):
        raise ValueError(f"{type(model).__name__} has no LSTM, GRU or linear layer to quantise")
    try:
        twin = copy.deepcopy(model).eval()
    except RuntimeError as error:  # torch cannot copy a weight that was computed
        raise ValueError(
            "a model whose weights are pruned or normed by hooks cannot be copied: make them final "
            "by torch.nn.utils.prune.remove, remove_weight_norm or remove_spectral_norm first"
        ) from error
    for name, module in list(twin.named_modules()):
        if isinstance(module, RecurrentLayer) and module.cell_type in _CELLS:
            parent, _, child = name.rpartition(".")
            twin.get_submodule(parent).register_module(child, module.to_torch())
    kinds: Any = {nn.LSTM, nn.GRU, nn.Linear}
    with warnings.catch_warnings():
        # torch will move this to a separate package, which has no recurrent layers yet.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        warnings.filterwarnings("ignore", "torch.quantize_per_tensor", UserWarning)
        return torch.ao.quantization.quantize_dynamic(twin, kinds, torch.qint8, inplace=True)
