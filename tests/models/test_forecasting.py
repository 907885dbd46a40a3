"""Forecasters: series of any length, scales, distributions, samples; traps of other libraries."""

from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import Trainer, TrainingArguments

from hf_recurrent import RecurrentForTimeSeriesPrediction, RecurrentTimeSeriesConfig
from hf_recurrent.models.forecast_distributions import (
    DISTRIBUTIONS,
    NegativeBinomials,
    Quantiles,
    StudentTs,
)
from hf_recurrent.models.series_scaling import SCALINGS, Scale, find_scale
from tests.common.bad_input import assert_one_sentence

KINDS = list(DISTRIBUTIONS)


def make(**fields: Any) -> RecurrentForTimeSeriesPrediction:
    torch.manual_seed(0)
    given = {"prediction_length": 4, "hidden_size": 5, "lags_sequence": [1, 3], **fields}
    model = RecurrentForTimeSeriesPrediction(RecurrentTimeSeriesConfig(**given)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model


def series(rows: int = 3, time: int = 11) -> Tensor:
    return torch.randint(0, 9, (rows, time), generator=torch.Generator().manual_seed(1)).float()


def one(loc: float = 0.0, scale: float = 1.0) -> Scale:
    return Scale(torch.tensor([[loc]]), torch.tensor([[scale]]))


class TestScaling:
    @pytest.mark.parametrize("kind", list(SCALINGS))
    def test_rows_without_a_size_have_a_scale_of_their_own(self, kind: str) -> None:
        rows = torch.tensor([[0.0] * 6, [7.25] * 6, [torch.nan] * 6, [-1e9] * 6])
        values = torch.cat([rows, torch.tensor([[1e4, -2e4, 3e4, 1e4, 0, 5e4]])])
        values.requires_grad_()
        observed = values.isfinite()
        found = find_scale(kind, values, observed, 6)
        assert found.scale[:4, 0].tolist() == [1, 7.25, 1, 1e9]
        for row in range(5):  # not that of its batch
            alone = find_scale(kind, values[row : row + 1], observed[row : row + 1], 6)
            assert torch.equal(alone.scale[0], found.scale[row])
            assert torch.equal(alone.loc[0], found.loc[row])
        (found.scale.sum() + found.loc.sum()).backward()
        assert values.grad is not None
        assert values.grad.isfinite().all()

    def test_by_hand(self) -> None:
        values = torch.tensor([[9.0, 1, torch.nan, 3, 8]])
        observed = values.isfinite()
        assert find_scale("mean", values, observed, 4) == (torch.zeros(1, 1), torch.tensor([[4.0]]))
        deviation = find_scale("std", values, observed, 4)
        assert deviation.loc.item() == 4
        assert deviation.scale.item() == pytest.approx((26 / 3) ** 0.5)
        assert find_scale("change", values, observed, 2) == (
            torch.tensor([[8.0]]),
            torch.tensor([[5.0]]),
        )
        # The change over two steps: 1 to 3, as the other pairs lack a value.
        assert find_scale("change", values, observed, 3, lag=2).scale.item() == 2

    @pytest.mark.parametrize("kind", list(SCALINGS))
    @pytest.mark.parametrize("unit", [2.0**120, 2.0**-120])
    def test_sizes_whose_square_is_no_number(self, kind: str, unit: float) -> None:
        values = torch.tensor([[3.0, 1, 2, 5, 4], [1, 1, 1, 1, 1]])
        observed = torch.ones_like(values, dtype=torch.bool)
        usual = find_scale(kind, values, observed, 5)
        found = find_scale(kind, values * unit, observed, 5)
        torch.testing.assert_close(found.loc / unit, usual.loc)
        torch.testing.assert_close(found.scale / unit, usual.scale)

    def test_a_row_without_recent_values_has_the_scale_of_its_earlier_ones(self) -> None:
        values = torch.tensor([[4.0, 6, torch.nan, torch.nan]])
        assert find_scale("mean", values, values.isfinite(), 2).scale.item() == 5


class TestDistributions:
    def test_nothing_is_changed_in_place(self) -> None:
        kind, scale = NegativeBinomials(), one(scale=10.0)
        raw = torch.tensor([[[0.5, 0.3]]], requires_grad=True)
        params = kind.params(raw, torch.zeros(1, 1))
        losses = [kind.loss(params, torch.tensor([[3.0]]), scale) for _ in range(3)]
        assert losses[0] == losses[1] == losses[2]
        losses[0].sum().backward()

    def test_the_mean_of_counts_is_multiplied_by_the_scale(self) -> None:
        kind = NegativeBinomials()
        params = (torch.full((1, 1), 2.0), torch.zeros(1, 1))  # mean 2
        counts = torch.arange(4000.0).unsqueeze(1)
        likelihood = (-kind.loss(params, counts, one(scale=10.0))).exp()
        assert likelihood.sum().item() == pytest.approx(1, abs=1e-4)
        assert (likelihood * counts).sum().item() == pytest.approx(20, abs=1e-2)

    @pytest.mark.parametrize("mean", [0.05, 3.0, 4000.0])
    def test_counts_are_whole_and_follow_their_distribution(self, mean: float) -> None:
        kind = NegativeBinomials()
        for count in (0.3, 4.0):
            params = (
                torch.full((20_000, 1), count),
                torch.full((20_000, 1), torch.tensor(mean / count).log().item()),
            )
            noise = torch.rand(20_000, 1, kind.noise, generator=torch.Generator().manual_seed(0))
            draws = kind.draw(params, noise.clamp(1e-7, 1 - 1e-7), one())
            assert torch.equal(draws, draws.round())
            assert draws.min() >= 0
            deviation = (mean + mean**2 / count) ** 0.5
            assert draws.mean().item() == pytest.approx(mean, abs=4 * deviation / 141)
            nothing = (1 + mean / count) ** -count
            assert (draws == 0).float().mean().item() == pytest.approx(nothing, abs=0.01)

    def test_counts_without_end_are_finite(self) -> None:
        kind, noise = NegativeBinomials(), torch.full((3, 1, NegativeBinomials.noise), 0.5)
        params = torch.tensor([[1e-30], [1.0], [1e30]]), torch.full((3, 1), 200.0)
        assert kind.draw(params, noise, one()).isfinite().all()

    def test_samples_of_student_t_have_its_quantiles(self) -> None:
        kind = StudentTs()
        noise = torch.rand(100_000, 1, 2, generator=torch.Generator().manual_seed(0))
        params = tuple(torch.full((100_000, 1), value) for value in (3.0, 1.0, 2.0))
        draws = kind.draw(params, noise.clamp(1e-7, 1 - 1e-7), one(5.0, 10.0))
        # The 0.9 and 0.99 quantiles of three degrees of freedom are 1.6377 and 4.5407.
        for level, quantile in ((0.5, 0.0), (0.9, 1.6377), (0.99, 4.5407)):
            expected = 5 + 10 * (1 + 2 * quantile)
            assert draws.quantile(level).item() == pytest.approx(expected, rel=0.02)

    def test_samples_between_quantiles(self) -> None:
        kind = Quantiles([0.1, 0.5, 0.9])
        (sorted_,) = kind.params(torch.tensor([[[4.0, 1.0, 2.0]]]), torch.zeros(1, 1))
        assert sorted_.tolist() == [[[1, 2, 4]]]  # none cross
        noise = torch.tensor([0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0]).view(-1, 1, 1)
        draws = kind.draw((sorted_.expand(7, 1, 3),), noise, one(10.0, 2.0))
        expected = torch.tensor([12.0, 12, 13, 14, 16, 18, 18])
        torch.testing.assert_close(draws.flatten(), expected)
        alone = Quantiles([0.5]).draw((torch.tensor([[[3.0]]]),), torch.tensor([[[0.2]]]), one())
        assert alone.tolist() == [[3]]

    def test_pinball_loss_by_hand(self) -> None:
        kind, params = Quantiles([0.1, 0.9]), (torch.tensor([[[1.0, 5.0]]]),)
        loss = kind.loss(params, torch.tensor([[3.0]]), one())
        assert loss.item() == pytest.approx(0.1 * 2 + 0.1 * 2)


class TestSeries:
    @pytest.mark.parametrize("kind", KINDS)
    def test_padding_and_what_it_holds_change_nothing(self, kind: str) -> None:
        """With features of the steps, categories, and gaps; the loss and the samples too."""
        fields: dict[str, Any] = {
            "distribution_output": kind,
            "num_time_features": 2,
            "num_past_dynamic_real_features": 2,
            "num_static_real_features": 1,
            "num_static_categorical_features": 1,
            "cardinality": [3],
            "num_parallel_samples": 7,
        }
        model = make(**fields)
        values, features = series(), torch.rand(3, 11, 4)
        values[0, 4] = torch.nan
        features[0, 7:, 2] = features[1, :, 3] = torch.nan  # of the past alone, and missing
        future = {"future_values": series(3, 4), "future_time_features": torch.rand(3, 4, 2)}
        static = {
            "static_real_features": torch.tensor([[0.5], [1], [2]]),
            "static_categorical_features": torch.tensor([[0], [2], [1]]),
        }
        lengths, padding = (11, 6, 1), torch.full((3, 11), torch.nan)
        mask = torch.zeros(3, 11)
        wide = torch.full((3, 11, 4), torch.inf)
        for row, length in enumerate(lengths):
            start = (0, 2, 10)[row]  # padding on both sides
            padding[row, start : start + length] = values[row, :length]
            padding[row, start + length :] = -7.5
            mask[row, start : start + length] = 1
            wide[row, start : start + length] = features[row, :length]
        asked = {"attention_mask": mask, "past_dynamic_real_features": wide[..., 2:], **static}
        wide = wide[..., :2]
        together = model(padding, wide, **asked, **future)
        torch.manual_seed(5)
        samples = model.generate(padding, wide, future["future_time_features"], **asked).sequences
        losses = 0.0
        for row, length in enumerate(lengths):
            own = {name: value[row : row + 1] for name, value in {**static, **future}.items()}
            own["past_dynamic_real_features"] = features[row : row + 1, :length, 2:]
            past = (values[row : row + 1, :length], features[row : row + 1, :length, :2])
            single = model(*past, **own)
            losses += single.loss.item() / 3
            for one_, other in zip(single.params, together.params, strict=True):
                torch.testing.assert_close(one_[0], other[row], rtol=1e-5, atol=1e-5)
            torch.manual_seed(5)
            own.pop("future_values")
            alone = model.generate(*past, **own).sequences
            torch.testing.assert_close(alone[0], samples[row], rtol=1e-4, atol=1e-4)
        assert together.loss.item() == pytest.approx(losses, rel=1e-5)

    def test_nan_and_the_mask_mean_the_same(self) -> None:
        model, values = make(), series()
        observed = torch.ones_like(values)
        observed[1, 5], observed[2, -1] = 0, 0
        hidden = values.clone()
        hidden[observed == 0] = 1e6
        gaps = values.where(observed.bool(), torch.nan)
        masked, marked = model(hidden, past_observed_mask=observed), model(gaps)
        for one_, other in zip(masked.params, marked.params, strict=True):
            assert torch.equal(one_, other)
        assert any(
            not torch.equal(one_, other)
            for one_, other in zip(model(values).params, marked.params, strict=True)
        )

    def test_unknown_future_values_add_nothing(self) -> None:
        model, future = make(), series(3, 4)
        whole = model(series(), future_values=future).loss
        future = torch.cat([future, torch.full((3, 2), torch.nan)], 1).requires_grad_()
        longer = model(series(), future_values=future).loss
        assert longer.item() == pytest.approx(whole.item() * 4 / 6, rel=1e-5)
        longer.backward()
        assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)

    def test_a_series_without_a_value(self) -> None:
        for kind in KINDS:
            model = make(distribution_output=kind)
            empty = torch.full((2, 6), torch.nan)
            assert model.generate(empty, num_parallel_samples=3).sequences.isfinite().all()
            assert model(torch.zeros(2, 0), future_values=series(2, 4)).loss.isfinite()

    def test_only_the_last_steps_are_read(self) -> None:
        model, values = make(), series(2, 20)
        assert model.config.past_length == 7
        for one_, other in zip(model(values).params, model(values[:, -7:]).params, strict=True):
            assert torch.equal(one_, other)

    def test_a_fresh_network_with_an_anchor_is_the_naive_forecast(self) -> None:
        for lag, expected in ((1, [8, 8, 8, 8]), (3, [2, 5, 8, 2])):
            config = RecurrentTimeSeriesConfig(
                prediction_length=4,
                distribution_output="quantiles",
                scaling="std",
                anchor_lag=lag,
            )
            model = RecurrentForTimeSeriesPrediction(config).eval()
            found = model.generate(torch.tensor([[1.0, 4, 7, 2, 5, 8]]), num_parallel_samples=2)
            torch.testing.assert_close(found.sequences[0, 0], torch.tensor(expected).float())

    def test_values_of_any_size_are_finite(self) -> None:
        for scaling in SCALINGS:
            model = make(scaling=scaling, anchor_lag=1)
            for size in (1e30, 1e-30):
                values = series() * size
                assert model.generate(values, num_parallel_samples=5).sequences.isfinite().all()
                loss = model(values, future_values=series(3, 4) * size).loss
                loss.backward()
                assert all(p.grad.isfinite().all() for p in model.parameters())

    def test_forecasts_grow_with_the_values(self) -> None:
        """Other libraries scale quantiles twice."""
        for kind, scaling in zip(("student_t", "normal", "quantiles"), SCALINGS, strict=True):
            model, values = make(distribution_output=kind, scaling=scaling), series() + 3
            model.model.layers[0].weight_ih_l0.data[:, 3:].zero_()  # the size itself is read
            seeds = torch.arange(3)
            small = model.generate(values, num_parallel_samples=5, seeds=seeds).sequences
            large = model.generate(values * 64, num_parallel_samples=5, seeds=seeds).sequences
            torch.testing.assert_close(large, small * 64, rtol=1e-4, atol=1e-3)


