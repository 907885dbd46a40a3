"""An encoder-decoder network, written out by its weights over the cells of ``cells.py``.

It follows the papers token by token, without padding, batches or a cache.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from hf_recurrent.models.cells import CELLS

from .generation import Loop

_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class Read(NamedTuple):
    """What the decoder knows after some tokens of one target.

    Attributes:
        layers: hidden and cell state of each layer, (1, hidden_size).
        vector: (1, vector_size) the attentional vector of the last token.
    """

    layers: list[tuple[Tensor, Tensor | None]]
    vector: Tensor


class Translator(Loop):
    """A ``RecurrentForConditionalGeneration`` whose encoder is a ``RecurrentModel`` over words."""

    def take(self, source: list[int]) -> "Translator":
        """Take one source, which the search is then about."""
        self.memory, self.final = self.encode(source)
        return self

    def cell_weights(self, place: str, end: str = "_l0") -> list[Tensor | None]:
        return [self.weights.get(f"{place}.{name}{end}") for name in _NAMES]

    def linear(self, place: str, value: Tensor) -> Tensor:
        value = value @ self.weights[f"{place}.weight"].T
        bias = self.weights.get(f"{place}.bias")
        return value if bias is None else value + bias

    def encode(self, source: list[int]) -> tuple[Tensor, list[tuple[Tensor, Any]]]:
        """Return the outputs (steps, size), and the final states of all layers and directions."""
        config = self.config.encoder
        step, is_lstm = CELLS[config.cell_type], config.cell_type == "lstm"
        values = list(self.weights["model.encoder.embed_tokens.weight"][source].unsqueeze(1))
        final = []
        for number in range(config.num_hidden_layers):
            sides = []
            for end in ("_l0", "_l0_reverse")[: config.num_directions]:
                own = self.cell_weights(f"model.encoder.layers.{number}", end)
                h = torch.zeros(1, config.hidden_size, dtype=torch.float64)
                c = h if is_lstm else None
                outputs = []
                for value in values if end == "_l0" else values[::-1]:
                    h, c = step(value, h, c, *own)
                    outputs.append(h)
                sides.append(outputs if end == "_l0" else outputs[::-1])
                final.append((h, c))
            values = [torch.cat(pair, dim=1) for pair in zip(*sides, strict=True)]
        size = config.hidden_size * config.num_directions
        return (torch.cat(values) if values else torch.zeros(0, size).double()), final

    def start(self, rows: int) -> Any:
        """Return what the decoder knows before the first token."""
        config, is_lstm = self.config, self.config.cell_type == "lstm"
        zeros = torch.zeros(1, config.hidden_size, dtype=torch.float64)
        layers = [(zeros, zeros if is_lstm else None)] * config.num_hidden_layers
        if config.bridge == "dense":
            read = torch.cat([h for h, _ in self.final], dim=1)
            hidden = self.linear("model.decoder.bridge.hidden", read).tanh()
            cells = [None] * len(layers)
            if is_lstm:
                cell = self.linear("model.decoder.bridge.cell", read).tanh()
                cells = list(cell.chunk(len(layers), dim=1))
            layers = list(zip(hidden.chunk(len(layers), dim=1), cells, strict=True))
        elif config.bridge == "copy":
            many = config.encoder.num_directions
            layers = []
            for number in range(config.num_hidden_layers):
                own = self.final[many * number : many * (number + 1)]
                c = torch.cat([c for _, c in own], dim=1) if is_lstm else None
                layers.append((torch.cat([h for h, _ in own], dim=1), c))
        return Read(layers, torch.zeros(1, config.vector_size, dtype=torch.float64))

    def attend(self, query: Tensor) -> tuple[Tensor, Tensor]:
        """Return the context (1, size) and the weights (steps,)."""
        place, kind = "model.decoder.attention", self.config.attention_type
        scores = []
        for step in self.memory.unsqueeze(1):
            if kind == "additive":
                hidden = self.linear(f"{place}.query", query) + self.linear(f"{place}.key", step)
                scores.append(self.linear(f"{place}.score", hidden.tanh())[0, 0])
            else:
                key = step if kind == "dot" else self.linear(f"{place}.key", step)
                scores.append((query @ key.T)[0, 0])
        if not scores:
            return torch.zeros(1, self.memory.shape[1]).double(), torch.zeros(0).double()
        weights = torch.stack(scores).softmax(0)
        return (weights @ self.memory).unsqueeze(0), weights

    def step(self, ids: Tensor, states: Any) -> tuple[Tensor, Any]:
        """Return the logits (1, vocab_size) after one more token, and what is known then."""
        config, place = self.config, "model.decoder"
        value = self.weights[f"{place}.embed_tokens.weight"][ids]
        context = None
        if config.input_feeding and config.attention_type == "additive":
            context, self.seen = self.attend(states.layers[-1][0])
            value = torch.cat([value, context], dim=1)
        elif config.input_feeding:
            value = torch.cat([value, states.vector], dim=1)
        after = []
        for number, (h, c) in enumerate(states.layers):
            own = self.cell_weights(f"{place}.layers.{number}")
            h, c = CELLS[config.cell_type](value, h, c, *own)
            after.append((h, c))
            value = h + value if config.residual and number else h
        vector = value
        if config.attention_type != "none":
            if context is None:
                context, self.seen = self.attend(value)
            vector = self.linear(f"{place}.combine", torch.cat([value, context], dim=1)).tanh()
        elif f"{place}.combine.weight" in self.weights:
            vector = self.linear(f"{place}.combine", vector)
        return self.linear("lm_head", vector), Read(after, vector)
