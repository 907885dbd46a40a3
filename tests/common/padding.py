"""Promise 1: a padded batch gives, for each row, what the row alone gives."""

import logging

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.utils import ModelOutput

from .batches import LAYOUTS, LENGTHS, TIME, columns_of, lay_out, random_rows
from .family import Family

ZERO_ON_PADDING = ("last_hidden_state", "pooling_weights")
PER_TOKEN = (
    *ZERO_ON_PADDING,
    "hidden_states",
    "predictions",
    "encoder_last_hidden_state",
    "encoder_hidden_states",
    "decoder_hidden_states",
    "mask",
    "forward_logits",
    "backward_logits",
)


# Every layout in float64, where a fault shows at once; the other precisions once by default.
PADDED = [
    pytest.param(
        *(dtype, values, slopes, layout),
        id=f"{name}-{layout}",
        marks=[] if name == "fp64" or layout == "right" else pytest.mark.slow,
    )
    for name, dtype, values, slopes in (
        ("fp32", torch.float32, 1e-5, 1e-4),
        ("fp64", torch.float64, 1e-10, 1e-10),
        ("bf16", torch.bfloat16, 2e-2, None),
    )
    for layout in LAYOUTS
]


def has_time(name: str, tensor: Tensor) -> bool:
    """Return whether an output has a time axis, as the logits of a tagger have."""
    return name in PER_TOKEN or (name == "logits" and tensor.dim() == 3)


def real_steps(output: ModelOutput, mask: Tensor) -> Tensor:
    """Return which steps of an output are real: those of the mask, or those it names itself."""
    own = output.get("mask")
    return mask.bool() if own is None or own.dtype != torch.bool else own


def by_row(output: ModelOutput, columns: list[list[int]]) -> list[dict[str, Tensor]]:
    """Return each row's outputs, of what has a time axis only the row's own tokens."""
    rows: list[dict[str, Tensor]] = [{} for _ in columns]
    own = output.get("mask")
    if own is not None and own.dtype == torch.bool:  # its steps are not those of its inputs
        columns = [row.nonzero().flatten().tolist() for row in own]
    for name, value in output.items():
        for number, given in enumerate(value if isinstance(value, tuple) else (value,)):
            tensor = given.float() if given.dtype == torch.bool else given
            for row, places in enumerate(columns):
                if name == "cross_attentions":  # of each target token to each source token
                    kept = tensor[row][:, places][:, :, places]
                else:
                    kept = tensor[row, places] if has_time(name, tensor) else tensor[row]
                rows[row][f"{name}.{number}"] = kept
    return rows


def _scalar(rows: list[dict[str, Tensor]]) -> Tensor:
    """Return one number to which every entry of every output adds a share of its own."""
    values = [value.flatten() for row in rows for value in row.values()]
    return sum((v * torch.sin(1 + torch.arange(v.numel(), dtype=v.dtype))).sum() for v in values)


def _backward(total: Tensor) -> None:
    """Find the gradients of ``total``, if it has any: some models have no weights to train."""
    if total.requires_grad:
        total.backward()


def _gradients(model: PreTrainedModel, states: dict[str, Tensor]) -> dict[str, Tensor]:
    found = {**dict(model.named_parameters()), **states}
    gradients = {name: t.grad for name, t in found.items() if t.grad is not None}
    model.zero_grad()
    for state in states.values():
        state.grad = None
    return gradients


