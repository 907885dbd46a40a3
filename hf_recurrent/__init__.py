"""Recurrent networks and word vectors for the Hugging Face ecosystem.

Importing the package registers its models with the Auto classes of transformers: at once if these
are already imported, otherwise when they are imported.
"""

from typing import TYPE_CHECKING

from ._lazy import import_lazily
from ._registration import register_when_used

if TYPE_CHECKING:
    from . import data as data
    from . import hub as hub
    from . import metrics as metrics
    from . import models as models
    from . import training as training
    from . import vectors as vectors
    from ._version import __version__ as __version__
    from .data import load_text_dataset as load_text_dataset
    from .models.configuration_elmo import ElmoConfig as ElmoConfig
    from .models.configuration_recurrent import RecurrentConfig as RecurrentConfig
    from .models.configuration_recurrent_seq2seq import (
        RecurrentSeq2SeqConfig as RecurrentSeq2SeqConfig,
    )
    from .models.configuration_recurrent_speech import (
        RecurrentSpeechConfig as RecurrentSpeechConfig,
    )
    from .models.configuration_recurrent_time_series import (
        RecurrentTimeSeriesConfig as RecurrentTimeSeriesConfig,
    )
    from .models.configuration_recurrent_video import RecurrentVideoConfig as RecurrentVideoConfig
    from .models.configuration_recurrent_video_captioning import (
        RecurrentVideoCaptioningConfig as RecurrentVideoCaptioningConfig,
    )
    from .models.configuration_static_embedding import (
        StaticEmbeddingConfig as StaticEmbeddingConfig,
    )
    from .models.feature_extraction_log_mel import (
        LogMelFeatureExtractor as LogMelFeatureExtractor,
    )
    from .models.feature_stream import FeatureStream as FeatureStream
    from .models.modeling_elmo import ElmoForPreTraining as ElmoForPreTraining
    from .models.modeling_elmo import ElmoModel as ElmoModel
    from .models.modeling_recurrent import RecurrentForCausalLM as RecurrentForCausalLM
    from .models.modeling_recurrent import (
        RecurrentForSequenceClassification as RecurrentForSequenceClassification,
    )
    from .models.modeling_recurrent import (
        RecurrentForTokenClassification as RecurrentForTokenClassification,
    )
    from .models.modeling_recurrent import RecurrentModel as RecurrentModel
    from .models.modeling_recurrent_seq2seq import (
        RecurrentForConditionalGeneration as RecurrentForConditionalGeneration,
    )
    from .models.modeling_recurrent_seq2seq import RecurrentSeq2SeqModel as RecurrentSeq2SeqModel
    from .models.modeling_recurrent_speech import (
        RecurrentForAudioClassification as RecurrentForAudioClassification,
    )
    from .models.modeling_recurrent_speech import RecurrentForCTC as RecurrentForCTC
    from .models.modeling_recurrent_speech import RecurrentSpeechModel as RecurrentSpeechModel
    from .models.modeling_recurrent_time_series import (
        RecurrentForTimeSeriesPrediction as RecurrentForTimeSeriesPrediction,
    )
    from .models.modeling_recurrent_time_series import (
        RecurrentTimeSeriesModel as RecurrentTimeSeriesModel,
    )
    from .models.modeling_recurrent_video import (
        RecurrentForVideoClassification as RecurrentForVideoClassification,
    )
    from .models.modeling_recurrent_video import RecurrentVideoModel as RecurrentVideoModel
    from .models.modeling_recurrent_video_captioning import (
        RecurrentForVideoCaptioning as RecurrentForVideoCaptioning,
    )
    from .models.modeling_recurrent_video_captioning import (
        RecurrentVideoCaptioningModel as RecurrentVideoCaptioningModel,
    )
    from .models.modeling_static_embedding import (
        StaticEmbeddingForSequenceClassification as StaticEmbeddingForSequenceClassification,
    )
    from .models.modeling_static_embedding import StaticEmbeddingModel as StaticEmbeddingModel
    from .models.processing_recurrent_speech import (
        RecurrentSpeechProcessor as RecurrentSpeechProcessor,
    )
    from .models.tokenization_characters import CharTokenizer as CharTokenizer
    from .models.tokenization_ctc import CTCTokenizer as CTCTokenizer
    from .models.tokenization_elmo import ElmoTokenizer as ElmoTokenizer
    from .models.tokenization_ngrams import NgramTokenizer as NgramTokenizer
    from .models.tokenization_translation import TranslationTokenizer as TranslationTokenizer
    from .models.tokenization_word_starts import WordStartTokenizer as WordStartTokenizer
    from .models.video_processing_recurrent import (
        RecurrentVideoProcessor as RecurrentVideoProcessor,
    )
    from .vectors import load_vectors as load_vectors
    from .vectors import tokenizer_from_texts as tokenizer_from_texts
    from .vectors import tokenizer_from_vectors as tokenizer_from_vectors

import_lazily(__name__)
register_when_used()
