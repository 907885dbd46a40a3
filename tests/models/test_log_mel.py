"""The feature extractor, against its formulas."""

import numpy as np
import pytest
import torch
from scipy.fft import dct

from hf_recurrent import LogMelFeatureExtractor
from tests.common.bad_input import assert_one_sentence
from tests.speech.samples import sound


def test_frames_equal_the_formulas() -> None:
    extractor = LogMelFeatureExtractor(
        num_mel_bins=9, feature_type="mfcc", num_cepstra=5, normalize="none"
    )
    samples = sound(1000).astype(float)
    frames = extractor.frames(samples)
    assert frames.shape == (1 + (1000 - 400) // 160, 5)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    mel = np.linspace(*(2595 * np.log10(1 + f / 700) for f in (60, 8000)), 11)
    edges = 700 * (10 ** (mel / 2595) - 1)
    hertz = np.arange(257) * 16_000 / 512
    for t, frame in enumerate(frames):
        x = samples[t * 160 : t * 160 + 400]
        x = np.array([x[i] - 0.97 * x[max(i - 1, 0)] for i in range(400)]) * window
        power = np.abs(np.fft.fft(x, 512)[:257]) ** 2
        bands = [
            power @ np.clip(np.minimum((hertz - a) / (b - a), (c - hertz) / (c - b)), 0, None)
            for a, b, c in zip(edges, edges[1:], edges[2:], strict=False)
        ]
        expected = dct(np.log(bands), norm="ortho")[:5]
        np.testing.assert_allclose(frame, expected, atol=1e-8)


def slope(values: np.ndarray, at: int) -> np.ndarray:
    """The least-squares slope of the five frames around one."""
    rows = [values[min(max(at + n, 0), len(values) - 1)] for n in range(-2, 3)]
    return np.polyfit(np.arange(-2, 3), np.stack(rows), 1)[0]


def test_deltas_are_slopes() -> None:
    fields = {"num_mel_bins": 4, "delta_order": 2, "normalize": "none"}
    frames = LogMelFeatureExtractor(**fields).frames(sound(2000))
    for t in range(len(frames)):
        np.testing.assert_allclose(frames[t, 4:8], slope(frames[:, :4], t), atol=1e-9)
        np.testing.assert_allclose(frames[t, 8:], slope(frames[:, 4:8], t), atol=1e-9)
    causal = LogMelFeatureExtractor(**fields, causal_deltas=True).frames(sound(2000))
    np.testing.assert_allclose(causal[4:-2, 4:8], frames[2:-4, 4:8], atol=1e-9)
    np.testing.assert_allclose(causal[0, 4:], 0, atol=1e-9)


def test_frames_do_not_depend_on_the_batch() -> None:
    extractor = LogMelFeatureExtractor()
    rows = [sound(n, n) for n in (5000, 300, 9000)]
    batch = extractor(rows, return_tensors="np")
    for number, row in enumerate(rows):
        alone = extractor(row, return_tensors="np")["input_features"][0]
        real = batch["attention_mask"][number].astype(bool)
        assert np.array_equal(batch["input_features"][number][real], alone)
        assert not batch["input_features"][number][~real].any()


def test_statistics_of_all_frames() -> None:
    extractor = LogMelFeatureExtractor(num_mel_bins=6)
    rows = [sound(n, n) for n in (5000, 9000)]
    extractor.fit(rows)
    frames = np.concatenate([extractor.frames(row) for row in rows])
    np.testing.assert_allclose(frames.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(frames.std(0), 1, atol=1e-6)
    several = np.empty(len(rows), object)
    several[:] = rows
    mean = extractor.mean
    extractor.fit(several)
    assert extractor.mean == mean
    extractor.fit(rows[0])  # a single one
    np.testing.assert_allclose(extractor.frames(rows[0]).mean(0), 0, atol=1e-6)
    utterance = LogMelFeatureExtractor(num_mel_bins=6).frames(rows[0])
    np.testing.assert_allclose(utterance.mean(0), 0, atol=1e-6)


def test_another_rate_is_resampled() -> None:
    extractor = LogMelFeatureExtractor(normalize="none", max_frequency=3500)
    time = np.arange(8000)
    tone = {rate: np.sin(2 * np.pi * 440 * time[: rate // 2] / rate) for rate in (8000, 16_000)}
    with pytest.warns(UserWarning, match="8000 samples a second .* resampled to 16000"):
        slow = extractor.frames(tone[8000], 8000)
    whole = extractor.frames(tone[16_000], 16_000)
    loud = whole > whole.max() - 8
    np.testing.assert_allclose(slow[3:-3][loud[3:-3]], whole[3:-3][loud[3:-3]], atol=0.05)


@pytest.mark.parametrize(
    ("samples", "named"),
    [
        (np.zeros((9, 2)), "(9, 2)"),
        (np.zeros(0), "0 samples"),
        (np.array([0.0, np.nan]), "sample 1"),
        (np.array([0, 20_000]), "int64"),
        ("sound.wav", "an array of samples"),
    ],
)
def test_bad_sound(samples: np.ndarray, named: str) -> None:
    with pytest.raises(ValueError, match="the sound") as caught:
        LogMelFeatureExtractor()(samples)
    assert_one_sentence(caught.value, named)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"feature_type": "plp"}, "feature_type"),
        ({"normalize": "batch"}, "normalize"),
        ({"delta_order": 3}, "delta_order"),
        ({"feature_size": 39}, "feature_size"),
        ({"normalize": "fixed", "mean": [0.0]}, "mean"),
        ({"normalize": "fixed", "std": [np.nan] * 40}, "std"),
        ({"hop_length": 0}, "hop_length"),
        ({"delta_window": 0}, "delta_window"),
        ({"fft_length": 256}, "fft_length"),
        ({"feature_type": "mfcc", "num_cepstra": 41}, "num_cepstra"),
        ({"max_frequency": 8001.0}, "max_frequency"),
        ({"sampling_rate": 100}, "max_frequency"),
    ],
)
def test_bad_arguments(fields: dict, named: str) -> None:
    with pytest.raises(ValueError, match=named) as caught:
        LogMelFeatureExtractor(**fields)
    assert_one_sentence(caught.value)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.int32])
