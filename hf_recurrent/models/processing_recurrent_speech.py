"""The processor of recognisers: a feature extractor and a tokenizer in one."""

from typing import Any

from transformers import ProcessorMixin


class RecurrentSpeechProcessor(ProcessorMixin):
    """A feature extractor and a CTC tokenizer, as ``AutoProcessor`` gives them back.

    Args:
        feature_extractor: A ``LogMelFeatureExtractor``.
        tokenizer: A ``CTCTokenizer``.
    """

    def __init__(self, feature_extractor: Any, tokenizer: Any) -> None:
        super().__init__(feature_extractor, tokenizer)

    def __call__(self, audio: Any = None, text: Any = None, **kwargs: Any) -> Any:
        """Return the frames of recordings, and the ids of texts as ``labels``; or those of one.

        Args:
            audio: See ``LogMelFeatureExtractor``.
            text: A text, or several.
            **kwargs: Arguments of the feature extractor.

        Raises:
            ValueError: If neither is given.
        """
        if audio is None and text is None:
            raise ValueError("give audio, text, or both")
        if audio is None:
            return self.tokenizer(text)
        inputs = self.feature_extractor(audio, **kwargs)
        if text is not None:
            inputs["labels"] = self.tokenizer(text)["input_ids"]
        return inputs

    def save_pretrained(self, save_directory: Any, push_to_hub: bool = False, **kwargs: Any) -> Any:
        """Save both parts, the feature extractor under the name that pipelines look for too."""
        saved = super().save_pretrained(save_directory, push_to_hub, **kwargs)
        self.feature_extractor.save_pretrained(save_directory)
        return saved


RecurrentSpeechProcessor.register_for_auto_class()
