"""Configuration of recurrent forecasters of time series."""

from itertools import pairwise
from typing import Any, ClassVar

from huggingface_hub.dataclasses import strict

from .cells import CELL_TYPES, SCANNED
from .checks import FamilyConfig, check_choice, check_dropouts, check_sizes
from .forecast_distributions import DISTRIBUTIONS
from .recurrent_initialization import check_initializers
from .series_scaling import SCALINGS

# As far into the tails as the samples of a forecast can go.
QUANTILES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


@strict
class RecurrentTimeSeriesConfig(FamilyConfig):
    r"""Configuration of ``RecurrentForTimeSeriesPrediction``.

    The network is that of DeepAR (Salinas et al. 2017). Fields that transformers'
    ``TimeSeriesTransformerConfig`` has too have its names and meanings; those of the layers have
    the names of ``RecurrentConfig``.

    Args:
        prediction_length: How many steps are forecast, unless a call says otherwise.
        context_length: How many steps the network reads before them; ``None`` for as many as
            ``prediction_length``.
        distribution_output: What is predicted of each step: ``"student_t"``, ``"normal"``,
            ``"negative_binomial"`` for counts, or ``"quantiles"``.
        quantiles: The levels of ``"quantiles"``, increasing, between 0 and 1. A sample is never
            beyond the outermost two; see ``forecast_distributions.py``. ``None`` for 13 levels from
            0.01 to 0.99.
        scaling: How each series is brought to one size: ``"mean"`` (``True`` means the same)
            divides by the mean of its absolute values, ``"std"`` subtracts the mean and divides by
            the standard deviation, ``"change"`` subtracts the last value and divides by the mean
            absolute change over ``anchor_lag`` steps; ``None`` does nothing. See
            ``series_scaling.py``.
        lags_sequence: Which earlier values each step reads, by how many steps earlier they are.
        anchor_lag: A lag whose value is added to what the network predicts, so that it learns the
            change since then: 1 for the last value, the length of a season for that of the last
            season. The output layer then begins at 0, so the median of a fresh network is the
            naive, or seasonal naive, forecast. ``None`` for none. Not for counts.
        num_time_features: How many time features each step has.
        num_dynamic_real_features: How many other numbers each step has; they follow the time
            features in the same tensor and are known for the future too.
        num_past_dynamic_real_features: How many more numbers each step has that are known of the
            past alone; they have a tensor of their own, ``past_dynamic_real_features``. See
            ``past_covariates.py``.
        num_static_real_features: How many numbers each series has.
        num_static_categorical_features: How many categories each series has.
        cardinality: The number of values of each category.
        embedding_dimension: The width of the vectors of each category; ``None`` for half of its
            number of values, and 50 at most.
        input_size: Number of values of a step; only 1, as each series is forecast by itself.
        num_parallel_samples: How many paths ``generate`` draws.
        freq: The frequency of the series as pandas writes it (``"D"``, ``"h"``, ``"W-SUN"``). The
            model does not use it; who makes its inputs does.
        time_features: The names of the time features in their order, likewise.
        season_length: How many steps the season has, likewise.
        hidden_size: Width of the states.
        num_hidden_layers: Number of layers.
        cell_type: As in ``RecurrentConfig``.
        residual: Whether the input of each layer is added to its output, from the second layer on.
        embedding_dropout: Dropout on what the first layer reads.
        hidden_dropout: Dropout between layers.
        weight_dropout: Dropout on the recurrent weights.
        variational_dropout: Whether these dropouts use one mask for all steps of a series.
        initializer_range: Standard deviation of fresh vectors of categories.
        recurrent_initializer: As in ``RecurrentConfig``.
        chrono_max_length: As in ``RecurrentConfig``.

    Example:
        >>> from hf_recurrent import RecurrentTimeSeriesConfig
        >>> config = RecurrentTimeSeriesConfig(prediction_length=30, lags_sequence=[1, 2, 5])
        >>> config.context_length, config.past_length
        (30, 35)
    """

    model_type = "recurrent_time_series"
    # What is not a prediction; the evaluation of Trainer leaves it out.
    keys_to_ignore_at_inference = [  # noqa: RUF012 - Trainer adds a list to it
        "loc",
        "scale",
        "hidden_states",
        "final_hidden_state",
        "final_cell_state",
    ]
    # The layers read forward; the stack of layers asks.
    bidirectional: ClassVar[bool] = False
    num_directions: ClassVar[int] = 1

    prediction_length: int = 24
    context_length: int | None = None
    distribution_output: str = "student_t"
    quantiles: list[float] | tuple[float, ...] | None = None
    scaling: str | bool | None = "mean"
    lags_sequence: list[int] | tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    anchor_lag: int | None = None
    num_time_features: int = 0
    num_dynamic_real_features: int = 0
    num_past_dynamic_real_features: int = 0
    num_static_real_features: int = 0
    num_static_categorical_features: int = 0
    cardinality: list[int] | None = None
    embedding_dimension: list[int] | None = None
    input_size: int = 1
    num_parallel_samples: int = 100
    freq: str | None = None
    time_features: list[str] | None = None
    season_length: int | None = None
    hidden_size: int = 40
    num_hidden_layers: int = 2
    cell_type: str = "lstm"
    residual: bool = False
    embedding_dropout: float | int = 0.0
    hidden_dropout: float | int = 0.0
    weight_dropout: float | int = 0.0
    variational_dropout: bool = False
    initializer_range: float | int = 0.1
    recurrent_initializer: str = "orthogonal"
    chrono_max_length: int | None = None

    @property
    def output_size(self) -> int:
        """Width of ``last_hidden_state``."""
        return self.hidden_size

    @property
    def longest_lag(self) -> int:
        """How far back a step reads."""
        return max(*self.lags_sequence, self.anchor_lag or 1)

    @property
    def past_length(self) -> int:
        """How many steps of the past are used; more are not read, and fewer will do."""
        assert self.context_length is not None
        return self.context_length + self.longest_lag

    @property
    def num_step_features(self) -> int:
        """The width of ``past_time_features`` and ``future_time_features``."""
        return self.num_time_features + self.num_dynamic_real_features

    def __post_init__(self, **kwargs: Any) -> None:
        """Check the fields; raise a ``ValueError`` that names the field."""
        if self.context_length is None:
            self.context_length = self.prediction_length
        if self.scaling is True:
            self.scaling = "mean"
        elif self.scaling is False:
            self.scaling = None
        self.lags_sequence = list(self.lags_sequence)
        if self.distribution_output == "quantiles":
            self.quantiles = list(QUANTILES if self.quantiles is None else self.quantiles)
        super().__post_init__(**kwargs)
        check_choice("cell_type", self.cell_type, CELL_TYPES)
        check_choice("distribution_output", self.distribution_output, list(DISTRIBUTIONS))
        if self.scaling is not None:
            check_choice("scaling", str(self.scaling), list(SCALINGS))
        sizes = ("prediction_length", "context_length", "hidden_size", "num_hidden_layers")
        check_sizes(self, *sizes, "num_parallel_samples")
        check_dropouts(self, "embedding_dropout", "hidden_dropout", "weight_dropout")
        check_initializers(self.cell_type, self.recurrent_initializer, self.chrono_max_length)
        if self.weight_dropout and self.cell_type in SCANNED:
            raise ValueError(
                f"weight_dropout is {self.weight_dropout}, and {self.cell_type} has no recurrent "
                "weights: set it to 0"
            )
        if self.input_size != 1:
            raise ValueError(
                f"input_size is {self.input_size}, expected 1: each series is forecast by itself, "
                "so give the columns of a multivariate series as rows"
            )
        self._check_lags()
        self._check_quantiles()
        self._check_static()

    def _check_lags(self) -> None:
        if not self.lags_sequence or min(self.lags_sequence) < 1:
            raise ValueError(
                f"lags_sequence is {self.lags_sequence}, expected at least one lag, each at least 1"
            )
        if self.anchor_lag is not None and self.anchor_lag < 1:
            raise ValueError(f"anchor_lag is {self.anchor_lag}, expected at least 1, or None")
        if self.distribution_output == "negative_binomial":
            if self.anchor_lag is not None:
                raise ValueError(
                    f"anchor_lag is {self.anchor_lag}, and counts have no location that a change "
                    "could be added to: set it to None, or choose another distribution_output"
                )
            if self.scaling not in ("mean", None):
                raise ValueError(
                    f"scaling is {self.scaling!r}, and it subtracts, so that counts would be none: "
                    "expected 'mean' or None for negative_binomial"
                )

    def _check_quantiles(self) -> None:
        if self.distribution_output != "quantiles":
            if self.quantiles is not None:
                raise ValueError(
                    "quantiles are given, and distribution_output is "
                    f"{self.distribution_output!r}: set it to 'quantiles', or unset quantiles"
                )
            return
        levels = list(self.quantiles or ())
        rising = all(a < b for a, b in pairwise(levels))
        if not levels or not rising or not 0 < levels[0] <= levels[-1] < 1:
            raise ValueError(
                f"quantiles is {levels}, expected increasing levels between 0 and 1, at least one"
            )

    def _check_static(self) -> None:
        for field in (
            "num_time_features",
            "num_dynamic_real_features",
            "num_past_dynamic_real_features",
            "num_static_real_features",
            "num_static_categorical_features",
        ):
            if getattr(self, field) < 0:
                raise ValueError(f"{field} is {getattr(self, field)}, expected at least 0")
        count = self.num_static_categorical_features
        if not count:
            if self.cardinality:
                raise ValueError(
                    f"cardinality is {self.cardinality}, and num_static_categorical_features is 0: "
                    "set both, or neither"
                )
            return
        if self.cardinality is not None and self.embedding_dimension is None:
            self.embedding_dimension = [min(50, (size + 1) // 2) for size in self.cardinality]
        for field in ("cardinality", "embedding_dimension"):
            sizes = getattr(self, field)
            if sizes is None or len(sizes) != count or min(sizes) < 1:
                raise ValueError(
                    f"{field} is {sizes}, expected {count} whole numbers of at least 1, one for "
                    "each category"
                )
