"""How far back the loss of the last step reaches, and which gates are saturated.

A recurrent layer forgets where the gradient of a late loss by an early state has vanished, and it
is hard to train where that gradient has exploded (Bengio, Simard and Frasconi 1994; Pascanu,
Mikolov and Bengio 2013). ``gradient_flow`` measures it on the step-by-step path of ``cells.py``,
where each state is a node of the graph. The fast paths have no such nodes: with torch's kernels the
gradient by the outputs that they return is 0 everywhere except at the last step.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from .._wording import counted
from ..models.causal import CausalLanguageModel
from ..models.classification import PooledClassifier
from ..models.loss import IGNORED, sequence_classification_loss, token_classification_loss
from ..models.model_inputs import ModelInputs, embed
from ..models.pooling import LastPooling
from ..models.recurrent_layer import RecurrentLayer
from ..models.tagging import Tagger
from .gradient_numbers import GateSaturation, GradientFlow, StateFlow
from .layer_recorder import DIRECTIONS, LayerRecorder

LOSSES = ("last", "whole")


@dataclass(frozen=True, eq=False)
class StateGradients:
    """The gradient by one kind of state of one layer and direction.

    Attributes:
        layer: The layer, from 1.
        direction: "forward" or "backward".
        state: "hidden", or "cell" for the cell state of an LSTM.
        values: (rows, steps, hidden_size) float64; ``values[row, k]`` is the gradient by the state
            ``k`` steps before the last one, NaN where the row has no such step.
    """

    layer: int
    direction: str
    state: str
    values: Tensor


def gradient_flow(model: Any, batch: Mapping[str, Any], *, loss: str = "last") -> GradientFlow:
    """Return the gradient of the last step's loss by the state of each step, and saturated gates.

    The loss of the last step is computed, for each row of the batch, from one output of the top
    layer:

    - a classifier: the loss that it would have with ``"last"`` pooling, so that every way to an
      early state leads through the recurrence, whatever its own pooling is;
    - a tagger: the loss of the last token that has a label, without the transitions of a CRF. The
      last step of the backward direction is its first token with a label, so the states of that
      direction get the gradient of that token's loss;
    - a language model: the loss of the last token, predicted from the one before;
    - without labels: the score of the most probable label, or next token, in place of the loss;
    - a base model: the sum of the last output of each direction.

    Everything is computed in float64 and in evaluation mode, without dropout, whatever the
    precision of the model; its weights, their gradients and the random generators do not change.
    The gradient by the hidden state of an LSTM does not include the way through its cell state,
    which does not depend on it; the one by its cell state includes all ways.

    Args:
        model: ``RecurrentModel`` or a head over it, with any cell.
        batch: The inputs of its forward pass, and the labels if there are any. Rows may have
            different lengths, and padding on either side.
        loss: "last" for the loss of the last step; "whole" for the loss that the model is trained
            with, which reaches every step also by its pooling or by the labels of other tokens.

    Raises:
        ValueError: If the model has no recurrent layers, no row has two steps, ``loss`` is unknown
            or needs labels that are missing, or the inputs do not fit the model.

    Example:
        >>> import torch
        >>> from hf_recurrent import RecurrentConfig, RecurrentModel
        >>> from hf_recurrent.training import gradient_flow
        >>> model = RecurrentModel(RecurrentConfig(vocab_size=100, cell_type="gru"))
        >>> flow = gradient_flow(model, {"input_ids": torch.randint(1, 100, (4, 20))})
        >>> flow.states[0].norms.shape
        (4, 20)
    """
    found, gates, of = _measure(model, batch, loss)
    states = [
        StateFlow(each.layer, each.direction, each.state, each.values.norm(dim=-1).numpy())
        for each in found
    ]
    return GradientFlow(model.config.cell_type, of, tuple(states), tuple(gates))


def state_gradients(
    model: Any, batch: Mapping[str, Any], *, loss: str = "last"
) -> list[StateGradients]:
    """Return the gradients themselves, whose norms are the result of ``gradient_flow``."""
    return _measure(model, batch, loss)[0]


def _measure(
    model: Any, batch: Mapping[str, Any], loss: str
) -> tuple[list[StateGradients], list[GateSaturation], str]:
    """Return the gradients, the saturation of the gates, and what the gradients are of."""
    base = _base_of(model)
    if loss not in LOSSES:
        raise ValueError(f"loss is {loss!r}, expected one of {', '.join(LOSSES)}.")
    device = model.device
    arguments = {
        name: value.to(device) if isinstance(value, Tensor) else value
        for name, value in batch.items()
    }
    precision = torch.float32 if device.type == "mps" else torch.float64
    with ExitStack() as stack:
        for context in (
            torch.inference_mode(False),
            torch.enable_grad(),
            torch.autocast(device.type, enabled=False),
            _evaluating(model),
        ):
            stack.enter_context(context)
        arguments, mask = _embedded(base, arguments, precision)
        lengths = mask.sum(1)
        if not len(lengths) or int(lengths.max()) < 2:
            longest = counted(int(lengths.max()) if len(lengths) else 0, "step")
            raise ValueError(
                f"the longest row of the batch has {longest}, expected at least 2: the gradient "
                "flows from one step to the step before."
            )
        recorders = [LayerRecorder(layer) for layer in base.layers]
        for recorder in recorders:
            stack.enter_context(recorder.recording())
        if loss == "whole":
            targets = [_whole_loss(model, arguments, lengths)]
        else:
            targets = _last_losses(model, base, arguments, mask)
        found = _gradients(recorders, targets)
    if max(each.values.shape[1] for each in found) < 2:
        raise ValueError(
            "no row of the batch has 2 steps up to its last label, so no gradient flows from one "
            "step to the step before."
        )
    gates = [
        GateSaturation(number, *rest)
        for number, recorder in enumerate(recorders, 1)
        for rest in recorder.saturation()
    ]
    return found, gates, targets[0].of


def _base_of(model: Any) -> Any:
    """Return the base model.

    Raises:
        ValueError: If it has no recurrent layers.
    """
    base = getattr(model, "base_model", model)
    layers = getattr(base, "layers", None)
    name = type(model).__name__
    if not isinstance(layers, nn.ModuleList) or not len(layers):
        raise ValueError(
            f"{name} has no recurrent layers, expected RecurrentModel or a head over it."
        )
    for number, layer in enumerate(layers, 1):
        if not isinstance(layer, RecurrentLayer):
            raise ValueError(
                f"layer {number} of {name} is {type(layer).__name__}, expected a RecurrentLayer, "
                "whose steps can be seen one by one."
            )
    return base


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """Set evaluation mode, and at the end the mode that each module had."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def _embedded(
    base: Any, arguments: dict[str, Any], precision: torch.dtype
) -> tuple[dict[str, Any], Tensor]:
    """Replace what the input layer reads by its vectors, and return them with the mask."""
    layer = base.embed_tokens
    names = {base.main_input_name, "inputs_embeds", *getattr(layer, "extra_inputs", ())}
    given = {name: arguments.get(name) for name in names}
    inputs = ModelInputs.of(base.main_input_name, arguments.get("attention_mask"), given)
    with torch.no_grad():
        vectors = embed(layer, inputs).to(precision)
    rest = {name: value for name, value in arguments.items() if name not in names}
    return {**rest, "inputs_embeds": vectors.requires_grad_()}, inputs.mask


