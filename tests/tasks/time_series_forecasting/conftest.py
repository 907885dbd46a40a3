"""Fixtures of the comparison's tests."""

from tests.benchmark.conftest import no_children  # noqa: F401 - a fixture
