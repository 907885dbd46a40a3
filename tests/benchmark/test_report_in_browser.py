"""The page of a comparison in a real browser: run by hand with `pytest -m browser`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hf_recurrent.benchmark.report import write_report
from hf_recurrent.benchmark.summary import summarize
from tests.common.browser import SCHEMES, WIDTHS, Tab, launched, look

from .test_report import outcome

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as browser:
        yield browser


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_all_of_the_page_can_be_read(scheme: str, width: int, browser: Any, tmp_path: Path) -> None:
    result = outcome(tmp_path)
    counts = {"names": ["bad", "good"], "counts": [[99, 1], [40, 60]]}
    result.lines[0].runs[0]["result"]["examples"].append({"confusion": counts})
    write_report(result, summarize(result), tmp_path / "report.html")
    tab = Tab(browser, scheme, width)
    tab.page.goto((tmp_path / "report.html").as_uri())
    look(tab.page, f"report-{scheme}-{width}", tmp_path)
    tab.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    look(tab.page, f"report-{scheme}-{width}-facts", tmp_path)
    assert tab.errors == []
    assert len(tab.asked) == 1
    tab.close()
