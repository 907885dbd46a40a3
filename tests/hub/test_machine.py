"""What is told of the machine."""

import os

import pytest
import torch

from hf_recurrent.hub import machine as module
from hf_recurrent.hub.machine import machine


def test_processors_that_may_not_be_used_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(module, "usable_cores", lambda: 64)
    assert machine(torch.device("cpu")).get("usable cpus") is None
    monkeypatch.setattr(module, "usable_cores", lambda: 2)
    told = machine(torch.device("cpu"))
    assert (told["cpus"], told["usable cpus"]) == (64, 2)
