"""Data that a user names: found, read, split, and made data sets, for any task."""

from pathlib import Path

import datasets
import pytest

from hf_recurrent.data.loading import load_splits
from hf_recurrent.data.sources import HubSource, NamedDataset
from hf_recurrent.data.tables import Loaded

ROWS = [
    {"sound": f"sound {number}", "kind": "bell" if number % 2 else "horn"} for number in range(20)
]


class Sounds(NamedDataset):
    @property
    def class_names(self) -> dict[str, tuple[str, ...]]:
        return {"kind": ("horn", "bell")}


SOUNDS = Sounds(
    name="sounds",
    title="sounds",
    license="CC0-1.0",
    splits="none published",
    files=("sounds.wav",),
    read=lambda folder: {"all": ROWS},
    hub=HubSource("a/sounds"),
)


def load(name: str, given: dict | None = None, **options):
    return load_splits(
        name,
        {"sounds": SOUNDS},
        {"group_column": None, "config": None, **(given or {})},
        read=lambda path: Loaded({"all": ROWS}),
        columns={},
        key=lambda row: row["sound"],
        units="sounds",
        stratum="kind",
        **options,
    )


def test_a_named_data_set_has_its_classes_and_its_terms(tmp_path: Path) -> None:
    (tmp_path / "sounds.wav").touch()
    parts = load("sounds", data_dir=tmp_path)
    kinds = datasets.ClassLabel(names=list(parts.names["kind"]))
    data = parts.to_datasets(datasets.Features(sound=datasets.Value("string"), kind=kinds))
    assert {part: len(rows) for part, rows in data.items()} == {
        "train": 16,
        "validation": 2,
        "test": 2,
    }
    assert data["train"].info.license == "CC0-1.0"
    assert data["train"].info.description == "sounds, from files of a folder; split seed 42"
    expected = {row["sound"]: ("horn", "bell").index(row["kind"]) for row in ROWS}
    assert all(expected[row["sound"]] == row["kind"] for part in data.values() for row in part)


def test_the_hub_gets_our_names_of_classes() -> None:
    def from_hub(hub: HubSource, names: dict) -> Loaded:
        assert (hub, names) == (SOUNDS.hub, SOUNDS.class_names)
        return Loaded({"all": ROWS}, {"kind": ("0", "1"), "more": ("x",)})

    parts = load("sounds", source="hub", from_hub=from_hub)
    assert parts.names == {"kind": ("horn", "bell"), "more": ("x",)}
    assert parts.info.description == "sounds, from a/sounds of the Hub; split seed 42"


def test_a_file_and_the_hub_take_options_and_a_named_data_set_none(tmp_path: Path) -> None:
    def from_hub(hub: HubSource) -> Loaded:
        assert (hub.id, hub.config) == ("some/one", "small")
        return Loaded({"all": ROWS})

    assert not load(str(tmp_path)).info.license
    assert load("some/one", {"config": "small"}, from_hub=from_hub).names == {}
    with pytest.raises(ValueError, match=r"'sounds' are known: group_column and config are for f"):
        load("sounds", {"config": "small"})
    with pytest.raises(FileNotFoundError, match=r"'sonds' is neither .* Did you mean 'sounds'"):
        load("sonds")


def test_an_error_about_the_rows_names_the_data_set(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=rf"^The data set '{tmp_path}' cannot be used: no sound\.$"
    ):
        load(str(tmp_path), prepare=lambda splits: _raise("no sound."))


def _raise(sentence: str) -> dict:
    raise ValueError(sentence)
