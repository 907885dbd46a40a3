"""Promise 3: what runs fast gives what the naive form gives, in values and gradients."""

from contextlib import AbstractContextManager

import pytest
import torch

from .batches import LAYOUTS, TIME, columns_of, lay_out, random_rows
from .family import Family
from .padding import ZERO_ON_PADDING, by_row


class FastEqualsNaive(Family):
    """The model as it runs against the model with its layers written out."""

    def naively(self) -> AbstractContextManager:
        """Return a context in which the family's models run in their naive form."""
        raise NotImplementedError

    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_fast_equals_naive(self, auto_class: str, variant: str, layout: str) -> None:
        model = self.make(auto_class, variant).double()
        rows, columns = random_rows(model.config.vocab_size), columns_of(layout)
        batch = lay_out(rows, columns, torch.zeros(len(rows), TIME, dtype=torch.long))
        batch = self.inputs(batch)
        states = {
            name: state.double().requires_grad_()
            for name, state in self.initial_states(model.config, len(rows)).items()
        }
        tuned = {n: p for n, p in model.named_parameters() if p.requires_grad}
        leaves = {**tuned, **states}

        def run() -> tuple[dict, dict]:
            output = model(**batch, **states, **self.asked[0])
            values = {
                f"{row}.{name}": value
                for row, found in enumerate(by_row(output, columns))
                for name, value in found.items()
            }
            values.update({n: output[n] for n in output.keys() & set(ZERO_ON_PADDING)})
            total = sum((v * v.detach().cos()).sum() for v in values.values())
            if not leaves:  # nothing to train, no states
                return values, {}
            grads = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
            return values, dict(zip(leaves, grads, strict=True))

        values, gradients = run()
        with self.naively():
            naive_values, naive_gradients = run()
        for name, value in values.items():
            torch.testing.assert_close(value, naive_values[name], rtol=0, atol=1e-10, msg=name)
        for name, gradient in gradients.items():
            torch.testing.assert_close(
                gradient, naive_gradients[name], rtol=1e-9, atol=1e-10, msg=name
            )
