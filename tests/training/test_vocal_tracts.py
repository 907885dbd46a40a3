"""Other vocal tracts: where a tone lies afterwards, and draws that are those of every run."""

import numpy as np
import pytest

from hf_recurrent import LogMelFeatureExtractor
from hf_recurrent.training import VocalTractPerturbation, warping

EXTRACTOR = LogMelFeatureExtractor(
    sampling_rate=8000, frame_length=200, hop_length=80, delta_order=1, normalize="none"
)


def loudest(hertz: float) -> int:
    samples = np.sin(2 * np.pi * hertz * np.arange(4000) / 8000)
    return int(EXTRACTOR.frames(samples)[:, :40].mean(0).argmax())


@pytest.mark.parametrize("factor", [0.8, 0.9, 1.1, 1.25])
def test_a_tone_moves_to_where_its_frequency_over_the_factor_lies(factor: float) -> None:
    for hertz in (500.0, 1000.0, 1800.0):
        samples = np.sin(2 * np.pi * hertz * np.arange(4000) / 8000)
        bands = EXTRACTOR.frames(samples)[:, :40].astype(np.float32)
        moved = int((bands @ warping(EXTRACTOR, factor)).mean(0).argmax())
        assert abs(moved - loudest(hertz / factor)) <= 1
        assert moved != loudest(hertz)


@pytest.mark.parametrize("factor", [0.8, 0.9, 1.0, 1.1, 1.25])
def test_a_warping_keeps_what_is_flat_and_the_order_of_bands(factor: float) -> None:
    matrix = warping(EXTRACTOR, factor)
    np.testing.assert_allclose(matrix.sum(0), 1, atol=1e-6)
    assert (matrix >= 0).all()
    places = np.arange(40, dtype=np.float32) @ matrix
    assert (np.diff(places) >= 0).all()
    # The upper end of the bands stays where it is.
    assert abs(places[-1] - 39) < 1
    if factor == 1:
        np.testing.assert_allclose(matrix, np.eye(40), atol=1e-4)


def make_rows(warps=(0.9, 1.0, 1.1), seed: int = 3) -> VocalTractPerturbation:
    frames = np.random.default_rng(0).normal(size=(5, 80)).astype(np.float32)
    return VocalTractPerturbation([{"input_features": frames}] * 40, EXTRACTOR, warps, seed)


def test_slopes_move_as_the_bands_do_and_the_draws_are_those_of_every_run() -> None:
    rows, given = make_rows(), make_rows([1.0])[0]["input_features"]
    matrices = {warp: warping(EXTRACTOR, warp) for warp in (0.9, 1.1)}
    expected = [given] + [
        np.concatenate([given[:, :40] @ matrix, given[:, 40:] @ matrix], 1)
        for matrix in matrices.values()
    ]

    def drawn(rows: VocalTractPerturbation) -> list[int]:
        errors = [
            [np.abs(rows[n]["input_features"] - e).max() for e in expected] for n in range(40)
        ]
        assert np.min(errors, 1).max() < 1e-5
        return np.argmin(errors, 1).tolist()

    first = drawn(rows)
    assert set(first) == {0, 1, 2}
    rows.set_epoch(1)
    assert drawn(rows) != first
    assert drawn(make_rows()) == first
    assert drawn(make_rows(seed=4)) != first


def test_what_cannot_be_warped_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a warp is 0\.0, expected a number above 0"):
        make_rows([0.0])
    with pytest.raises(ValueError, match="warps is empty"):
        make_rows([])
    with pytest.raises(ValueError, match="feature_type is 'mfcc', and warps move mel bands"):
        VocalTractPerturbation([], LogMelFeatureExtractor(feature_type="mfcc"))
