"""Recurrent forecasters: the distribution of the next values of a series."""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from transformers import initialization as init
from transformers.utils import ModelOutput, can_return_tuple

from .configuration_recurrent_time_series import RecurrentTimeSeriesConfig
from .forecast_distributions import DISTRIBUTIONS
from .forecasting import Forecaster
from .initialization import init_module
from .past_covariates import carried_on, check_covariates, read_covariates
from .ragged import TokenColumns
from .saving import CheckpointModel
from .series_inputs import (
    Past,
    SeriesInputs,
    carried_forward,
    check_features,
    known,
    lagged,
    read_past,
    static_inputs,
    step_features,
    with_future,
)
from .series_scaling import Scale, find_scale
from .stack import RecurrentStack


@dataclass
class TimeSeriesModelOutput(ModelOutput):
    """Output of ``RecurrentTimeSeriesModel``.

    Args:
        last_hidden_state: (batch, context + future, output_size), each row's steps at the end, 0 on
            padding. The state of a step has read all values before it, and none of its own.
        hidden_states: What the first layer reads and each layer's output, likewise, on
            ``output_hidden_states=True``.
        loc: (batch, 1) what was subtracted from the values of each row.
        scale: (batch, 1) what they were divided by.
        final_hidden_state: (batch, layers, hidden_size), after the last step, on
            ``output_final_state=True``.
        final_cell_state: Likewise, for an LSTM.
    """

    last_hidden_state: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    loc: Tensor | None = None
    scale: Tensor | None = None
    final_hidden_state: Tensor | None = None
    final_cell_state: Tensor | None = None


@dataclass
class TimeSeriesPredictionOutput(ModelOutput):
    """Output of ``RecurrentForTimeSeriesPrediction``.

    Args:
        loss: The mean over all steps of the future, on ``future_values``.
        params: The parameters of the scaled values of the future, each (batch, future), or
            quantiles (batch, future, levels); without ``future_values`` those of its first step.
        loc: (batch, 1) what was subtracted from the values of each row.
        scale: (batch, 1) what they were divided by.
        hidden_states: As ``RecurrentTimeSeriesModel`` gives them.
        final_hidden_state: Likewise.
        final_cell_state: Likewise.
    """

    loss: Tensor | None = None
    params: tuple[Tensor, ...] | None = None
    loc: Tensor | None = None
    scale: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    final_hidden_state: Tensor | None = None
    final_cell_state: Tensor | None = None


