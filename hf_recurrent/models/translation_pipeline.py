"""The pipeline ``"recurrent-translation"``, from text to text.

transformers 5 has no ``"translation"`` any more, and keeps the name for itself.
"""

import inspect
from typing import Any

import torch
from transformers import GenerationConfig, Pipeline


class RecurrentTranslationPipeline(Pipeline):
    """Translate texts, as the pipeline ``"translation"`` of transformers 4 did.

    Arguments of ``generate`` may be given when the pipeline is made or called. Without any, and
    without a length in the generation configuration of the model, a translation has at most 256
    tokens.

    Example:
        >>> from transformers import pipeline
        >>> translate = pipeline("recurrent-translation", model="your/model")  # doctest: +SKIP
        >>> translate("Ein Hund .", num_beams=5)  # doctest: +SKIP
        [{'translation_text': 'A dog.'}]
    """

    _pipeline_calls_generate = True
    _load_processor = False  # type: ignore[assignment]
    _load_image_processor = False  # type: ignore[assignment]
    _load_feature_extractor = False  # type: ignore[assignment]
    _load_tokenizer = True  # type: ignore[assignment]
    _default_generation_config = GenerationConfig(max_new_tokens=256)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Translate.

        Args:
            inputs: A text, a list of texts, or a generator or data set of them.
            *args: Ignored, with a warning, as in all pipelines.
            **kwargs: ``batch_size``, ``truncation``, ``max_length_of_source`` in tokens, and
                arguments of ``generate``.

        Returns:
            For one text a list of dictionaries with ``translation_text``, one for each of
            ``num_return_sequences``; for a list of texts one dictionary each, or one such list each
            if there are several.
        """
        if isinstance(inputs, list) and not inputs:
            return []
        found = super().__call__(inputs, *args, **kwargs)
        if isinstance(inputs, list) and all(len(each) == 1 for each in found):
            return [each[0] for each in found]
        return found

    def _sanitize_parameters(
        self,
        truncation: bool | None = None,
        max_length_of_source: int | None = None,
        **generate_kwargs: Any,
    ) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Return the parameters of the three steps."""
        read: dict[str, Any] = {}
        if truncation is not None:
            read["truncation"] = truncation
        if max_length_of_source is not None:
            read |= {"truncation": True, "max_length": max_length_of_source}
        if getattr(self, "assistant_model", None) is not None:
            generate_kwargs["assistant_model"] = self.assistant_model
        return read, generate_kwargs, {}

    def preprocess(self, input_: Any, **parameters: Any) -> dict[str, Any]:
        """Return the token ids of a text.

        Raises:
            ValueError: If it is no text.
        """
        if not isinstance(input_, str):
            raise ValueError(
                f"recurrent-translation takes texts, and {type(input_).__name__} was given"
            )
        tokenizer: Any = self.tokenizer
        encoded = tokenizer(input_, return_tensors="pt", **parameters)
        known = {
            name
            for forward in (self.model.forward, self.model.get_encoder().forward)
            for name in inspect.signature(forward).parameters
        }
        # The tensors of an empty text are of floats.
        return {name: value.long() for name, value in encoded.items() if name in known}

    def _forward(self, input_tensors: dict[str, Any], **parameters: Any) -> Any:
        """Return the ids of the translations (batch, sequences, target)."""
        arguments = self._prepare_generate_kwargs(parameters)
        generate: Any = self.model.generate
        found = generate(**input_tensors, **arguments)
        ids: torch.Tensor = found if isinstance(found, torch.Tensor) else found.sequences
        rows = len(next(iter(input_tensors.values())))
        return {"output_ids": ids.view(rows, len(ids) // rows, -1)}

    def postprocess(self, model_outputs: Any, **parameters: Any) -> list[dict[str, str]]:
        """Return the translations of one text."""
        tokenizer: Any = self.tokenizer
        return [
            {"translation_text": tokenizer.decode(ids, skip_special_tokens=True)}
            for ids in model_outputs["output_ids"][0]
        ]
