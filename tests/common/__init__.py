"""Shared checks: the promises that every family and head keeps. See ``promises.py``."""

import pytest

pytest.register_assert_rewrite(
    *(
        f"{__name__}.{module}"
        for module in ("bad_input", "checkpoints", "naive", "padding", "pieces", "plain_tools")
    )
)