class RecurrentTimeSeriesPreTrainedModel(CheckpointModel):
    """Base class of the models of this family."""

    config_class = RecurrentTimeSeriesConfig
    base_model_prefix = "model"
    main_input_name = "past_values"
    supports_gradient_checkpointing = True
    config: RecurrentTimeSeriesConfig
    # How many steps of the future are read where no value of it is given.
    unknown_steps: ClassVar[int] = 0

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear) and self.config.anchor_lag is not None:
            # The change since the anchor begins at 0, so that training begins at a naive forecast.
            init.zeros_(module.weight)
            init.zeros_(module.bias)
            return
        init_module(module, float(self.config.initializer_range))

    @property
    def dummy_inputs(self) -> dict[str, Tensor]:
        """Examples of the model's inputs: one series."""
        config = self.config
        inputs = {"past_values": torch.ones(1, config.past_length)}
        width = config.num_step_features
        if width:
            inputs["past_time_features"] = torch.zeros(1, config.past_length, width)
            inputs["future_time_features"] = torch.zeros(1, 1, width)
        if count := config.num_past_dynamic_real_features:
            inputs["past_dynamic_real_features"] = torch.zeros(1, config.past_length, count)
        if config.num_static_real_features:
            inputs["static_real_features"] = torch.zeros(1, config.num_static_real_features)
        if config.num_static_categorical_features:
            zeros = torch.zeros(1, config.num_static_categorical_features, dtype=torch.long)
            inputs["static_categorical_features"] = zeros
        return inputs

    @can_return_tuple
    def forward(
        self,
        past_values: Tensor,
        past_time_features: Tensor | None = None,
        past_observed_mask: Tensor | None = None,
        static_categorical_features: Tensor | None = None,
        static_real_features: Tensor | None = None,
        future_values: Tensor | None = None,
        future_time_features: Tensor | None = None,
        future_observed_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        past_dynamic_real_features: Tensor | None = None,
        output_final_state: bool = False,
        output_hidden_states: bool | None = None,
        return_loss: bool = True,
        **kwargs: Any,
    ) -> ModelOutput:
        """Read a batch; the base model returns the states, a head what it predicts from them.

        Args:
            past_values: (batch, past) the values so far, of any length; of more than
                ``config.past_length`` the last are read. NaN is a missing value.
            past_time_features: (batch, past, features) the time features and then the dynamic real
                features of each step, if the configuration has any.
            past_observed_mask: (batch, past), nonzero where a value is known.
            static_categorical_features: (batch, categories) ids, if the configuration has any.
            static_real_features: (batch, numbers), if the configuration has any.
            future_values: (batch, future) the values that follow. Each is read by the steps after
                it, and predicted from all before it. Without it a head predicts the first step.
            future_time_features: (batch, future, features), as of the past; a head needs those of
                the first step without ``future_values`` too.
            future_observed_mask: (batch, future), nonzero where a value is known.
            attention_mask: (batch, past), nonzero on steps that exist; padding may be on either
                side, and zeros between are steps left out. The steps before a row's first value
                are padding anyway.
            past_dynamic_real_features: (batch, past, numbers) the covariates that are known of the
                past alone, if the configuration has any; NaN is a missing one. See
                ``past_covariates.py``.
            output_final_state: Whether to return the final states.
            output_hidden_states: Whether to return every layer's output.
            return_loss: Not read; ``Trainer`` sees by it that a head finds its loss without
                ``labels``, and evaluates it.
            **kwargs: Ignored, as ``Trainer`` passes more arguments than are needed.

        Raises:
            ValueError: If an argument is missing or has a wrong shape, or a head predicts counts
                and a known value is none.
        """
        steps = self.unknown_steps if future_values is None else future_values.shape[-1]
        if future_values is None and future_time_features is not None:
            future_time_features = future_time_features[:, :steps]
        model: Any = self.base_model
        inputs = model.read(
            past_values,
            past_time_features,
            past_observed_mask,
            static_categorical_features,
            static_real_features,
            future_values,
            future_time_features,
            future_observed_mask,
            attention_mask,
            past_dynamic_real_features,
            steps,
        )
        outputs = model.run(
            inputs,
            output_final_state=output_final_state,
            output_hidden_states=output_hidden_states,
        )
        return self.finish(inputs, outputs, steps, future_values is not None)

    def finish(
        self, inputs: SeriesInputs, outputs: dict[str, Any], future_steps: int, given: bool
    ) -> ModelOutput:
        """Return what the model gives for a batch that was read.

        Args:
            inputs: The batch.
            outputs: What ``RecurrentTimeSeriesModel.run`` returned for it.
            future_steps: How many of its steps are the future.
            given: Whether the values of these were given.
        """
        raise NotImplementedError


