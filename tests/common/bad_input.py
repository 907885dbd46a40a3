"""Promise 6: bad input ends in one clear sentence that names the argument."""

from typing import Any, ClassVar

import pytest
import torch

from .family import Family

IDS = torch.tensor([[3, 4, 5], [6, 7, 0]])


def assert_one_sentence(error: BaseException, *named: str) -> None:
    """Check that a message is one short sentence that names what was wrong."""
    message = str(error)
    assert "\n" not in message
    assert len(message) < 300, message
    for name in named:
        assert name in message, f"{name!r} is not in {message!r}"


class BadInput(Family):
    """What no model can take."""

    # Fields that the configuration refuses, and what the sentence names.
    bad_fields: tuple[tuple[dict[str, Any], str], ...] = ()
    # Those that only a head refuses, by the name of its Auto class: other heads do not use them.
    bad_head_fields: ClassVar[dict[str, tuple[tuple[dict[str, Any], str], ...]]] = {}

    # Arguments that no head takes, by a readable name, and what the sentence names.
    bad_arguments: ClassVar[dict[str, tuple[dict[str, Any], list[str]]]] = {
        "nothing": ({}, ["input_ids", "inputs_embeds"]),
        "both": ({"input_ids": IDS, "inputs_embeds": torch.zeros(2, 3, 5)}, ["not both"]),
        "one row of ids": ({"input_ids": IDS[0]}, ["input_ids", "(3,)", "(batch, time)"]),
        "one row of vectors": (
            {"inputs_embeds": torch.zeros(2, 3)},
            ["inputs_embeds", "(2, 3)", "embedding_size"],
        ),
        "wide vectors": ({"inputs_embeds": torch.zeros(2, 3, 99)}, ["inputs_embeds", "99"]),
        "long mask": (
            {"input_ids": IDS, "attention_mask": torch.ones(2, 4)},
            ["attention_mask", "(2, 4)", "(2, 3)"],
        ),
        "high ids": ({"input_ids": IDS + 10**6}, ["input_ids", "1000003", "tokenizer"]),
        "low ids": ({"input_ids": IDS - 5}, ["input_ids", "-2", "tokenizer"]),
        "frames": (
            {"input_features": torch.zeros(2, 3, 5)},
            ["input_ids"],
        ),
    }

    def test_bad_arguments(self, auto_class: str, bad_argument: str) -> None:
        arguments, named = self.bad_arguments[bad_argument]
        model = self.make(auto_class, next(iter(self.variants)))
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is looked at below
            model(**self.inputs(arguments))
        assert_one_sentence(caught.value, *named)

    def test_bad_fields(self) -> None:
        for fields, name in self.bad_fields:
            with pytest.raises(ValueError) as caught:  # noqa: PT011
                self.config_class(**{**self.fields, **fields})
            assert_one_sentence(caught.value, name)

    def test_bad_head_fields(self) -> None:
        for auto_class, bad in self.bad_head_fields.items():
            for fields, name in bad:
                config = self.config_class(**{**self.fields, **fields})
                self.heads["AutoModel"](config)
                with pytest.raises(ValueError) as caught:  # noqa: PT011
                    self.heads[auto_class](config)
                assert_one_sentence(caught.value, name)

    def test_states_of_another_shape(self) -> None:
        model = self.make("AutoModel", next(iter(self.variants)))
        for name, state in self.initial_states(model.config, 2).items():
            with pytest.raises(ValueError) as caught:  # noqa: PT011
                model(**self.inputs({"input_ids": IDS}), **{name: state[:1]})
            assert_one_sentence(caught.value, name, str(tuple(state.shape)))

    def test_no_ngrams_where_they_are_needed(self, auto_class: str, variant: str) -> None:
        model = self.make(auto_class, variant)
        for name in getattr(model.get_input_embeddings(), "extra_inputs", ()):
            batch = self.inputs({"input_ids": IDS})
            for given, named in ((None, []), (IDS, ["(2, 3)"])):
                with pytest.raises(ValueError) as caught:  # noqa: PT011
                    model(**{**batch, name: given})
                assert_one_sentence(caught.value, name, *named)

    def test_checkpoint_of_another_family(self, auto_class: str, tmp_path: Any) -> None:
        (tmp_path / "config.json").write_text('{"model_type": "bert", "vocab_size": 9}')
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            self.heads[auto_class].from_pretrained(tmp_path)
        assert_one_sentence(caught.value, "bert", self.config_class.model_type)

    def test_word_vectors_that_do_not_fit(self, auto_class: str) -> None:
        model = self.make(auto_class, next(iter(self.variants)))
        rows, size = model.get_input_embeddings().weight.shape
        for shape in ((rows + 1, size), (rows, size + 1)):
            with pytest.raises(ValueError) as caught:  # noqa: PT011
                model.set_word_vectors(torch.zeros(shape))
            assert_one_sentence(caught.value, str(shape), str((rows, size)))
        model.set_word_vectors(torch.ones(rows, size))
        assert model.get_input_embeddings().weight.eq(1).all()
