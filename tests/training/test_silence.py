"""Silence at either end of a recording is cut away, and nothing else."""

import datasets
import numpy as np
import pytest

from hf_recurrent import LogMelFeatureExtractor
from hf_recurrent.tasks.automatic_speech_recognition.fitting import recognition_recipe, trimmed
from hf_recurrent.training.silence import without_silence

SAID = slice(60, 110)


def recording() -> np.ndarray:
    frames = np.random.default_rng(0).normal(-1, 0.1, (200, 6)).astype(np.float32)
    frames[SAID] += 2
    frames[80:85] -= 2  # a pause
    frames[20] += 2  # a click
    return frames


def test_frames_between_the_ends_stay_as_they_are() -> None:
    frames = recording()
    kept = without_silence(frames, frames.mean(1), margins=(20, 20))
    start = 60 - 20
    assert abs(len(kept) - 90) <= 8  # smoothing widens what is said by some frames
    places = [n for n in range(200) if np.array_equal(frames[n : n + len(kept)], kept)]
    assert len(places) == 1
    assert start - 4 <= places[0] <= start + 4


def test_margins_before_and_after() -> None:
    frames = recording()
    level = frames.mean(1)
    none, after, whole = (without_silence(frames, level, (0, n)) for n in (0, 30, 200))
    assert np.array_equal(whole, frames[-len(whole) :])
    assert np.array_equal(after, whole[: len(after)])
    assert np.array_equal(none, whole[: len(none)])
    assert len(none) + 30 == len(after)


def test_what_has_no_silence_stays_whole() -> None:
    same = np.ones((30, 2), np.float32)
    assert len(without_silence(same, same.mean(1))) == 30
    assert without_silence(np.zeros((0, 2)), np.zeros(0)).shape == (0, 2)
    frames = recording()
    assert len(without_silence(frames, frames.mean(1), least=150)) == 200


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match=r"loudness has the shape \(3,\), expected .* 4 frames"):
        without_silence(np.zeros((4, 2)), np.zeros(3))
    with pytest.raises(ValueError, match="margins are -1 and 0"):
        without_silence(np.zeros((4, 2)), np.zeros(4), margins=(-1, 0))


@pytest.mark.parametrize("kind", ["log_mel", "mfcc"])
def test_training_rows_are_cut_and_keep_the_values_of_the_whole(kind: str) -> None:
    extractor = LogMelFeatureExtractor(num_mel_bins=4, num_cepstra=3, feature_type=kind)
    # Equal letters need a step more between them.
    frames, many, equal = recording(), [1, 2] * 25, [1] * 20
    if kind == "mfcc":  # the first cepstrum alone says how loud a frame is
        frames[:, 1:] = -frames[:, :1]
    labels = [[1, 2], many, equal]
    encoded = datasets.Dataset.from_dict({"input_features": [frames] * 3, "labels": labels})
    rows = trimmed(encoded, extractor, (20, 20))
    first, *others = (np.asarray(each, np.float32) for each in rows["input_features"])
    assert len(first) < 110
    assert any(np.array_equal(frames[n : n + len(first)], first) for n in range(200))
    assert all(np.array_equal(each, frames) for each in others)  # their texts would not fit
    assert rows["labels"][:] == labels


def test_a_network_in_one_direction_keeps_none_before_and_more_after() -> None:
    extractor, frames = LogMelFeatureExtractor(num_mel_bins=4), recording()
    encoded = datasets.Dataset.from_dict({"input_features": [frames], "labels": [[1, 2]]})
    both, one = (
        np.asarray(recipe.arrange(encoded)[0]["input_features"], np.float32)
        for recipe in (
            recognition_recipe(None, extractor, bidirectional=reads_both)
            for reads_both in (True, False)
        )
        if recipe.arrange
    )
    assert np.array_equal(both[20:], one[: len(both) - 20])
    assert len(one) == len(both)  # 20 and 20, 0 and 40
    assert recognition_recipe(None, extractor, trim_silence=False).arrange is None