class RecurrentTimeSeriesModel(RecurrentStack, RecurrentTimeSeriesPreTrainedModel):
    """The layers of a forecaster, over the scaled and lagged values of series.

    Example:
        >>> import torch
        >>> from hf_recurrent import RecurrentTimeSeriesConfig, RecurrentTimeSeriesModel
        >>> model = RecurrentTimeSeriesModel(RecurrentTimeSeriesConfig(prediction_length=5))
        >>> model(torch.rand(2, 12)).last_hidden_state.shape
        torch.Size([2, 5, 40])
    """

    def __init__(self, config: RecurrentTimeSeriesConfig) -> None:
        super().__init__(config)
        sizes = zip(config.cardinality or (), config.embedding_dimension or (), strict=True)
        self.embedders = nn.ModuleList(nn.Embedding(many, width) for many, width in sizes)
        # The lags, the mark of a missing value, the location and the scale.
        width = len(config.lags_sequence) + 3 + config.num_step_features
        width += 2 * config.num_past_dynamic_real_features  # each with its mark
        width += config.num_static_real_features + sum(config.embedding_dimension or ())
        self.add_layers(width)
        self.post_init()

    def freeze_as_configured(self) -> None:
        """Do nothing: no field keeps a part out of training. Loading a checkpoint calls it."""

    @property
    def value_dtype(self) -> torch.dtype:
        """The dtype of values and scales, which half precision would be too coarse for."""
        return torch.promote_types(self.dtype, torch.float32)

    def read(
        self,
        past_values: Tensor,
        past_time_features: Tensor | None = None,
        past_observed_mask: Tensor | None = None,
        static_categorical_features: Tensor | None = None,
        static_real_features: Tensor | None = None,
        future_values: Tensor | None = None,
        future_time_features: Tensor | None = None,
        future_observed_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        past_dynamic_real_features: Tensor | None = None,
        future_steps: int = 0,
    ) -> SeriesInputs:
        """Return a batch as the layers read it.

        The arguments are those of ``forward``. ``future_steps`` says how many steps of the future
        the layers read; the values of all but the last must be given.
        """
        config = self.config
        for name, values in (("past_values", past_values), ("future_values", future_values)):
            if values is not None and values.dim() != 2:
                raise ValueError(
                    f"{name} has shape {tuple(values.shape)}, expected two dimensions, (batch, "
                    "time): each series is a row"
                )
        width, dtype = config.num_step_features, self.value_dtype
        values = past_values.to(dtype)
        rows = len(values)
        features = step_features("past_time_features", past_time_features, values, width)
        covariates = check_covariates(
            past_dynamic_real_features, values, config.num_past_dynamic_real_features
        )
        past = read_past(
            config.past_length,
            values,
            known(values, past_observed_mask, "past"),
            torch.cat([features.to(dtype), covariates.to(dtype)], dim=-1),
            attention_mask,
        )
        assert config.context_length is not None
        lag = config.anchor_lag or 1
        kind = None if config.scaling is None else str(config.scaling)
        context = config.context_length
        scale = find_scale(kind, past.values, past.observed, context, lag)
        covariates = past.features[..., width:]
        covariates = read_covariates(kind, covariates, past.exists, context, lag)
        past = past._replace(features=past.features[..., :width])
        static_inputs(config, static_categorical_features, static_real_features, rows)
        parts = [scale.loc.abs().log1p(), scale.scale.log()]
        if static_real_features is not None:
            parts.append(static_real_features.to(dtype))
        if static_categorical_features is not None:
            columns = static_categorical_features.unbind(1)
            parts += [e(c).to(dtype) for e, c in zip(self.embedders, columns, strict=True)]
        static = torch.cat(parts, dim=1)
        if future_steps:
            past = with_future(
                past, future_values, future_observed_mask, future_time_features, future_steps
            )
            covariates = carried_on(covariates, future_steps)
        check_features(past.features, past.features.shape[1] - future_steps)
        history = carried_forward(scale.apply(past.values).where(past.observed, 0), past.observed)
        return self._assemble(past, history, covariates, scale, static)

    def _assemble(
        self, past: Past, history: Tensor, covariates: Tensor, scale: Scale, static: Tensor
    ) -> SeriesInputs:
        """Put what each step reads side by side."""
        config = self.config
        start = config.longest_lag
        mask = past.exists[:, start:]
        before, seen = history[:, :-1], past.observed[:, start - 1 : -1]
        steps = mask.shape[1]
        vectors = torch.cat(
            [
                lagged(before, list(config.lags_sequence), start),
                seen.unsqueeze(-1).to(history),
                past.features[:, start:],
                covariates[:, start - 1 : -1],
                static.unsqueeze(1).expand(-1, steps, -1),
            ],
            dim=-1,
        )
        anchors = history.new_zeros(mask.shape)
        if config.anchor_lag is not None:
            anchors = lagged(before, [config.anchor_lag], start).squeeze(-1)
        vectors = vectors.where(mask.unsqueeze(-1), 0).to(self.dtype)
        return SeriesInputs(
            vectors, mask, anchors, scale, static, past.values, history, past.observed, covariates
        )

    def run(self, inputs: SeriesInputs, **asked: Any) -> dict[str, Any]:
        """Run the layers over a batch; see ``RecurrentStack.run_layers``."""
        steps = inputs.mask.shape[1]
        columns = TokenColumns(0, steps, steps)
        dense = bool(inputs.mask.all())
        return self.run_layers(inputs.vectors, inputs.mask, columns, dense=dense, **asked)

    def finish(
        self, inputs: SeriesInputs, outputs: dict[str, Any], future_steps: int, given: bool
    ) -> TimeSeriesModelOutput:
        """Return the states as they are."""
        return TimeSeriesModelOutput(**outputs, loc=inputs.scale.loc, scale=inputs.scale.scale)


