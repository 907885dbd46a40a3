"""Training of a small Conformer of transformers with CTC, from scratch."""

from dataclasses import replace
from functools import partial

from transformers import ParakeetCTCConfig, ParakeetForCTC, set_seed

from ...models.configuration_recurrent_speech import RecurrentSpeechConfig
from ...models.modeling_recurrent_speech import RecurrentForCTC
from ...speech.tokenizers import ctc_tokenizer
from ..equal_cost import widest
from ..fitted import Fitted
from ..model_rows import Work
from ..networks import config_values, fit_network
from ..sound import AUDIO, make_extractor
from .data import TEXT
from .fitting import answer, checkpoint_part, make_decoder, recognition_recipe, speech_config

_HEADS = 4
# Widths are multiples of it, so that each head has an even number of channels.
_MULTIPLE = 2 * _HEADS


def fit_conformer(work: Work) -> Fitted:
    """Train the encoder of Parakeet, as wide as gives it the size of the recurrent networks.

    Its padding is scored as sound is, so it is evaluated one recording at a time.
    """
    values, train = work.values, work.data["train"]
    tokenizer = ctc_tokenizer(train[TEXT], values["unit"])
    extractor = make_extractor(train[AUDIO], True, values["num_mel_bins"], values["delta_order"])
    fields = config_values(work, RecurrentSpeechConfig) | {"bidirectional": True}
    like = RecurrentForCTC(speech_config(tokenizer, extractor, **fields)).num_parameters()

    def configured(width: int) -> ParakeetCTCConfig:
        return ParakeetCTCConfig(
            vocab_size=len(tokenizer),
            pad_token_id=tokenizer.pad_token_id,
            encoder_config={
                "hidden_size": width,
                "num_hidden_layers": values["blocks"],
                "num_attention_heads": _HEADS,
                "intermediate_size": 2 * width,
                "subsampling_conv_channels": width,
                "subsampling_factor": values["subsampling"],
                "num_mel_bins": extractor.feature_size,
                "layerdrop": 0.0,
            },
        )

    width = widest(lambda size: ParakeetForCTC(configured(size)), like, _MULTIPLE)
    set_seed(work.seed)
    model = ParakeetForCTC(configured(width))
    recipe = replace(
        recognition_recipe(tokenizer, extractor, values["trim_silence"]),
        arguments={"per_device_eval_batch_size": 1},
    )
    fitted = fit_network(work, recipe, model, checkpoint_part(tokenizer, extractor))
    decoder = None
    if values["language_model"]:
        decoder = make_decoder(model, tokenizer, extractor, work.data)
        fitted.trials = decoder.trials
    return replace(
        fitted,
        predict=partial(answer, model, tokenizer, extractor, decoder),
        respond=lambda ref: answer(model, tokenizer, extractor, None, [ref]),
    )
