"""Optimizers that update only the rows of a table that a step has read.

A step of a sampled loss reads some thousand rows of a table of words or items. With a dense
gradient it would still write a gradient, moments and an update for all of them, which takes most of
its time and memory from some 100,000 rows on (``docs/results/output-loss.txt``).
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class SparseGradients(TrainerCallback):
    """Let the tables of a language model have sparse gradients while a ``Trainer`` trains.

    These are the input embedding, and the output layer with its bias if the output loss is sampled.
    Tied tables are one table, whose gradient is the sum of both.

    It needs one of the optimizers of this module, which clips by itself (``max_norm``), since the
    clipping of ``Trainer`` refuses sparse gradients. The norm that ``Trainer`` logs is that of the
    other gradients.

    Raises:
        ValueError: In training, if the optimizer is another one, ``max_grad_norm`` is not 0, or
            there are several processes, devices or fp16.

    Example:
        >>> from transformers import Trainer, TrainingArguments
        >>> from hf_recurrent.training import RowAdagrad, SparseGradients
        >>> arguments = TrainingArguments("out", max_grad_norm=0, report_to="none")
        >>> optimizer = RowAdagrad, {"lr": 0.1, "max_norm": 1.0}
        >>> # Trainer(model, arguments, train_dataset=rows, callbacks=[SparseGradients()],
        >>> #         optimizer_cls_and_kwargs=optimizer)
    """

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Check the optimizer and the arguments, and begin."""
        optimizer = kwargs.get("optimizer")
        optimizer = getattr(optimizer, "optimizer", optimizer)  # accelerate wraps it
        if not isinstance(optimizer, RowOptimizer):
            raise ValueError(
                f"the optimizer is {type(optimizer).__name__}, and SparseGradients needs one with "
                "row-sparse updates: give Trainer optimizer_cls_and_kwargs=(RowAdagrad, {...})"
            )
        if args.max_grad_norm:
            raise ValueError(
                f"max_grad_norm is {args.max_grad_norm}, and Trainer cannot clip sparse gradients: "
                "give max_grad_norm=0 to TrainingArguments, and max_norm to the optimizer"
            )
        if args.world_size > 1 or args.n_gpu > 1 or args.fp16:
            raise ValueError(
                "SparseGradients trains on one device in fp32 or bf16: start one process without "
                "fp16"
            )
        set_sparse_gradients(kwargs["model"], True)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Let gradients be dense again."""
        set_sparse_gradients(kwargs["model"], False)


def set_sparse_gradients(model: Any, sparse: bool) -> None:
    """Set whether the tables of a language model have sparse gradients."""
    table = model.get_input_embeddings()
    if isinstance(table, nn.Embedding):
        table.sparse = sparse
    if getattr(model, "sampled_loss", None) is not None:
        model.sampled_loss.sparse_gradients = sparse


class RowOptimizer(torch.optim.Optimizer):
    """The base class: clipping, and updates of whole tensors or of some of their rows.

    A row without a gradient in a step is left as it is, and so is its state: it has no momentum and
    no weight decay in this step. Gradients that are dense get a plain update.

    A sparse gradient is taken away from the parameter as soon as it is complete, so that nothing
    that knows only dense ones meets it; ``parameter.sparse_rows`` holds it until the step.

    Args:
        params: Parameters or groups, as for any optimizer; ``weight_decay`` of a group is
            decoupled, as that of AdamW.
        max_norm: The largest norm of the whole gradient, sparse parts included; a longer one is
            shortened. ``None`` for no clipping.
        **defaults: The numbers of the rule.

    Raises:
        ValueError: If a number is out of its range.
    """

    # The states of a parameter, each of its shape.
    states: tuple[str, ...] = ()

    def __init__(self, params: Iterable[Any], max_norm: float | None = None, **defaults: Any):
        if max_norm is not None and not 0 < max_norm < math.inf:
            raise ValueError(f"max_norm is {max_norm}, expected a number greater than 0")
        for name in ("lr", "eps", "weight_decay"):
            if name in defaults and not 0 <= defaults[name] < math.inf:
                raise ValueError(f"{name} is {defaults[name]}, expected at least 0")
        for name in ("momentum", "beta1", "beta2"):
            if name in defaults and not 0 <= defaults[name] < 1:
                raise ValueError(f"{name} is {defaults[name]}, expected at least 0 and below 1")
        super().__init__(params, defaults)
        self.max_norm = max_norm
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.requires_grad and not hasattr(parameter, "sparse_rows"):
                    parameter.sparse_rows = []
                    parameter.register_post_accumulate_grad_hook(_take_rows)

    def change(self, group: dict[str, Any], grad: Tensor, step: int, *states: Tensor) -> Tensor:
        """Return what is added to a parameter, or to its rows, and change the states in place.

        Args:
            group: The numbers of the rule.
            grad: The gradient.
            step: 1 for the parameter's first step.
            *states: The states in their order, of the shape of the gradient.
        """
        raise NotImplementedError

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients."""
        super().zero_grad(set_to_none)
        for group in self.param_groups:
            for parameter in group["params"]:
                if hasattr(parameter, "sparse_rows"):
                    parameter.sparse_rows = []

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take one step.

        Args:
            closure: Computes the loss and the gradients, if they are not there yet.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        found = []
        for group in self.param_groups:
            for parameter in group["params"]:
                for rows, grad in _gradient(parameter):
                    found.append((group, parameter, rows, grad))
        if self.max_norm is not None and found:
            norms = torch.stack([torch.linalg.vector_norm(grad).double() for *_, grad in found])
            factor = self.max_norm / (norms.norm() + 1e-6)  # as torch does
            if bool(factor < 1):
                for *_, grad in found:
                    grad.mul_(factor.to(grad.dtype))
        for one in found:
            self._update(*one)
        return loss

    def _update(
        self, group: dict[str, Any], parameter: Tensor, rows: Tensor | None, grad: Tensor
    ) -> None:
        own = self.state[parameter]
        own["step"] = own.get("step", 0) + 1
        for name in self.states:
            if name not in own:  # a first step, or a checkpoint of a run without momentum
                own[name] = torch.zeros_like(parameter, memory_format=torch.preserve_format)
        decay = group["lr"] * group.get("weight_decay", 0.0)
        whole = [own[name] for name in self.states]
        if rows is None:
            change = self.change(group, grad, own["step"], *whole)
            if decay:
                parameter.mul_(1 - decay)
            parameter.add_(change)
            return
        states = [state.index_select(0, rows) for state in whole]
        change = self.change(group, grad, own["step"], *states)
        if decay:
            change = change - decay * parameter.index_select(0, rows)
        parameter.index_add_(0, rows, change)
        for state, of_rows in zip(whole, states, strict=True):
            state.index_copy_(0, rows, of_rows)