class RecurrentForTimeSeriesPrediction(Forecaster, RecurrentTimeSeriesPreTrainedModel):
    """A recurrent network that predicts a distribution for each next value, as DeepAR does.

    See ``forecasting.py`` for ``generate``.

    The loss is the sum over the known values of ``future_values``, divided by the number of rows
    times that of steps: a part of a batch then counts by its rows, so that the parts of an
    accumulated batch, and ranks, add up to the whole. ``Trainer`` counts no units here, as there
    are no ``labels``.

    Example:
        >>> import torch
        >>> from hf_recurrent import RecurrentForTimeSeriesPrediction, RecurrentTimeSeriesConfig
        >>> config = RecurrentTimeSeriesConfig(prediction_length=5, num_parallel_samples=20)
        >>> model = RecurrentForTimeSeriesPrediction(config).eval()
        >>> model.generate(torch.rand(2, 12)).sequences.shape
        torch.Size([2, 20, 5])
    """

    unknown_steps: ClassVar[int] = 1

    def __init__(self, config: RecurrentTimeSeriesConfig) -> None:
        super().__init__(config)
        self.model = RecurrentTimeSeriesModel(config)
        self.distribution = DISTRIBUTIONS[config.distribution_output](config.quantiles)
        self.parameter_projection = nn.Linear(config.output_size, self.distribution.size)
        self.post_init()

    def finish(
        self, inputs: SeriesInputs, outputs: dict[str, Any], future_steps: int, given: bool
    ) -> TimeSeriesPredictionOutput:
        """Predict the steps of the future, and judge what is predicted of known ones."""
        start = inputs.mask.shape[1] - future_steps
        hidden = outputs.pop("last_hidden_state")[:, start:]
        params = self.params_of(hidden, inputs.anchors[:, start:])
        loss = None
        if given:
            begin = inputs.values.shape[1] - future_steps
            values, observed = inputs.values[:, begin:], inputs.observed[:, begin:]
            self.check_counts(inputs.values[:, :begin], "past_values")
            self.check_counts(values, "future_values")
            losses = self.distribution.loss(params, values, inputs.scale)
            loss = losses.where(observed, 0).sum() / max(1, losses.numel())
        return TimeSeriesPredictionOutput(
            loss=loss, params=params, loc=inputs.scale.loc, scale=inputs.scale.scale, **outputs
        )


RecurrentTimeSeriesConfig.register_for_auto_class()
RecurrentTimeSeriesModel.register_for_auto_class("AutoModel")
RecurrentForTimeSeriesPrediction.register_for_auto_class("AutoModelForTimeSeriesPrediction")