class TestGenerate:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("cell", ["lstm", "mingru"])
    def test_steps_equal_the_whole(self, kind: str, cell: str) -> None:
        """The path that was drawn, read as the future, has the parameters that drew it."""
        anchor = None if kind == "negative_binomial" else 2
        fields = {"distribution_output": kind, "cell_type": cell, "anchor_lag": anchor}
        model = make(num_past_dynamic_real_features=2, residual=True, **fields)
        past = {"past_values": series(), "past_dynamic_real_features": torch.rand(3, 11, 2)}
        drawn, draw = [], model.distribution.draw

        def watched(params: Any, noise: Tensor, scale: Scale) -> Tensor:
            drawn.append(params)
            return draw(params, noise, scale)

        model.distribution.draw = watched
        path = model.generate(**past, num_parallel_samples=1, prediction_length=6).sequences
        whole = model(**past, future_values=path[:, 0]).params
        for place, expected in enumerate(whole):
            steps = torch.cat([params[place] for params in drawn], dim=1)
            torch.testing.assert_close(steps, expected, rtol=1e-4, atol=1e-4)

    def test_the_past_is_read_once(self) -> None:
        model, read = make(), []
        model.model.layers[0].register_forward_pre_hook(
            lambda _, given: read.append(given[0].shape)
        )
        model.generate(series(), num_parallel_samples=50)
        assert [tuple(shape[:2]) for shape in read] == [(3, 4)] + [(150, 1)] * 4

    def test_samples_by_seed(self) -> None:
        model, values = make(), series()
        torch.manual_seed(3)
        first = model.generate(values, num_parallel_samples=4).sequences
        torch.manual_seed(3)
        again = model.generate(values.flip(0), num_parallel_samples=4).sequences.flip(0)
        torch.testing.assert_close(first, again, rtol=1e-4, atol=1e-4)
        other = model.generate(values, num_parallel_samples=4).sequences
        assert not torch.allclose(first, other)
        twins = values[:1].expand(2, -1)
        own = model.generate(twins, seeds=torch.tensor([1, 2])).sequences
        assert not torch.allclose(own[0], own[1])

    def test_samples_have_the_distribution_of_the_first_step(self) -> None:
        model = make(distribution_output="normal")
        output = model(series())
        loc, width = (p[:, 0] for p in output.params)
        samples = model.generate(series(), num_parallel_samples=20_000).sequences[..., 0]
        expected = output.loc[:, 0] + output.scale[:, 0] * loc
        error = output.scale[:, 0] * width / 20_000**0.5
        assert ((samples.mean(1) - expected).abs() < 5 * error).all()

    def test_bad_input(self) -> None:
        model = make(num_time_features=2)
        values, features = series(), torch.zeros(3, 11, 2)
        for given, named in (
            ({"past_values": values}, ["past_time_features", "(3, 11, 2)"]),
            ({"past_values": values, "past_time_features": features}, ["future_time_features"]),
            (
                {
                    "past_values": values,
                    "past_time_features": features,
                    "future_time_features": torch.zeros(3, 2, 2),
                    "prediction_length": 3,
                },
                ["2 steps", "prediction_length 3"],
            ),
            (
                {
                    "past_values": values,
                    "past_time_features": features,
                    "future_time_features": torch.zeros(3, 0, 2),
                },
                ["prediction_length is 0"],
            ),
        ):
            with pytest.raises(ValueError) as caught:  # noqa: PT011
                model.generate(**given)
            assert_one_sentence(caught.value, *named)
        with pytest.raises(ValueError, match="prediction_length is 0"):
            make().generate(values, prediction_length=0)
        with pytest.raises(ValueError, match="num_parallel_samples is 0"):
            make().generate(values, num_parallel_samples=0)
        with pytest.raises(ValueError, match="seeds"):
            make().generate(values, seeds=torch.arange(2))

    @pytest.mark.parametrize("wrong", [-1.0, 2.5])
    def test_counts_are_checked(self, wrong: float) -> None:
        model = make(distribution_output="negative_binomial")
        bad = series()
        bad[1, 6] = wrong
        for given, name in (
            ({"past_values": bad, "future_values": series(3, 4)}, "past_values"),
            ({"past_values": series(), "future_values": bad}, "future_values"),
        ):
            with pytest.raises(ValueError) as caught:  # noqa: PT011
                model(**given)
            assert_one_sentence(caught.value, name, f"{wrong:g}", "counts")
        with pytest.raises(ValueError, match="past_values"):
            model.generate(bad)

    def test_categories_out_of_range(self) -> None:
        model = make(num_static_categorical_features=1, cardinality=[2])
        for ids, named in (([[0], [1], [2]], ["holds 2", "0 to 1"]), ([[0, 1]] * 3, ["(3, 2)"])):
            with pytest.raises(ValueError) as caught:  # noqa: PT011
                model(series(), static_categorical_features=torch.tensor(ids))
            assert_one_sentence(caught.value, "static_categorical_features", *named)
        with pytest.raises(ValueError, match="static_categorical_features is missing"):
            model(series())


def test_plain_trainer_trains_and_evaluates(tmp_path: Any) -> None:
    rows = [
        {"past_values": past, "future_values": future}
        for past, future in zip(series(8, 9), series(8, 4), strict=True)
    ]
    arguments = TrainingArguments(
        str(tmp_path), max_steps=2, report_to="none", use_cpu=True, disable_tqdm=True
    )
    trainer = Trainer(make(), arguments, train_dataset=rows, eval_dataset=rows)
    trainer.train()
    assert trainer.evaluate()["eval_loss"] > 0
    predictions = trainer.predict(rows).predictions
    assert [part.shape for part in predictions] == [(8, 4)] * 3