class RowAdagrad(RowOptimizer):
    """Adagrad (Duchi et al. 2011) with the momentum of GRU4Rec (Hidasi and Karatzoglou 2018).

    With the gradient g, a += g^2, v = momentum v - lr g / sqrt(a + eps), and v is added. The eps is
    inside the root, and the momentum is plain.

    Args:
        params: Parameters or groups.
        lr: The learning rate.
        momentum: 0 for none.
        eps: Added to the sum of squares.
        weight_decay: Decoupled; of the rows that a step has read only.
        max_norm: The largest norm of the whole gradient.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 0.05,
        momentum: float = 0.0,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        max_norm: float | None = None,
    ) -> None:
        self.states = ("squares", "velocity") if momentum else ("squares",)
        numbers = {"momentum": momentum, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, max_norm, lr=lr, **numbers)

    def change(self, group: dict[str, Any], grad: Tensor, step: int, *states: Tensor) -> Tensor:
        """Return the change by Adagrad; see ``RowOptimizer.change``."""
        squares, *velocity = states
        squares.addcmul_(grad, grad)
        change = (squares + group["eps"]).rsqrt_().mul_(grad).mul_(-group["lr"])
        if not velocity:
            return change
        return velocity[0].mul_(group["momentum"]).add_(change)


class RowAdam(RowOptimizer):
    """Adam (Kingma and Ba 2015) whose moments change only where a row has a gradient.

    Known as lazy Adam. The bias is corrected by the number of steps of the whole table.

    Args:
        params: Parameters or groups.
        lr: The learning rate.
        betas: Decay of the mean and of the mean square.
        eps: Added to the root.
        weight_decay: Decoupled, as that of AdamW; of the rows that a step has read only.
        max_norm: The largest norm of the whole gradient.
    """

    states = ("mean", "mean_square")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        max_norm: float | None = None,
    ) -> None:
        numbers = {"beta1": betas[0], "beta2": betas[1], "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, max_norm, lr=lr, **numbers)

    def change(self, group: dict[str, Any], grad: Tensor, step: int, *states: Tensor) -> Tensor:
        """Return the change by Adam; see ``RowOptimizer.change``."""
        mean, square = states
        first, second = group["beta1"], group["beta2"]
        mean.lerp_(grad, 1 - first)
        square.mul_(second).addcmul_(grad, grad, value=1 - second)
        root = (square / (1 - second**step)).sqrt_().add_(group["eps"])
        return (mean / root).mul_(-group["lr"] / (1 - first**step))


class RowSGD(RowOptimizer):
    """Plain gradient descent.

    Args:
        params: Parameters or groups.
        lr: The learning rate.
        weight_decay: Of the rows that a step has read only.
        max_norm: The largest norm of the whole gradient.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        weight_decay: float = 0.0,
        max_norm: float | None = None,
    ) -> None:
        super().__init__(params, max_norm, lr=lr, weight_decay=weight_decay)

    def change(self, group: dict[str, Any], grad: Tensor, step: int, *states: Tensor) -> Tensor:
        """Return the change by gradient descent; see ``RowOptimizer.change``."""
        return grad * -group["lr"]


def _take_rows(parameter: Any) -> None:
    """Take a sparse gradient away from a parameter."""
    grad = parameter.grad
    if grad is not None and grad.is_sparse:
        parameter.sparse_rows.append(grad)
        parameter.grad = None


def _gradient(parameter: Any) -> list[tuple[Tensor | None, Tensor]]:
    """Return the rows that have a gradient, ``None`` for all of them, and the gradient.

    The list is empty if there is no gradient. A table that has both kinds gets a dense one.
    """
    if hasattr(parameter, "sparse_rows"):
        _take_rows(parameter)  # computed before the optimizer was made
    taken, dense = getattr(parameter, "sparse_rows", []), parameter.grad
    if not taken:
        return [] if dense is None else [(None, dense)]
    parameter.sparse_rows = []
    rows = torch.cat([part._indices()[0] for part in taken])
    values = torch.cat([part._values() for part in taken])
    if dense is not None:
        return [(None, dense.index_add_(0, rows, values))]
    kept, places = rows.unique(return_inverse=True)
    summed = values.new_zeros(len(kept), *values.shape[1:]).index_add_(0, places, values)
    return [(kept, summed)]
