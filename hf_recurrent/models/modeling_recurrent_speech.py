"""Recurrent networks over frames of sound, and their heads."""

from typing import Any, ClassVar

from torch import Tensor

from .configuration_recurrent_speech import RecurrentSpeechConfig
from .ctc import CTCRecognizer
from .model_inputs import ModelInputs
from .modeling_recurrent import (
    RecurrentForSequenceClassification,
    RecurrentModel,
    RecurrentPreTrainedModel,
)
from .ragged import TokenColumns
from .spec_augment import spec_augment
from .subsampling import Subsampling


class RecurrentSpeechModel(RecurrentModel):
    """Frames, convolutions over time if ``conv_dim`` asks for them, and recurrent layers.

    A row of n frames has ``ceil(n / subsampling)`` steps. They come first in its row, wherever its
    padding stood, and ``mask`` says which steps are real.

    Example:
        >>> import torch
        >>> from hf_recurrent import RecurrentSpeechConfig, RecurrentSpeechModel
        >>> config = RecurrentSpeechConfig(conv_dim=[8], conv_kernel=[3], conv_stride=[2])
        >>> output = RecurrentSpeechModel(config)(input_features=torch.zeros(1, 5, 40))
        >>> output.last_hidden_state.shape, output.mask.shape
        (torch.Size([1, 3, 256]), torch.Size([1, 3]))
    """

    config_class = RecurrentSpeechConfig
    config: RecurrentSpeechConfig

    def __init__(self, config: RecurrentSpeechConfig) -> None:
        super().__init__(config)
        self.subsampling = Subsampling(
            config.embedding_size, config.conv_dim, config.conv_kernel, config.conv_stride
        )
        self.post_init()
        self.freeze_as_configured()

    def prepare(self, embedded: Any, inputs: ModelInputs) -> tuple[Any, Tensor, TokenColumns]:
        """Return the steps that the first layer reads, their mask and their columns."""
        config, mask, columns = self.config, inputs.mask, inputs.columns
        if self.training and (config.mask_time_prob or config.mask_feature_prob):
            embedded = spec_augment(
                embedded,
                mask,
                (config.mask_time_prob, config.mask_time_length),
                (config.mask_feature_prob, config.mask_feature_length),
            )
        steps, real = self.subsampling(embedded, mask)
        return steps, real, TokenColumns(0, steps.shape[1], -(-columns.time // config.subsampling))


class RecurrentForCTC(CTCRecognizer, RecurrentPreTrainedModel):
    """A recogniser of speech, trained with CTC; see ``ctc.py`` for the arguments and outputs.

    Example:
        >>> import torch
        >>> from hf_recurrent import RecurrentForCTC, RecurrentSpeechConfig
        >>> model = RecurrentForCTC(RecurrentSpeechConfig(vocab_size=30))
        >>> model(input_features=torch.zeros(1, 5, 40)).logits.shape
        torch.Size([1, 5, 30])
    """

    config_class = RecurrentSpeechConfig
    main_input_name = "input_features"

    def __init__(self, config: RecurrentSpeechConfig) -> None:
        super().__init__(config)
        self.model = RecurrentSpeechModel(config)
        self.add_lm_head()
        self.post_init()


class RecurrentForAudioClassification(RecurrentForSequenceClassification):
    """A recurrent network over sound, a pooling over its steps, and a linear classifier."""

    config_class = RecurrentSpeechConfig
    base_model_class: ClassVar[type[RecurrentModel]] = RecurrentSpeechModel


RecurrentSpeechConfig.register_for_auto_class()
RecurrentSpeechModel.register_for_auto_class("AutoModel")
RecurrentForCTC.register_for_auto_class("AutoModelForCTC")
RecurrentForAudioClassification.register_for_auto_class("AutoModelForAudioClassification")
