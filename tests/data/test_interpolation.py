"""Frames brought to another number of steps."""

import numpy as np

from hf_recurrent.data.interpolation import brought_to


def test_sequences_are_brought_to_a_number_of_steps() -> None:
    frames = np.array([[0.0, 0.0], [2.0, 4.0]])
    assert brought_to(frames, 3).ravel().tolist() == [0, 0, 1, 2, 2, 4]
    assert brought_to(frames[:1], 2).ravel().tolist() == [0, 0, 0, 0]
