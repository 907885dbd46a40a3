"""What tokenizers share that give a model one input more than token ids."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
from tokenizers import Encoding
from transformers import BatchEncoding, PreTrainedTokenizerFast
from transformers.utils.generic import PaddingStrategy


class ExtraInputTokenizer(PreTrainedTokenizerFast):
    """A fast tokenizer whose encodings hold one list more, with a value for each token.

    A subclass names the list, makes its values and lays them out in a rectangle. It has no
    ``__init__``, for transformers would then rebuild it wrongly when it is loaded.

    Attributes:
        extra_input: the name of the list, as in ``model_input_names`` and in a model's forward.
    """

    extra_input: ClassVar[str]

    @classmethod
    def settings_of(cls, tokenizer: PreTrainedTokenizerFast) -> dict[str, Any]:
        """Return the keywords of a constructor that make a tokenizer cut text as another one."""
        settings = dict(tokenizer.init_kwargs)
        for name in ("tokenizer_object", "tokenizer_file", "vocab_file", "backend", "auto_map"):
            settings.pop(name, None)
        names = [name for name in tokenizer.model_input_names if name != cls.extra_input]
        settings |= {name: str(token) for name, token in tokenizer.special_tokens_map.items()}
        settings["model_input_names"] = [*names, cls.extra_input]
        settings["tokenizer_object"] = tokenizer.backend_tokenizer
        return settings

    @abstractmethod
    def extra_values(
        self,
        encodings: Sequence[Encoding],
        samples: Iterable[int],
        texts: Sequence[Any],
        pairs: Sequence[Any] | None,
        split: bool,
    ) -> Iterator[list[Any]]:
        """Give the values of each token of each encoding.

        Args:
            encodings: what the texts were cut into.
            samples: the place of each encoding's text in ``texts``.
            texts: the texts, or the lists of their words.
            pairs: the second texts, where there are any.
            split: whether the texts came as lists of words.
        """

    @abstractmethod
    def rectangle(self, values: Sequence[Any], length: int, side: str) -> Any:
        """Return the values of an encoding, filled up with 0 to ``length`` tokens on a side."""

    def _encode_plus(  # type: ignore[override]
        self,
        text: Any,
        text_pair: Any = None,
        padding_strategy: PaddingStrategy = PaddingStrategy.DO_NOT_PAD,
        is_split_into_words: bool = False,
        return_tensors: Any = None,
        return_overflowing_tokens: bool = False,
        **kwargs: Any,
    ) -> BatchEncoding:
        batched = isinstance(text, list | tuple)
        if batched and is_split_into_words:
            batched = bool(text) and isinstance(text[0], list | tuple)
        texts = text if batched else [text]
        pairs = text_pair if batched else [text_pair] if text_pair else None
        encoded = super()._encode_plus(
            text=texts,
            text_pair=pairs,
            padding_strategy=padding_strategy,
            is_split_into_words=is_split_into_words,
            return_overflowing_tokens=return_overflowing_tokens,
            **kwargs,
        )
        encodings: Sequence[Encoding] = encoded.encodings or []
        samples: Iterable[int] = range(len(encodings))
        if return_overflowing_tokens:
            samples = encoded["overflow_to_sample_mapping"]
        if not is_split_into_words and pairs is None:
            texts, pairs = _without_pairs(texts)
        rows = self.extra_values(encodings, samples, texts, pairs, is_split_into_words)
        if return_tensors is not None or padding_strategy != PaddingStrategy.DO_NOT_PAD:
            encoded[self.extra_input] = [self.rectangle(row, len(row), "right") for row in rows]
        else:
            encoded[self.extra_input] = list(rows)
        if return_tensors is not None:
            return encoded.convert_to_tensors(return_tensors)
        if batched or return_overflowing_tokens:
            return encoded
        first = {
            key: value[0] if value and isinstance(value[0], list | np.ndarray) else value
            for key, value in encoded.items()
        }
        return BatchEncoding(first, encoded.encodings)

    def _pad(self, encoded_inputs: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        values = encoded_inputs.pop(self.extra_input, None)
        padded = super()._pad(encoded_inputs, *args, **kwargs)
        if values is not None:
            side = kwargs.get("padding_side") or self.padding_side
            length = len(padded[self.model_input_names[0]])
            padded[self.extra_input] = self.rectangle(values, length, side)
        return padded


def _without_pairs(texts: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any] | None]:
    """Part texts that came as (text, pair); other texts come back as they are."""
    if texts and all(isinstance(text, list | tuple) and len(text) == 2 for text in texts):
        return [text for text, _ in texts], [pair for _, pair in texts]
    return texts, None
