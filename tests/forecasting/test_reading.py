"""Series from tables and .tsf files; every error names the file."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hf_recurrent.forecasting import read_series
from tests.common.bad_input import assert_one_sentence

DAYS = pd.date_range("2024-02-26", periods=5, freq="D").strftime("%Y-%m-%d").tolist()


def write(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_wide(tmp_path: Path) -> None:
    rows = ["date,a,b,note"] + [f"{d},{i},{'' if i == 2 else -i},x" for i, d in enumerate(DAYS)]
    first, second = read_series(write(tmp_path / "wide.csv", rows))
    assert (first.item, first.freq, str(first.start.date())) == ("a", "D", "2024-02-26")
    assert first.values.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(second.values, [0, -1, np.nan, -3, -4])
    assert str(second.index(6)[-1].date()) == "2024-03-02"
    (one,) = read_series(tmp_path / "wide.csv", target_column="b")
    assert one.item == "b"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_long(kind: str, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "ds": [*DAYS, *DAYS[:3]],
            "unique_id": ["u"] * 5 + ["v"] * 3,
            "y": [1.0, 2, 3, 4, 5, 7, 8, 9],
            "price": 0.5,
        }
    )
    path = tmp_path / f"long.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path)
    found = read_series(path, target_column="y")
    assert {each.item: each.values.tolist() for each in found} == {
        "u": [1, 2, 3, 4, 5],
        "v": [7, 8, 9],
    }
    with pytest.raises(ValueError, match="target_column"):
        read_series(path)


def test_covariates_go_on_after_the_values(tmp_path: Path) -> None:
    rows = ["ds,y,price"] + [f"{d},{i if i < 3 else ''},{i * 2}" for i, d in enumerate(DAYS)]
    (found,) = read_series(
        write(tmp_path / "t.csv", rows), target_column="y", covariate_columns="price"
    )
    assert found.values.tolist() == [0, 1, 2]
    assert found.covariates.tolist() == [[0], [2], [4], [6], [8]]
    rows[2] = f"{DAYS[1]},1,"
    with pytest.raises(ValueError, match="covariate is missing at 2024-02-27"):
        read_series(write(tmp_path / "t.csv", rows), target_column="y", covariate_columns="price")


def test_several_targets_of_items(tmp_path: Path) -> None:
    rows = ["ds,item,y,z"] + [f"{d},{i},{n}{i},-{n}" for n, d in enumerate(DAYS) for i in (1, 2)]
    path = write(tmp_path / "t.csv", rows)
    found = read_series(path, target_column="z, y", freq="D")
    assert [each.item for each in found] == ["1, z", "1, y", "2, z", "2, y"]
    assert found[3].values.tolist() == [2, 12, 22, 32, 42]
    with pytest.raises(ValueError, match=r"y and z are all columns .* several with commas"):
        read_series(path)
    (one, _) = read_series(path, target_column="z")
    assert one.item == "1"


def test_a_column_has_one_use(tmp_path: Path) -> None:
    """A usual name is no use if the column is named for another; a comma may stand in a name."""
    rows = ['month,"a, b",ds', *(f"{n},-{n},{d}" for n, d in enumerate(DAYS))]
    (one,) = read_series(write(tmp_path / "t.csv", rows), target_column="month")
    assert (str(one.start.date()), one.values.tolist()) == (DAYS[0], [0, 1, 2, 3, 4])
    (one,) = read_series(tmp_path / "t.csv", target_column="a, b", time_column="ds")
    assert (one.item, one.values[-1]) == ("a, b", -4)


def test_covariates_of_the_past_end_with_the_values(tmp_path: Path) -> None:
    rows = ["ds,y,price,rain"]
    rows += [f"{d},{i if i < 3 else ''},{i},{'' if i == 1 else -i}" for i, d in enumerate(DAYS)]
    path = write(tmp_path / "t.csv", rows)
    options = {"target_column": "y", "past_covariate_columns": "rain"}
    (found,) = read_series(path, covariate_columns="price", **options)
    assert (found.values.tolist(), len(found.covariates)) == ([0, 1, 2], 5)
    np.testing.assert_array_equal(found.past_covariates, [[0], [np.nan], [-2]])
    # Without those of the future, the last values are missing, and what is known beside them is.
    (found,) = read_series(path, **options)
    assert (len(found), found.past_covariates[-1, 0]) == (5, -4)
    np.testing.assert_array_equal(found.until(2).past_covariates, [[0], [np.nan]])


@pytest.mark.parametrize(
    ("stamps", "freq", "start"),
    [
        (["1958", "1959", "1960"], "YS-JAN", "1958-01-01"),
        (["1949-01", "1949-02", "1949-03"], "MS", "1949-01-01"),
        (["19580329", "19580405", "19580412"], "W-SAT", "1958-03-29"),
        (["2024-01-01 22:00", "2024-01-01 23:00", "2024-01-02 00:00"], "h", "2024-01-01 22:00"),
        (["2024-01-05", "2024-01-08", "2024-01-09", "2024-01-10"], "B", "2024-01-05"),
    ],
)
def test_frequencies_are_found(stamps: list[str], freq: str, start: str, tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", ["time,y", *(f"{s},1" for s in stamps)])
    if freq == "B" and len(stamps) == 4:
        (found,) = read_series(path, freq="B")  # four days do not tell
    else:
        (found,) = read_series(path)
    assert (found.freq, found.start) == (freq, pd.Timestamp(start))


def test_steps_without_a_row_are_missing(tmp_path: Path) -> None:
    rows = ["ds,y", f"{DAYS[0]},1", f"{DAYS[1]},2", f"{DAYS[4]},5"]
    path = write(tmp_path / "t.csv", rows)
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        read_series(path)
    assert_one_sentence(caught.value, "t.csv", "'y'", "no regular frequency", "freq")
    (found,) = read_series(path, freq="D")
    np.testing.assert_array_equal(found.values, [1, 2, np.nan, np.nan, 5])


@pytest.mark.parametrize(
    ("rows", "options", "named"),
    [
        (["ds,y", *(f"{d},1" for d in DAYS[::-1])], {}, ["t.csv", "2024-02-29", "sorted"]),
        (["ds,y", *(f"{d},1" for d in [DAYS[0], *DAYS])], {}, ["2024-02-26", "twice"]),
        (["ds,y", f"{DAYS[0]},1", "tomorrow,2"], {}, ["row 2", "'tomorrow'", "date"]),
        (
            ["ds,y", *(f"{d},1" for d in DAYS[:3]), f"{DAYS[3]},many"],
            {"target_column": "y"},
            ["row 4", "'many'", "number"],
        ),
        (["ds,y", f"{DAYS[0]},1", ",2"], {}, ["row 2", "'ds'", "empty"]),
        (["ds,y", *(f"{DAYS[0]}T0{h}:00+0{h}:00,1" for h in (1, 2))], {}, ["'ds'", "time zones"]),
        (["ds,y", f"{DAYS[0]},1e40"], {}, ["row 1", "finite"]),
        (["when,y", "1,2"], {}, ["t.csv", "time_column"]),
        (["ds,y", f"{DAYS[0]},1"], {"target_column": "z"}, ["'z'", "target_column"]),
        (["ds,y", f"{DAYS[0]},1"], {"past_covariate_columns": "z"}, ["past_covariate_columns"]),
        (["ds,y", f"{DAYS[0]},1"], {"target_column": "y,y"}, ["'y'", "twice, by target_column:"]),
        (
            ["ds,y", f"{DAYS[0]},1"],
            {"target_column": "y", "past_covariate_columns": "y"},
            ["'y'", "twice, by target_column and past_covariate_columns"],
        ),
        (["ds,y", f"{DAYS[0]},1"], {"time_column": "ds,y"}, ["time_column", "ds and y", "one"]),
        (["ds,y", *(f"{d},x" for d in DAYS)], {}, ["target_column"]),
        (["ds;y", *(f"{d};1" for d in DAYS)], {}, ["time_column", "'ds;y'"]),
        (["ds,y", *(f"{DAYS[0]},{n}" for n in (1, 2))], {}, ["stands twice", "item_column"]),
        (["item,ds,y", f",{DAYS[0]},1"], {}, ["row 1", "'item' is empty"]),
        (["ds,y", *(f"{d},1" for d in DAYS)], {"freq": "moons"}, ["t.csv", "'moons'"]),
        (["ds,y", *(f"{d},1" for d in DAYS)], {"freq": "W-SUN"}, ["no step", "W-SUN"]),
    ],
)
def test_bad_tables(rows: list[str], options: Any, named: list[str], tmp_path: Path) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        read_series(write(tmp_path / "t.csv", rows), **options)
    assert_one_sentence(Exception(str(caught.value).replace(str(tmp_path), "")), *named)


def test_columns_that_are_no_series(tmp_path: Path) -> None:
    """That of an index, which pandas writes, and one with a value that is no number."""
    rows = [f"{n},{day},{n},{'-' if n == 2 else n},red" for n, day in enumerate(DAYS)]
    with pytest.warns(UserWarning, match="'z' is not forecast, as row 3 of it holds '-'") as told:
        found = read_series(write(tmp_path / "t.csv", [",ds,y,z,colour", *rows]))
    assert [each.item for each in found] == ["y"]
    assert len(told) == 1
    rows = [f"{day},{n},{('N/A', '.', '#N/A', '4')[n % 4]}" for n, day in enumerate(DAYS)]
    found = read_series(write(tmp_path / "t.csv", ["ds,y,z", *rows]))
    assert [each.item for each in found] == ["y", "z"]
    assert np.isnan(found[1].values[:3]).all()


TSF = [
    "# a comment",
    "@relation some",
    "@attribute series_name string",
    "@attribute start_timestamp date",
    "@frequency weekly",
    "@horizon 8",
    "@missing true",
    "@data",
    "T1:2020-01-06 00-00-00:1,2.5,?,4",
    "T2:2020-01-08 00-00-00:7",
]


def test_tsf(tmp_path: Path) -> None:
    first, second = read_series(write(tmp_path / "some.tsf", TSF))
    assert (first.item, first.freq, second.freq) == ("T1", "W-MON", "W-WED")
    np.testing.assert_array_equal(first.values, [1, 2.5, np.nan, 4])
    assert str(first.index()[1].date()) == "2020-01-13"
    with pytest.raises(ValueError, match="leave out time_column"):
        read_series(tmp_path / "some.tsf", time_column="x")
    with pytest.raises(ValueError, match="leave out freq"):
        read_series(tmp_path / "some.tsf", freq="D")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("T3:1,2", ["line 11", "1 attribute", "2"]),
        ("T3:2020-01-06 00-00-00:1,b", ["line 11", "'b'"]),
        ("T3:2020-01-06 00-00-00:1,1e39", ["line 11", "1e+39", "finite"]),
        ("T3:January:1,2", ["line 11", "'January'"]),
        ("@attribute a colour", ["line 11", "@attribute NAME"]),
        ("@frequency moonly", ["line 11", "'moonly'"]),
    ],
)
def test_bad_tsf(line: str, named: list[str], tmp_path: Path) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        read_series(write(tmp_path / "some.tsf", [*TSF, line]))
    assert_one_sentence(Exception(str(caught.value).replace(str(tmp_path), "")), *named)
