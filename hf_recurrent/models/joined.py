"""Several input layers side by side, so that a word has the vectors of several sets at once."""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from .embeddings import (
    InputLayer,
    TableShape,
    freeze_embeddings,
    resize_layer,
    set_word_vectors,
)


class JoinedEmbedding(InputLayer):
    """Input layers of any kind, with their vectors concatenated; each is frozen or trained.

    A frozen set of vectors beside a trained one is the multichannel input of Kim (2014). There the
    channels are added; here the next layer weights them.

    ``embedding_config``: ``parts``, a list. Each part is a dictionary with ``kind`` (``"plain"``
    for the plain look-up, or any of ``KINDS``), its width ``embedding_size``, ``frozen`` (false by
    default) and the fields of its kind.
    """

    fields: ClassVar[dict[str, Any]] = {"parts": ...}

    def __init__(self, shape: TableShape, fields: dict[str, Any]) -> None:
        super().__init__(shape, fields)
        described = [_Part(part, shape, number) for number, part in enumerate(fields["parts"])]
        self.parts = nn.ModuleList(part.make() for part in described)
        self.given = list(fields["parts"])
        self.frozen = [part.frozen for part in described]
        self.extra_inputs = tuple(
            dict.fromkeys(name for part in described for name in part.extra_inputs)
        )

    @classmethod
    def check(cls, shape: TableShape, fields: dict[str, Any]) -> int:
        """Return the sum of the widths."""
        parts = fields["parts"]
        if not isinstance(parts, list | tuple) or not parts:
            raise ValueError(f"embedding_config: parts is {parts!r}, expected a list of parts")
        described = [_Part(part, shape, number) for number, part in enumerate(parts)]
        if any(part.kind is JoinedEmbedding for part in described):
            raise ValueError("embedding_config: a part is itself joined, expected its parts here")
        for part in described:
            if part.kind is not None and part.kind.main_input_name != "input_ids":
                raise ValueError(
                    f"embedding_config: part {part.number} reads {part.kind.main_input_name}, "
                    "expected parts that read input_ids"
                )
        _check_they_agree(described)
        return sum(part.check() for part in described)

    def forward(self, input_ids: Tensor, **extra: Tensor) -> Tensor:
        """Return the vectors of all parts, (batch, time, sum of the widths)."""
        vectors = []
        for part in self.parts:
            wanted = {name: extra[name] for name in getattr(part, "extra_inputs", ())}
            vectors.append(part(input_ids, **wanted))
        return torch.cat(vectors, dim=-1)

    def extra_examples(self) -> dict[str, Tensor]:
        """Return examples of the inputs of all parts, which agree on those that they share."""
        layers = [part for part in self.parts if isinstance(part, InputLayer)]
        return {key: value for each in layers for key, value in each.extra_examples().items()}

    def freeze_as_configured(self) -> None:
        """Keep the frozen parts out of training."""
        for part, frozen in zip(self.parts, self.frozen, strict=True):
            freeze_embeddings(part, frozen)

    def set_word_vectors(self, vectors: Any) -> None:
        """Copy a matrix that has the columns of all parts, in their order."""
        matrix = torch.as_tensor(vectors)
        if matrix.shape != (self.num_embeddings, self.embedding_dim):
            raise ValueError(
                f"the word vectors have shape {tuple(matrix.shape)}, but the model's input layer "
                f"has {(self.num_embeddings, self.embedding_dim)} (vocab_size, widths of all "
                "parts): make the matrix for this model's tokenizer"
            )
        start = 0
        for part in self.parts:
            size: Any = part.embedding_dim
            set_word_vectors(part, matrix[:, start : start + size])
            start += size

    def resize(self, vocab_size: int, std: float, mean_resizing: bool) -> None:
        """Resize every part; begin with the parts that may refuse it."""
        for part in sorted(self.parts, key=_resizes):
            resize_layer(part, vocab_size, std, mean_resizing)
        self.num_embeddings = vocab_size

    def resized_fields(self) -> dict[str, Any]:
        """Return the fields of all parts, as ``resize`` has changed them."""
        parts = [
            {**given, **(part.resized_fields() if isinstance(part, InputLayer) else {})}
            for given, part in zip(self.given, self.parts, strict=True)
        ]
        return {"parts": parts}


def _check_they_agree(parts: list["_Part"]) -> None:
    """Raise ``ValueError`` if parts read the same extra input, but expect different values."""
    ways: dict[str, set[str]] = {}
    for part in parts:
        names = () if part.kind is None else part.kind.tokenizer_fields
        way = ", ".join(f"{name} {part.fields[name]}" for name in names)
        for extra in part.extra_inputs:
            ways.setdefault(extra, set()).add(way)
    for extra, found in ways.items():
        if len(found) > 1:
            raise ValueError(
                f"embedding_config: parts that read {extra} must agree, as a token has one list of "
                f"them, and there are {' and '.join(sorted(found))}"
            )


def _resizes(part: nn.Module) -> bool:
    part = getattr(part, "table", part)  # of a partial look-up
    return not isinstance(part, InputLayer) or type(part).resize != InputLayer.resize


class _Part:
    """A part, read from its dictionary: kind, shape, fields, and whether it is frozen.

    Its kind is ``None`` for the plain look-up.
    """

    def __init__(self, given: Any, shape: TableShape, number: int) -> None:
        from .input_layers import fields_of_kind  # it imports this module

        self.number = number
        place = f"embedding_config: part {number}"
        if not isinstance(given, dict):
            raise ValueError(f"{place} is {given!r}, expected a dictionary")
        own = dict(given)
        self.frozen = own.pop("frozen", False)
        size = own.pop("embedding_size", None)
        if not isinstance(self.frozen, bool):
            raise ValueError(f"{place}: frozen is {self.frozen!r}, expected true or false")
        self.kind: type[InputLayer] | None = None
        self.fields: dict[str, Any] = {}
        if own != {"kind": "plain"}:
            self.kind, self.fields = fields_of_kind(own)
        needs_size = self.kind is None or self.kind.needs_size
        if needs_size and (not isinstance(size, int) or size < 1):
            raise ValueError(f"{place}: embedding_size is {size!r}, expected at least 1")
        self.extra_inputs = () if self.kind is None else self.kind.extra_inputs
        self.shape = shape._replace(embedding_size=size or 1)

    def check(self) -> int:
        """Return the width; raise ``ValueError`` if a field has a wrong value."""
        if self.kind is None:
            return self.shape.embedding_size
        return self.kind.check(self.shape, self.fields)

    def make(self) -> nn.Module:
        """Return the layer, with weights that are not initialised."""
        return (
            nn.Embedding(*self.shape) if self.kind is None else self.kind(self.shape, self.fields)
        )
