from collections.abc import Iterator

import pytest
import torch

import hf_recurrent  # noqa: F401 - registers the Auto classes


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """Tiny products are slower on several threads, and two workers share the processor."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