def _call(
    module: Any, precision: torch.dtype, embedding: nn.Module | None, *args: Any, **kwargs: Any
) -> Any:
    """Call a module with its weights in another precision, except those of the input layer."""
    names = {name for name, part in module.named_modules() if part is embedding}
    left_out = tuple(f"{name}." for name in names)
    weights = {
        name: weight.detach().to(precision)
        for name, weight in module.named_parameters(remove_duplicate=False)
        if not name.startswith(left_out)
    }
    return functional_call(module, weights, args, kwargs)


@dataclass(frozen=True, eq=False)
class _Target:
    """A loss, and the step at which it is.

    Attributes:
        loss: The sum of the losses of all rows.
        kept: (batch, bool) the rows that have a loss.
        ends: (batch,) for each direction the number of the token at which its last step is.
        of: What the loss is, in words.
    """

    loss: Tensor
    kept: Tensor
    ends: tuple[Tensor, ...]
    of: str


def _whole_loss(model: Any, arguments: dict[str, Any], lengths: Tensor) -> _Target:
    if arguments.get("labels") is None or model is model.base_model:
        raise ValueError(
            "loss is 'whole', and that needs a model with a head and a batch with labels: give "
            "both, or loss 'last'."
        )
    precision = arguments["inputs_embeds"].dtype
    outputs = _call(model, precision, model.base_model.embed_tokens, **arguments)
    ends = (lengths - 1, torch.zeros_like(lengths))
    return _Target(outputs.loss * len(lengths), lengths > 0, ends, "the whole loss")


def _last_losses(model: Any, base: Any, arguments: dict[str, Any], mask: Tensor) -> list[_Target]:
    """Return the loss of the last step; for a tagger that of each direction."""
    taken = ("labels", "shift_labels", "word_starts")
    labels, shifted, starts = (arguments.pop(name, None) for name in taken)
    precision = arguments["inputs_embeds"].dtype
    hidden = _call(base, precision, base.embed_tokens, **arguments).last_hidden_state
    score = partial(_score, model, precision)
    rows = torch.arange(len(mask), device=mask.device)
    # Of each row the columns of its tokens in order, those of the padding behind them.
    tokens = (~mask).long().argsort(dim=1, stable=True)
    numbers = mask.cumsum(1) - 1
    before = 0
    if isinstance(model, CausalLanguageModel):
        # A token predicts the one behind it, whose label it is; shifted labels are in its place.
        before = 0 if shifted is not None or labels is None else 1
        labels = labels if shifted is None else shifted
    elif not isinstance(model, Tagger):
        pooling = LastPooling(base.config.hidden_size, base.config.num_directions)
        lengths, kept = mask.sum(1), mask.any(1)
        if isinstance(labels, Tensor) and not labels.is_floating_point() and labels.dim() == 1:
            kept = kept & (labels != IGNORED)
        loss, of = score(pooling(hidden, mask)[0], labels, kept)
        return [_Target(loss, kept, (lengths - 1, torch.zeros_like(lengths)), of)]
    usable = mask & (numbers >= before)
    if starts is not None:
        usable = usable & starts.bool()
    if labels is not None:
        usable = usable & (labels != IGNORED)
    kept = usable.any(1)
    targets = []
    for column in _last_and_first(usable)[: base.config.num_directions]:
        end = (numbers[rows, column] - before).clamp(min=0)
        of_rows = None if labels is None else labels[rows, column]
        loss, of = score(hidden[rows, tokens[rows, end]], of_rows, kept)
        targets.append(_Target(loss, kept, (end, end), of))
    return targets


