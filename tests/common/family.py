"""What a test file says of its family; the shared checks are built on this."""

from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedConfig, PreTrainedModel


class Family:
    """A family of models; a test class fills in the attributes.

    Attributes:
        config_class: the configuration of all heads.
        heads: the model classes by the name of their Auto class.
        fields: a tiny configuration.
        variants: what a check varies of it, by a readable name.
    """

    config_class: type[PreTrainedConfig]
    heads: ClassVar[dict[str, type[PreTrainedModel]]]
    fields: ClassVar[dict[str, Any]]
    variants: ClassVar[dict[str, dict[str, Any]]]

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

    def initial_states(self, config: PreTrainedConfig, rows: int) -> dict[str, Tensor]:
        """Return random initial states (rows, ...), by the name of forward's argument."""
        return {}
