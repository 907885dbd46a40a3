"""What ``generate`` of transformers asks of a recurrent model, whatever it reads."""

from typing import Any, NoReturn

from torch import Tensor
from transformers import Cache

from .stop_strings import stop_tokenizer


class GenerationSteps:
    """The steps of generation with recurrent states.

    A head lists this class, or one of its subclasses, before ``GenerationMixin``.
    """

    config: Any
    model: Any

    _is_stateful = False  # the cache can go back, so assisted decoding works

    def prepare_inputs_for_generation(
        self,
        input_ids: Tensor,
        next_sequence_length: int | None = None,
        past_key_values: Cache | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        is_first_iteration: bool | None = False,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return the arguments of ``forward`` for the next step; ``generate`` calls it.

        After the prompt only the new tokens are read, all of which are real, so they need no mask;
        that of an encoder's source is kept. The method of transformers, which is called for the
        prompt, takes as long as a step.
        """
        if (
            is_first_iteration
            or past_key_values is None
            or next_sequence_length is None
            or input_ids.device != self.model.device
        ):
            inherited: Any = super()
            prepared: dict[str, Any] = inherited.prepare_inputs_for_generation(
                input_ids,
                next_sequence_length=next_sequence_length,
                past_key_values=past_key_values,
                attention_mask=attention_mask,
                inputs_embeds=inputs_embeds,
                is_first_iteration=is_first_iteration,
                **kwargs,
            )
            return prepared
        given = {name: value for name, value in kwargs.items() if name not in _NOT_OF_STEPS}
        new = {"past_key_values": past_key_values}
        if self.config.is_encoder_decoder:
            ids = input_ids[:, -next_sequence_length:]
            return {**given, **new, "decoder_input_ids": ids, "attention_mask": attention_mask}
        return {**given, **new, "input_ids": input_ids[:, -next_sequence_length:]}

    def _get_stopping_criteria(self, *args: Any, **kwargs: Any) -> Any:
        """Return the criteria by which generation ends; stopping strings work for every tokenizer.

        ``generate`` gives all of its arguments by name.
        """
        if kwargs.get("tokenizer") is not None:
            kwargs["tokenizer"] = stop_tokenizer(kwargs["tokenizer"])
        inherited: Any = super()
        return inherited._get_stopping_criteria(*args, **kwargs)

    def init_continuous_batching(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse continuous batching, which keeps keys and values in pages.

        Raises:
            ValueError: Always.
        """
        raise ValueError(
            "continuous batching shares pages of keys and values, and a recurrent model has none: "
            "call generate with a padded batch"
        )


_NOT_OF_STEPS = ("labels", "decoder_attention_mask")
