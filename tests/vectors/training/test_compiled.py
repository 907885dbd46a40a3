"""Code is compiled also where it cannot be kept on disk."""

import numpy as np

from hf_recurrent.vectors.training._compiled import compiled


def test_without_a_folder_for_compiled_code_it_is_compiled_anew():
    namespace = {"np": np}
    # A function that no file holds: numba has no place to keep it.
    exec("def add(x):\n    return x + np.float32(1)", namespace)
    assert compiled(namespace["add"])(np.float32(2)) == 3


def test_nan_is_not_optimised_away():
    def is_nan(x):
        return x != x

    assert compiled(is_nan)(np.float32(np.nan))
