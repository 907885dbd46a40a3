"""Configuration of recurrent networks over frames of sound."""

from math import prod
from typing import Any

from huggingface_hub.dataclasses import strict

from .checks import check_dropouts, check_sizes
from .configuration_recurrent import RecurrentConfig
from .input_layers import main_input_name


@strict
class RecurrentSpeechConfig(RecurrentConfig):
    r"""Configuration of ``RecurrentSpeechModel`` and its heads.

    It has all fields of ``RecurrentConfig``, and these:

    Args:
        embedding_config: The input layer over frames, ``{"kind": "frames", "num_channels": 40}``
            if it is not given.
        vocab_size: Number of tokens that a recogniser knows, the blank among them. The blank is
            ``pad_token_id``, as in the CTC models of transformers.
        samples_per_frame: The hop of the feature extractor in samples. Time stamps and
            ``chunk_length_s`` of a pipeline rest on it.
        conv_dim: Number of channels of each convolution over time before the layers; none by
            default.
        conv_kernel: The number of frames that each of them reads: a frame and those before it.
        conv_stride: Each of them gives one step for so many frames.
        mask_time_prob: Share of the frames of each recording that training sets to 0, in stretches
            of ``mask_time_length`` (SpecAugment, Park et al. 2019), 0 for none.
        mask_time_length: Length of these stretches, in frames.
        mask_feature_prob: Share of the channels that training sets to 0, in stretches of
            ``mask_feature_length``.
        mask_feature_length: Width of these stretches, in channels.

    Example:
        >>> from hf_recurrent import RecurrentSpeechConfig
        >>> config = RecurrentSpeechConfig(conv_dim=[64], conv_kernel=[3], conv_stride=[2])
        >>> config.inputs_to_logits_ratio
        320
    """

    model_type = "recurrent_speech"
    # ``mask`` says which steps are real, and is no prediction either.
    keys_to_ignore_at_inference = [  # noqa: RUF012 - Trainer adds a list to it
        *RecurrentConfig.keys_to_ignore_at_inference,
        "mask",
    ]

    vocab_size: int = 32
    samples_per_frame: int = 160
    conv_dim: list[int] | tuple[int, ...] = ()
    conv_kernel: list[int] | tuple[int, ...] = ()
    conv_stride: list[int] | tuple[int, ...] = ()
    mask_time_prob: float | int = 0.0
    mask_time_length: int = 10
    mask_feature_prob: float | int = 0.0
    mask_feature_length: int = 4

    @property
    def input_size(self) -> int:
        """Width of what the first recurrent layer reads."""
        return self.conv_dim[-1] if self.conv_dim else self.embedding_size

    @property
    def subsampling(self) -> int:
        """How many frames one step stands for."""
        return prod(self.conv_stride)

    @property
    def inputs_to_logits_ratio(self) -> int:
        """How many samples one step stands for; the pipeline of transformers reads it."""
        return self.samples_per_frame * self.subsampling

    def __post_init__(self, **kwargs: Any) -> None:
        """Check the fields; raise a ``ValueError`` that names the field."""
        if self.embedding_config is None:
            self.embedding_config = {"kind": "frames", "num_channels": 40}
        super().__post_init__(**kwargs)
        if main_input_name(self) != "input_features":
            raise ValueError(
                f"embedding_config: kind is {self.embedding_config['kind']!r}, and a model of "
                "sound reads input_features: take the kind 'frames'"
            )
        check_sizes(self, "samples_per_frame", "mask_time_length", "mask_feature_length")
        check_dropouts(self, "mask_time_prob", "mask_feature_prob")
        count = len(self.conv_dim)
        for field in ("conv_dim", "conv_kernel", "conv_stride"):
            values = getattr(self, field)
            if len(values) != count:
                raise ValueError(
                    f"{field} has length {len(values)}, expected one number for each of the "
                    f"{count} convolutions of conv_dim"
                )
            if any(value < 1 for value in values):
                raise ValueError(f"{field} is {list(values)}, expected numbers of at least 1")
        for kernel, stride in zip(self.conv_kernel, self.conv_stride, strict=True):
            if kernel < stride:
                raise ValueError(
                    f"conv_kernel {kernel} is less than conv_stride {stride}, so frames between "
                    "would never be read: make the kernel at least as long"
                )