def test_whole_numbers_are_of_the_range_of_their_type(kind: type) -> None:
    """As files and microphones give them; fixed statistics would not fit other numbers."""
    extractor, samples = LogMelFeatureExtractor(normalize="none"), sound(900).astype(float)
    half = 2.0 ** (8 * np.dtype(kind).itemsize - 1)
    rounded = np.round(samples * half)
    given = (rounded + (half if kind is np.uint8 else 0)).astype(kind)
    assert np.array_equal(extractor.frames(given), extractor.frames(rounded / half))


def test_tensors_and_rates() -> None:
    extractor, samples = LogMelFeatureExtractor(), torch.tensor(sound(900))
    expected = extractor.frames(samples.bfloat16().float().numpy())
    assert np.array_equal(extractor.frames(samples.bfloat16().requires_grad_()), expected)
    with pytest.raises(ValueError, match="sampling_rate is 0") as caught:
        extractor(samples, sampling_rate=0)
    assert_one_sentence(caught.value)


def test_no_recordings() -> None:
    with pytest.raises(ValueError, match="raw_speech is an empty list") as caught:
        LogMelFeatureExtractor()([])
    assert_one_sentence(caught.value)


def test_a_fit_that_fails_changes_nothing() -> None:
    extractor = LogMelFeatureExtractor(num_mel_bins=6)
    extractor.fit([sound(5000)])
    before = extractor.to_dict()
    with pytest.raises(ValueError, match="0 samples"):
        extractor.fit([sound(5000), np.zeros(0)])
    assert extractor.to_dict() == before


def test_fixed_statistics_must_be_there() -> None:
    with pytest.raises(ValueError, match="call fit"):
        LogMelFeatureExtractor(normalize="fixed")(sound(900))
    with pytest.raises(ValueError, match="no recording"):
        LogMelFeatureExtractor().fit([])