def _last_and_first(usable: Tensor) -> tuple[Tensor, Tensor]:
    """Return the last and the first column of each row that is true."""
    last = usable.shape[1] - 1 - usable.flip(1).long().argmax(1)
    return last, usable.long().argmax(1)


def _score(
    model: Any, precision: torch.dtype, states: Tensor, labels: Tensor | None, kept: Tensor
) -> tuple[Tensor, str]:
    """Return the sum of the losses of the rows that are kept, and what it is.

    Args:
        model: The model.
        precision: Precision to compute in.
        states: (batch, output_size) the state of each row from which its loss is computed.
        labels: Its label, if there are labels.
        kept: (batch, bool) the rows that have a loss.
    """
    if not kept.any():
        raise ValueError("no row of the batch has a label, expected a label other than -100.")
    states = states[kept]
    if model is model.base_model:
        return states.sum(), "the sum of the last output"
    head: list[nn.Module]
    if isinstance(model, CausalLanguageModel):
        head = [model.lm_head] if model.projection is None else [model.projection, model.lm_head]
    elif isinstance(model, PooledClassifier | Tagger):
        head = [model.classifier]
    else:
        raise ValueError(
            f"the loss of the last step of {type(model).__name__} is not known, expected a "
            "classifier, a tagger, a language model or a base model: give loss 'whole' and a "
            "batch with labels."
        )
    logits = states
    for layer in head:
        logits = _call(layer, precision, None, logits)
    if labels is None:
        return logits.amax(-1).sum(), "the score of the last step"
    labels = labels[kept]
    if isinstance(model, PooledClassifier):
        loss = sequence_classification_loss(logits, labels, model.config) * len(states)
    elif isinstance(model, Tagger):
        loss = token_classification_loss(logits.unsqueeze(1), labels.unsqueeze(1), model.config)
        loss = loss * len(states)
    else:
        loss = nn.functional.cross_entropy(logits, labels.long(), reduction="sum")
    return loss, "the loss of the last step"


def _gradients(recorders: list[LayerRecorder], targets: list[_Target]) -> list[StateGradients]:
    """Return the gradient by the states of each layer and direction, aligned at the last step.

    Args:
        recorders: The layers, with their states.
        targets: The loss whose gradient the states of all directions get, or one for each.
    """
    lengths = recorders[0].lengths.cpu()
    found: dict[tuple[int, str, int], StateGradients] = {}
    for number, target in enumerate(targets):
        places: list[tuple[int, str, int]] = []
        states: list[Tensor] = []
        for layer, recorder in enumerate(recorders, 1):
            for direction, kind, steps in recorder.states():
                if len(targets) == 1 or direction == number:
                    places.append((layer, kind, direction))
                    states += steps
        gradients = torch.autograd.grad(
            target.loss, states, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        tokens = len(states) // len(places)
        kept = target.kept.cpu()
        for place, (layer, kind, direction) in enumerate(places):
            own = gradients[place * tokens : (place + 1) * tokens]
            values = torch.stack(own, dim=1).cpu().double()[kept]
            ends = target.ends[direction].cpu()[kept]
            aligned = _aligned(values, lengths[kept], ends, direction)
            found[layer, kind, direction] = StateGradients(
                layer, DIRECTIONS[direction], kind, aligned
            )
    return [found[layer, kind, direction] for layer, kind, direction in sorted(found)]


def _aligned(values: Tensor, lengths: Tensor, ends: Tensor, direction: int) -> Tensor:
    """Return gradients (rows, steps, hidden_size) in the order of the steps before the last one.

    Args:
        values: (rows, tokens, hidden_size) in the order of the tokens.
        lengths: (rows,) the number of tokens.
        ends: (rows,) the token at which the last step of the direction is.
        direction: 0 forward, 1 backward.
    """
    counts = lengths - ends if direction else ends + 1
    back = torch.arange(int(counts.max()))
    tokens = ends.unsqueeze(1) + (back if direction else -back)
    index = tokens.clamp(0, values.shape[1] - 1).unsqueeze(-1).expand(-1, -1, values.shape[2])
    real = back < counts.unsqueeze(1)
    return values.gather(1, index).where(real.unsqueeze(-1), torch.nan)
