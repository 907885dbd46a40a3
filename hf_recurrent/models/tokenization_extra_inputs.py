"""The base class of tokenizers that return more inputs than token ids."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from tokenizers import Encoding
from transformers import BatchEncoding, PreTrainedTokenizerFast
from transformers.utils.generic import PaddingStrategy

from .characters import CharIds
from .elmo_characters import ElmoCharIds
from .extra_inputs import Encoded, ExtraInput
from .ngram_inputs import NgramIds
from .publishable import GuardedPushes
from .word_starts import WordStarts

EXTRA_INPUTS: tuple[type[ExtraInput], ...] = (NgramIds, CharIds, ElmoCharIds, WordStarts)


class ExtraInputTokenizer(GuardedPushes, PreTrainedTokenizerFast):
    """A fast tokenizer whose encodings hold additional lists, each with a value for each token.

    The settings of the constructor determine which lists. So a tokenizer of any subclass can have
    several: ``NgramTokenizer.from_tokenizer(CharTokenizer...)`` returns ``ngram_ids`` and
    ``char_ids``, and ``WordStartTokenizer.from_tokenizer`` of that also ``word_starts``. Each
    subclass adds one kind of list, and has the methods for that kind.

    It has no ``__init__``, because transformers would then rebuild it wrongly when it is loaded.

    Attributes:
        kind: The kind of list that this class adds.
    """

    kind: ClassVar[type[ExtraInput]]

    @classmethod
    def from_settings(cls, tokenizer: PreTrainedTokenizerFast, settings: Any) -> Self:
        """Make a tokenizer that cuts text as another one does, and returns one more list.

        Args:
            tokenizer: A fast tokenizer; its additional lists are kept.
            settings: The settings of the kind of this class.
        """
        given = dict(tokenizer.init_kwargs)
        for name in ("tokenizer_object", "tokenizer_file", "vocab_file", "backend", "auto_map"):
            given.pop(name, None)
        given |= {name: str(token) for name, token in tokenizer.special_tokens_map.items()}
        given[cls.kind.setting] = settings
        extra = [kind.name for kind in EXTRA_INPUTS if kind.setting in given]
        plain = [name for name in tokenizer.model_input_names if name not in extra]
        given["model_input_names"] = [*plain, *extra]
        given["tokenizer_object"] = tokenizer.backend_tokenizer
        return cls(**given)

    def extra_inputs(self) -> list[ExtraInput]:
        """Return the lists that the encodings hold, including that of the class."""
        return [
            kind(self, self.init_kwargs.get(kind.setting))
            for kind in EXTRA_INPUTS
            if kind is self.kind or kind.setting in self.init_kwargs
        ]

    def extra_input(self, name: str) -> ExtraInput | None:
        """Return the list of a name, ``None`` if the encodings do not hold it."""
        return next((extra for extra in self.extra_inputs() if extra.name == name), None)

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
        cut = Encoded(encodings, samples, texts, pairs, is_split_into_words)
        whole = return_tensors is not None or padding_strategy != PaddingStrategy.DO_NOT_PAD
        for extra in self.extra_inputs():
            encoded[extra.name] = [
                extra.rectangle(row, len(row), "right") if whole else row
                for row in extra.values(cut)
            ]
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
        given = [
            (extra, encoded_inputs.pop(extra.name))
            for extra in self.extra_inputs()
            if encoded_inputs.get(extra.name) is not None
        ]
        padded = super()._pad(encoded_inputs, *args, **kwargs)
        side = kwargs.get("padding_side") or self.padding_side
        length = len(padded[self.model_input_names[0]])
        for extra, values in given:
            padded[extra.name] = extra.rectangle(values, length, side)
        return padded


def _without_pairs(texts: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any] | None]:
    """Split texts that are given as (text, pair); return other texts unchanged."""
    if texts and all(isinstance(text, list | tuple) and len(text) == 2 for text in texts):
        return [text for text, _ in texts], [pair for _, pair in texts]
    return texts, None
