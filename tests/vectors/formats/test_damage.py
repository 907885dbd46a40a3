"""However a file is damaged, reading it gives vectors or one sentence that names it.

``scripts/fuzz_vector_readers.py`` is the longer run.
"""

import struct
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hf_recurrent.vectors import load_vectors
from hf_recurrent.vectors.formats import FORMATS

from .samples import copy_sample, read_files, save_samples

MOST_BYTES = 30e6
NUMBERS = [
    struct.pack(form, number)
    for form, most in (("<i", 2**31), ("<q", 2**63))
    for number in (-most, -1, 0, 1, 2**30, most - 1)
]
TEXTS = [b"nan", b"inf", b"1e39", b"-1", b"9" * 14, b"\0", b"\xff", b"\r\n", b" ", b"\n", b"{"]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return save_samples(tmp_path_factory.mktemp("samples"))


@st.composite
def changes(draw) -> list[tuple[float, int, bytes]]:
    """Draw where something is cut out, how much, and what replaces it."""
    place = st.floats(0, 1) | st.floats(0, 0.1)
    cut = st.integers(0, 12) | st.just(1 << 20)
    new = st.binary(max_size=3) | st.sampled_from(NUMBERS) | st.sampled_from(TEXTS)
    return draw(st.lists(st.tuples(place, cut, new), min_size=1, max_size=3))


def damage(path: Path, drawn: list[tuple[float, int, bytes]]) -> None:
    data = bytearray(path.read_bytes())
    for share, cut, new in drawn:
        place = int(share * len(data))
        data[place : place + cut] = new
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=changes(),
    file=st.integers(0, 5),
    strict=st.booleans(),
    auto=st.booleans(),
    limit=st.none() | st.integers(1, 4),
    vocabulary=st.none() | st.just(["of", "word", "nowhere"]),
    dtype=st.sampled_from(["float32", "float16"]),
)
def test_damaged_files(
    tmp_path, samples, format, drawn, file, strict, auto, limit, vocabulary, dtype
):
    path = tmp_path / "damaged"
    copy_sample(samples[format], path)
    files = read_files(path) if path.is_dir() else [path]
    damage(files[file % len(files)], drawn)
    sentence = None
    tracemalloc.start()
    try:
        with warnings.catch_warnings(action="ignore"):
            found = load_vectors(
                path,
                "auto" if auto else format,
                limit,
                strict,
                vocabulary=vocabulary,
                dtype=dtype,
            )
    except (ValueError, OSError) as error:
        sentence = str(error)
    else:
        assert len(found.index_to_key) == len(found.vectors) == len(found.key_to_index) >= 1
        assert limit is None or len(found) <= limit
        assert vocabulary is None or set(found.index_to_key) <= set(vocabulary)
        assert found.vectors.dtype == dtype
        assert np.isfinite(found.vectors).all()
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < MOST_BYTES
    assert sentence is None or ("\n" not in sentence and str(path) in sentence)