class PaddedEqualsSingle(Family):
    """Padding changes nothing, whichever side it stands on and whatever it holds."""

    def _both(
        self, model: PreTrainedModel, layout: str, dtype: torch.dtype, asked: dict[str, bool]
    ) -> tuple[list, list, dict, dict]:
        """Return outputs by row and gradients, of the batch and of the rows alone."""
        torch.manual_seed(1)
        rows, columns = random_rows(model.config.vocab_size), columns_of(layout)
        garbage = torch.randint(-3, model.config.vocab_size + 3, (len(rows), TIME))
        states = {
            name: state.to(dtype).requires_grad_()
            for name, state in self.initial_states(model.config, len(rows)).items()
        }
        batch = self.inputs(lay_out(rows, columns, garbage))
        numbers = [value for value in batch.values() if value.is_floating_point()]
        for value in numbers:
            value.requires_grad_()
        output = model(**batch, **states, **asked)
        padding = ~real_steps(output, batch["attention_mask"])
        for name in output.keys() & ZERO_ON_PADDING:
            assert not output[name][padding].any(), f"{name} on padding"
        if "logits" in output and has_time("logits", output.logits):
            self.check_padding(output.logits[padding])
        if "predictions" in output:
            assert output.predictions[batch["attention_mask"] == 0].eq(-100).all()
        together = by_row(output, columns)
        _backward(_scalar(together))
        for value in numbers:
            assert value.grad.isfinite().all()
            assert not value.grad[batch["attention_mask"] == 0].any()
            assert value.grad[batch["attention_mask"] == 1].any()
        gradients = _gradients(model, states)
        alone = []
        for row, ids in enumerate(rows):
            own = {name: state[row : row + 1] for name, state in states.items()}
            row_alone = self.inputs({"input_ids": ids.unsqueeze(0)})
            single = model(**row_alone, **own, **asked)
            alone += by_row(single, [list(range(len(ids)))])
        _backward(_scalar(alone))
        return together, alone, gradients, _gradients(model, states)

    def check_padding(self, logits: Tensor) -> None:
        """Check the logits (n, labels) on padding."""
        assert not logits.any()

    @pytest.mark.parametrize(("dtype", "values", "slopes", "layout"), PADDED)
    def test_padded_equals_single(
        self,
        auto_class: str,
        variant: str,
        dtype: torch.dtype,
        values: float,
        slopes: float | None,
        layout: str,
    ) -> None:
        model = self.make(auto_class, variant).to(dtype)
        for asked in self.asked:
            together, alone, gradients, expected = self._both(model, layout, dtype, asked)
            for row, (one, other) in enumerate(zip(together, alone, strict=True)):
                assert one.keys() == other.keys()
                for name, value in one.items():
                    if value.numel():
                        largest = value.abs().max().clamp(min=1)
                        difference = (value - other[name]).abs().max()
                        place = f"row {row} of length {LENGTHS[row]}: {name}"
                        assert difference <= values * largest, place
            assert gradients.keys() == expected.keys()
            for name, gradient in gradients.items():
                assert gradient.isfinite().all(), name
                if slopes is not None:
                    largest = expected[name].abs().max().clamp(min=1e-2)
                    difference = (gradient - expected[name]).abs().max()
                    assert difference <= slopes * largest, f"gradient of {name}"

    @pytest.mark.parametrize("shape", [(2, 3), (2, 0), (0, 3), (0, 0)], ids=str)
    def test_nothing_to_read(self, auto_class: str, variant: str, shape: tuple[int, int]) -> None:
        model = self.make(auto_class, variant)
        states = self.initial_states(model.config, shape[0])
        ids, mask = torch.ones(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
        batch = self.inputs({"input_ids": ids, "attention_mask": mask})
        output = model(**batch, **states, **self.asked[0])
        shape = shape[0], self.steps(model.config, shape[1])
        for name in ("last_hidden_state", "pooler_output", "pooling_weights"):
            if name in output:
                assert (
                    output[name].shape[: 1 + (name in PER_TOKEN)]
                    == shape[: 1 + (name in PER_TOKEN)]
                )
                assert not output[name].any(), name
        for name, state in states.items():
            assert torch.equal(output[name.replace("initial", "final")], state)
        if "logits" in output and has_time("logits", output.logits):
            assert output.logits.shape[:2] == shape
            self.check_padding(output.logits.flatten(0, 1))
        elif "logits" in output:  # of pooled zeros
            assert torch.equal(output.logits, model.classifier.bias.expand(shape[0], -1))
        first = next(iter(output.values()))
        _backward((first[0] if isinstance(first, tuple) else first).sum())
        for name, parameter in model.named_parameters():
            assert parameter.grad is None or parameter.grad.isfinite().all(), name

    def test_without_mask_every_position_counts(self, auto_class: str, variant: str) -> None:
        model = self.make(auto_class, variant)
        ids = torch.tensor([[3, 4, 0, 0], [5, 0, 6, 7]])
        batch = self.inputs({"input_ids": ids})
        bare, masked = model(**batch), model(**batch, attention_mask=ids * 0 + 1)
        for name, value in bare.items():
            torch.testing.assert_close(value, masked[name], rtol=0, atol=1e-5)

    def test_pad_ids_without_a_mask_warn_once(
        self, auto_class: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        logger, messages = logging.getLogger("transformers.modeling_utils"), []
        monkeypatch.setattr(logger, "warning", lambda message: messages.append(message))
        type(logger).warning_once.cache_clear()
        model = self.make(auto_class, next(iter(self.variants)))
        for ids, warned in (([[3, 4, 5]], 0), ([[3, 4, 0]], 1), ([[5, 3, 0]], 1)):
            model(**self.inputs({"input_ids": torch.tensor(ids)}))
            assert len(messages) == warned
        assert "attention_mask" in messages[0]
