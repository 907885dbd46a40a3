"""The tiny data and the tiny encoder of the comparison's tests."""

from tests.benchmark.conftest import (  # noqa: F401 - fixtures
    encoder,
    given,
    one_thread,
    reviews,
    vectors,
    work,
)
