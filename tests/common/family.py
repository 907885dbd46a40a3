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
        fields: a tiny configuration.
        variants: what a check varies of it, by a readable name.
        bucket: how many n-gram buckets the variants have that read n-grams, if there are any.
    """

    config_class: type[PreTrainedConfig]
    heads: ClassVar[dict[str, type[PreTrainedModel]]]
    fields: ClassVar[dict[str, Any]]
    variants: ClassVar[dict[str, dict[str, Any]]]
    bucket: ClassVar[int | None] = None
    num_characters: ClassVar[int | None] = None

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a check for each head and variant, where it asks for them."""
        for name, values in (("auto_class", self.heads), ("variant", self.variants)):
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

    def with_ngrams(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Return a batch with n-gram or character ids that follow from the token ids, if wanted.

        Token i has i % 4 n-grams; an id that no token has brings an n-gram id that is none.
        """
        most, name = self.bucket, "ngram_ids"
        if self.num_characters is not None:
            most, name = self.num_characters - 1, "char_ids"
        if most is None or "input_ids" not in batch:
            return batch
        ids, rows = batch["input_ids"], self.fields["vocab_size"]
        generator = torch.Generator().manual_seed(3)
        table = torch.randint(1, most + 1, (rows + 1, 4), generator=generator)
        table[torch.arange(4) >= torch.arange(rows + 1).unsqueeze(1) % 4] = 0
        table[rows] = most + 5
        return {**batch, name: table[ids.where((ids >= 0) & (ids < rows), rows)]}

    @property
    def extra_input(self) -> str:
        """What the variants read beside token ids."""
        return "ngram_ids" if self.num_characters is None else "char_ids"

    def tokenizer(self) -> PreTrainedTokenizerFast:
        """Return the tokenizer that fits the variants."""
        tokenizer = word_tokenizer(self.fields["vocab_size"])
        if self.num_characters is not None:
            alphabet = "abdefgiklmnoprstuvwxyz"[: self.num_characters - 4]
            return CharTokenizer.from_tokenizer(tokenizer, alphabet=alphabet)
        if self.bucket is None:
            return tokenizer
        return NgramTokenizer.from_tokenizer(tokenizer, min_n=2, max_n=3, bucket=self.bucket)

    def initial_states(self, config: PreTrainedConfig, rows: int) -> dict[str, Tensor]:
        """Return random initial states (rows, ...), by the name of forward's argument."""
        return {}
