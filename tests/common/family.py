"""What a test file says of its family; the shared checks are built on this."""

from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerFast

from hf_recurrent import CharTokenizer, NgramTokenizer

from .tokenizer import word_tokenizer


class Family:
    """A family of models; a test class fills in the attributes.

    Attributes:
        config_class: the configuration of all heads.
        heads: the model classes by the name of their Auto class.
        elsewhere: the names of the other heads of this configuration, which another class checks.
        fields: a tiny configuration.
        variants: what a check varies of it, by a readable name.
        bucket: how many n-gram buckets the variants have that read n-grams, if there are any.
        num_characters: how many character ids the variants have that read characters.
        num_channels: how many channels the frames have that the variants read in place of words.
        picture_shape: channels, height and width of the pictures that they read in place of words.
        of_heads: the names of checks that are not run over the base model, as the heads return all
            that it computes.
        asked: two ways through the model: with every output asked for, and as a Trainer calls it.
    """

    config_class: type[PreTrainedConfig]
    heads: ClassVar[dict[str, type[PreTrainedModel]]]
    elsewhere: ClassVar[tuple[str, ...]] = ()
    fields: ClassVar[dict[str, Any]]
    variants: ClassVar[dict[str, dict[str, Any]]]
    bucket: ClassVar[int | None] = None
    num_characters: ClassVar[int | None] = None
    num_channels: ClassVar[int | None] = None
    picture_shape: ClassVar[tuple[int, int, int] | None] = None
    of_heads: ClassVar[tuple[str, ...]] = ()
    asked: ClassVar[tuple[dict[str, bool], ...]] = (
        {"output_hidden_states": True, "output_final_state": True, "output_attentions": True},
        {},
    )

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a check for each head, variant and bad argument, where it asks for them."""
        heads = set(self.heads)
        if metafunc.definition.originalname in self.of_heads:
            heads.remove("AutoModel")
        for name, values in (
            ("auto_class", [name for name in self.heads if name in heads]),
            ("variant", self.variants),
            ("bad_argument", getattr(self, "bad_arguments", {})),
        ):
            if name in metafunc.fixturenames:
                metafunc.parametrize(name, list(values))

    def make_config(self, variant: str, **fields: Any) -> PreTrainedConfig:
        return self.config_class(**{**self.fields, **self.variants[variant], **fields})

    def make(self, auto_class: str, variant: str, **fields: Any) -> PreTrainedModel:
        """Return a model in evaluation mode in which no weight is left at 0."""
        torch.manual_seed(0)
        model = self.heads[auto_class](self.make_config(variant, **fields))
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.3 * torch.randn_like(parameter))
        return model.eval()

    def inputs(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Return a batch of token ids with what the variants read beside them or in their place.

        Checks are written over token ids, and all that a model reads follows from these. Token i
        has i % 4 n-grams and characters, and one frame or picture. An id that no token has brings
        ids that are none, and a frame or picture that is no number.
        """
        if "input_ids" not in batch:
            return batch
        ids, rows = batch["input_ids"], self.fields["vocab_size"]
        place, given = ids.where((ids >= 0) & (ids < rows), rows), {}
        shape = self.picture_shape or (self.num_channels and (self.num_channels,))
        if shape:
            generator = torch.Generator().manual_seed(3)
            frames = torch.randn(rows + 1, *shape, generator=generator)
            numbers = frames[rows].numel()
            frames[rows] = (
                torch.tensor([torch.nan, torch.inf]).repeat(numbers)[:numbers].view(*shape)
            )
            others = {name: value for name, value in batch.items() if name != "input_ids"}
            name = "input_features" if self.picture_shape is None else "pixel_values_videos"
            return {name: frames[place], **others}
        for name, many in (("ngram_ids", self.bucket), ("char_ids", self.num_characters)):
            if many is None:
                continue
            most = many if name == "ngram_ids" else many - 1
            generator = torch.Generator().manual_seed(3)
            table = torch.randint(1, most + 1, (rows + 1, 4), generator=generator)
            table[torch.arange(4) >= torch.arange(rows + 1).unsqueeze(1) % 4] = 0
            table[rows] = most + 5
            given[name] = table[place]
        return {**batch, **given}

    def steps(self, config: PreTrainedConfig, time: int) -> int:
        """Return how many steps a model gives for so many inputs."""
        return time

    def tokenizer(self) -> PreTrainedTokenizerFast:
        """Return the tokenizer that fits the variants."""
        tokenizer = word_tokenizer(self.fields["vocab_size"])
        if self.num_characters is not None:
            alphabet = "abdefgiklmnoprstuvwxyz"[: self.num_characters - 4]
            tokenizer = CharTokenizer.from_tokenizer(tokenizer, alphabet=alphabet)
        if self.bucket is None:
            return tokenizer
        return NgramTokenizer.from_tokenizer(tokenizer, min_n=2, max_n=3, bucket=self.bucket)

    def initial_states(self, config: PreTrainedConfig, rows: int) -> dict[str, Tensor]:
        """Return random initial states (rows, ...), by the name of forward's argument."""
        return {}
