"""Networks that write a sentence for a clip: frames, and a decoder that attends to them."""

from .configuration_recurrent_video_captioning import RecurrentVideoCaptioningConfig
from .modeling_recurrent_seq2seq import RecurrentForConditionalGeneration, RecurrentSeq2SeqModel


class RecurrentVideoCaptioningModel(RecurrentSeq2SeqModel):
    """The encoder of clips and the decoder, without the output layer."""

    config_class = RecurrentVideoCaptioningConfig


class RecurrentForVideoCaptioning(RecurrentForConditionalGeneration):
    """A network that writes a sentence for a clip, with all of ``generate``.

    Its inputs are those of the encoder, ``pixel_values_videos`` or ``input_features``, with
    ``attention_mask`` for the frames. ``output_attentions=True`` gives the weights over frames as
    ``cross_attentions``.

    Example:
        >>> import torch
        >>> from hf_recurrent import RecurrentForVideoCaptioning, RecurrentVideoCaptioningConfig
        >>> config = RecurrentVideoCaptioningConfig(
        ...     encoder={"hidden_size": 32}, vocab_size=60, bos_token_id=1, eos_token_id=2
        ... )
        >>> model = RecurrentForVideoCaptioning(config).eval()
        >>> clips = torch.zeros(2, 8, 3, 32, 32)
        >>> model.generate(pixel_values_videos=clips, max_new_tokens=4).shape[0]
        2
    """

    config_class = RecurrentVideoCaptioningConfig
    input_modalities = "video"


RecurrentVideoCaptioningConfig.register_for_auto_class()
RecurrentVideoCaptioningModel.register_for_auto_class("AutoModel")
RecurrentForVideoCaptioning.register_for_auto_class("AutoModelForImageTextToText")
