"""The processor of recognisers: a feature extractor and a tokenizer in one."""

from typing import Any

from transformers import BatchFeature, ProcessorMixin

from .publishable import GuardedPushes, is_marked

# The label of what is no token.
_IGNORED = -100


class RecurrentSpeechProcessor(GuardedPushes, ProcessorMixin):
    """A feature extractor and a CTC tokenizer, as ``AutoProcessor`` gives them back.

    Args:
        feature_extractor: A ``LogMelFeatureExtractor``.
        tokenizer: A ``CTCTokenizer``.
    """

    def __init__(self, feature_extractor: Any, tokenizer: Any) -> None:
        super().__init__(feature_extractor, tokenizer)

    def check_may_leave(self) -> None:
        """Check that what the tokenizer was made of may be passed on; see ``GuardedPushes``."""
        if is_marked(self.tokenizer):
            raise ValueError(
                "the tokenizer of this processor was made of data that may not be passed on, and "
                "so neither may it: it is not pushed"
            )

    @property
    def model_input_names(self) -> list[str]:
        """The names of what a model reads."""
        return [*self.feature_extractor.model_input_names, "labels"]

    def __call__(self, audio: Any = None, text: Any = None, **kwargs: Any) -> Any:
        """Return the frames of recordings, and the ids of texts as ``labels``; or those of one.

        Args:
            audio: See ``LogMelFeatureExtractor``.
            text: A text, or several. Beside sound its ids are ``labels``: with ``return_tensors`` a
                padded tensor, -100 on padding, and otherwise lists.
            **kwargs: Arguments of the feature extractor, or of the tokenizer if there is no audio.

        Raises:
            ValueError: If neither is given.
        """
        if audio is None and text is None:
            raise ValueError("give audio, text, or both")
        if audio is None:
            return self.tokenizer(text, **kwargs)
        inputs = self.feature_extractor(audio, **kwargs)
        if text is None:
            return inputs
        tensors = kwargs.get("return_tensors")
        if tensors is None:
            inputs["labels"] = self.tokenizer(text)["input_ids"]
            return inputs
        texts = [text] if isinstance(text, str) else text
        rows = [{"input_ids": ids} for ids in self.tokenizer(texts)["input_ids"]]
        inputs["labels"] = self._labels(rows, return_tensors=tensors)
        return inputs

    def pad(self, input_features: Any = None, labels: Any = None, **kwargs: Any) -> Any:
        """Pad what was made row by row, as a data collator does.

        Args:
            input_features: Rows of ``input_features``; see ``SequenceFeatureExtractor.pad``.
            labels: Rows of ``input_ids``, as the tokenizer gives them.
            **kwargs: Arguments of ``pad`` of both.

        Returns:
            The padded frames, with ``labels`` (-100 on padding) if both are given; for labels
            alone, what the tokenizer gives.

        Raises:
            ValueError: If neither is given.
        """
        if input_features is None and labels is None:
            raise ValueError("give input_features, labels, or both")
        if input_features is None:
            return self.tokenizer.pad(labels, **kwargs)
        padded: BatchFeature = self.feature_extractor.pad(input_features, **kwargs)
        if labels is not None:
            padded["labels"] = self._labels(labels, **kwargs)
        return padded

    def _labels(self, rows: Any, **kwargs: Any) -> Any:
        found = self.tokenizer.pad(rows, **kwargs)
        ids, real = found["input_ids"], found["attention_mask"]
        if isinstance(ids, list):
            return [
                [i if m else _IGNORED for i, m in zip(*row, strict=True)]
                for row in zip(ids, real, strict=True)
            ]
        ids[real == 0] = _IGNORED
        return ids

    def save_pretrained(self, save_directory: Any, push_to_hub: bool = False, **kwargs: Any) -> Any:
        """Save both parts, the feature extractor under the name that pipelines look for too."""
        saved = super().save_pretrained(save_directory, push_to_hub=push_to_hub, **kwargs)
        self.feature_extractor.save_pretrained(save_directory, push_to_hub=push_to_hub, **kwargs)
        return saved


RecurrentSpeechProcessor.register_for_auto_class()
