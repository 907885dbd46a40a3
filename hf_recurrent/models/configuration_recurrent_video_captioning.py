"""Configuration of networks that write a sentence for a clip."""

from typing import Any, ClassVar

from huggingface_hub.dataclasses import strict
from transformers.configuration_utils import SubConfigSpec

from .configuration_recurrent_seq2seq import RecurrentSeq2SeqConfig
from .configuration_recurrent_video import RecurrentVideoConfig


@strict
class RecurrentVideoCaptioningConfig(RecurrentSeq2SeqConfig):
    r"""Configuration of ``RecurrentForVideoCaptioning``.

    It has the fields of ``RecurrentSeq2SeqConfig``, which are those of the decoder; ``encoder`` is
    a ``RecurrentVideoConfig``, or its fields. With ``attention_type="none"`` the network is that of
    S2VT (Venugopalan et al. 2015) without its two layers, with ``"additive"`` and
    ``input_feeding=True`` that of Yao et al. (2015), temporal attention.

    Example:
        >>> from hf_recurrent import RecurrentVideoCaptioningConfig
        >>> config = RecurrentVideoCaptioningConfig(encoder={"hidden_size": 64}, vocab_size=100)
        >>> config.encoder.model_type
        'recurrent_video'
    """

    model_type = "recurrent_video_captioning"
    sub_configs_defaults = {"encoder": SubConfigSpec(RecurrentVideoConfig)}  # noqa: RUF012
    encoder_class: ClassVar[Any] = RecurrentVideoConfig
