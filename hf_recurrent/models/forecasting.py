"""Forecasts: paths drawn step by step, each step from what the step before drew.

The past is read once, by one row a series, whatever the number of samples; its states are then
repeated for the samples. A lagged value of a step comes from the past, which all samples of a
series share, or from the path drawn so far, so nothing is copied to move a window on. (A ring
buffer for each sample would hold the past as often as there are samples.) ``path_steps.py``
runs the layers.
"""

import hashlib
from typing import Any

import torch
from torch import Tensor, nn
from transformers.modeling_outputs import SampleTSPredictionOutput

from .forecast_distributions import Kind, Params
from .path_steps import path_steps, shared_vectors
from .series_inputs import check_features, step_features


class Forecaster:
    """The head of a forecaster: the parameters of a step, and samples of the future."""

    config: Any
    model: Any
    distribution: Kind
    parameter_projection: nn.Linear

    def params_of(self, hidden: Tensor, anchors: Tensor) -> Params:
        """Return the parameters of scaled values, from the states (batch, time, size)."""
        raw = self.parameter_projection(hidden).to(anchors.dtype)
        return self.distribution.params(raw, anchors)

    def check_counts(self, values: Tensor, name: str) -> None:
        """Raise ``ValueError`` if the model predicts counts and a value is none."""
        if self.config.distribution_output != "negative_binomial":
            return
        wrong = (values < 0) | (values != values.round())
        if wrong.any():
            raise ValueError(
                f"{name} holds {float(values[wrong][0]):g}, and negative_binomial is for counts: "
                "expected whole numbers of at least 0, or choose another distribution_output"
            )

    @torch.no_grad()
    def generate(
        self,
        past_values: Tensor,
        past_time_features: Tensor | None = None,
        future_time_features: Tensor | None = None,
        past_observed_mask: Tensor | None = None,
        static_categorical_features: Tensor | None = None,
        static_real_features: Tensor | None = None,
        output_attentions: bool | None = None,
        output_hidden_states: bool | None = None,
        *,
        attention_mask: Tensor | None = None,
        past_dynamic_real_features: Tensor | None = None,
        num_parallel_samples: int | None = None,
        prediction_length: int | None = None,
        seeds: Tensor | None = None,
    ) -> SampleTSPredictionOutput:
        """Draw paths of the future.

        The samples of a row depend on torch's seed and on the row's own values, not on what else is
        in the batch, nor on padding. Two rows of the same values get the same samples, unless they
        have seeds of their own.

        Args:
            past_values: (batch, past), and likewise the other inputs; see
                ``RecurrentTimeSeriesModel.forward``.
            past_time_features: (batch, past, features).
            future_time_features: (batch, future, features); its length says how many steps are
                forecast.
            past_observed_mask: (batch, past), nonzero where a value is known.
            static_categorical_features: (batch, categories).
            static_real_features: (batch, numbers).
            output_attentions: Not read; there are none.
            output_hidden_states: Not read.
            attention_mask: (batch, past), nonzero on steps that exist.
            past_dynamic_real_features: (batch, past, numbers), the covariates that are known of the
                past alone.
            num_parallel_samples: How many paths; the configuration has the default.
            prediction_length: How many steps, where ``future_time_features`` does not say it; the
                configuration has the default.
            seeds: (batch,) whole numbers, one for each row, in place of torch's seed and the row's
                values.

        Returns:
            ``sequences`` (batch, samples, future).

        Raises:
            ValueError: If an argument is missing, has a wrong shape or is out of range.
        """
        samples = num_parallel_samples
        if samples is None:
            samples = self.config.num_parallel_samples
        if samples < 1:
            raise ValueError(f"num_parallel_samples is {samples}, expected at least 1")
        steps = self._steps(prediction_length, future_time_features)
        model, rows = self.model, len(past_values)
        inputs = model.read(
            past_values,
            past_time_features,
            past_observed_mask,
            static_categorical_features,
            static_real_features,
            attention_mask=attention_mask,
            past_dynamic_real_features=past_dynamic_real_features,
        )
        self.check_counts(inputs.values, "past_values")
        width = self.config.num_step_features
        future_features = step_features(
            "future_time_features",
            future_time_features,
            inputs.values.new_empty(rows, steps),
            width,
        )
        check_features(future_features, 0)
        noise = self._noise(inputs, seeds, (samples, steps, self.distribution.noise))
        outputs = model.run(inputs, output_final_state=True)
        lags, anchor = list(self.config.lags_sequence), self.config.anchor_lag
        shared = shared_vectors(inputs, future_features, lags).to(model.dtype)
        reader = path_steps(model, shared, outputs, samples)
        scale = inputs.scale.repeated(samples)
        history = inputs.history
        path = history.new_zeros(steps, rows * samples)
        drawn: list[Tensor] = []
        for step in range(steps):
            hidden = reader.run(path, step)
            anchors = path.new_zeros(rows * samples)
            if anchor is not None and anchor <= step:
                anchors = path[step - anchor]
            elif anchor is not None:
                anchors = history[:, step - anchor].repeat_interleave(samples, 0)
            params = self.params_of(hidden, anchors.unsqueeze(1))
            values = self.distribution.draw(params, noise[:, step : step + 1], scale)
            drawn.append(values)
            path[step] = scale.apply(values).squeeze(1)
        sequences = torch.cat(drawn, 1)
        return SampleTSPredictionOutput(sequences=sequences.view(rows, samples, steps))

    def _steps(self, asked: int | None, features: Tensor | None) -> int:
        """Return how many steps are forecast."""
        given = None if features is None else features.shape[1]
        if asked is not None and given is not None and asked != given:
            raise ValueError(
                f"future_time_features has {given} steps, expected prediction_length {asked}"
            )
        steps = next(n for n in (asked, given, self.config.prediction_length) if n is not None)
        if steps < 1:
            raise ValueError(f"prediction_length is {steps}, expected at least 1")
        return int(steps)

    def _noise(self, inputs: Any, seeds: Tensor | None, shape: tuple[int, int, int]) -> Tensor:
        """Return uniform numbers for each row (rows * samples, steps, numbers)."""
        rows = len(inputs.history)
        if seeds is None:
            key = int(torch.randint(2**62, ())).to_bytes(8, "little")
            # The values as they were given: the last bit of a computed one may depend on the batch.
            values = inputs.values.cpu().numpy()
            digests = (hashlib.blake2b(row.tobytes(), key=key, digest_size=7) for row in values)
            own = [int.from_bytes(digest.digest(), "little") for digest in digests]
        else:
            if seeds.shape != (rows,):
                raise ValueError(f"seeds has shape {tuple(seeds.shape)}, expected {(rows,)}")
            own = [int(seed) for seed in seeds]
        noise = inputs.history.new_empty(rows, *shape)
        for row, seed in enumerate(own):
            generator = torch.Generator().manual_seed(seed)
            noise[row] = torch.rand(shape, generator=generator, dtype=torch.float64)
        tiny = torch.finfo(noise.dtype).eps / 2
        return noise.clamp(tiny, 1 - tiny).flatten(0, 1)
