"""Recurrent networks over clips: pictures through a picture encoder, skeletons and sensors."""

from .configuration_recurrent_video import RecurrentVideoConfig
from .modeling_recurrent import RecurrentForSequenceClassification, RecurrentModel


class RecurrentVideoModel(RecurrentModel):
    """A picture encoder, frame by frame, and a stack of recurrent layers (Donahue et al. 2015).

    Example:
        >>> import torch
        >>> from hf_recurrent import RecurrentVideoConfig, RecurrentVideoModel
        >>> model = RecurrentVideoModel(RecurrentVideoConfig(cell_type="gru", hidden_size=64))
        >>> clips = torch.zeros(2, 8, 3, 32, 32)  # (batch, time, channels, height, width)
        >>> model(pixel_values_videos=clips).last_hidden_state.shape
        torch.Size([2, 8, 64])
    """

    config_class = RecurrentVideoConfig
    input_modalities = "video"


class RecurrentForVideoClassification(RecurrentForSequenceClassification):
    """A picture encoder, a recurrent network, a pooling and a linear classifier.

    ``config.num_labels``, ``id2label`` and ``problem_type`` have their meaning in transformers.
    """

    config_class = RecurrentVideoConfig
    input_modalities = "video"


RecurrentVideoConfig.register_for_auto_class()
RecurrentVideoModel.register_for_auto_class("AutoModel")
RecurrentForVideoClassification.register_for_auto_class("AutoModelForVideoClassification")
