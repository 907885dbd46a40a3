"""Clips by name, by folders and by tables, and the sentences for what is wrong with them."""

import warnings
import zipfile
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pytest
import torch

from hf_recurrent import RecurrentVideoProcessor
from hf_recurrent.data import sources
from hf_recurrent.data.clips import numbers_of, pictures_of, read_ts
from hf_recurrent.data.skeletons import normalized
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.video_classification.data import load_clips, read_class_folders
from hf_recurrent.tasks.video_classification.named import CLIPS, read_grid_words
from hf_recurrent.tasks.video_classification.showing import load_reader
from tests.common.clips import write_clip

TASK = get_task("video-classification")


def persons(rows) -> set[str]:
    return set(rows["origin"])


def test_skeletons_are_split_by_person(skeletons: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = TASK.load("utkinect", data_dir=str(skeletons))
        left_out = load_clips("utkinect-s06", data_dir=skeletons)
    assert [persons(data[part]) for part in data] == [{"s01"}, {"s05"}, {"s06"}]
    assert [persons(left_out[part]) for part in left_out] == [{"s01"}, {"s05"}, {"s06"}]
    assert data["train"].features["label"].names == list(CLIPS["utkinect"].labels)
    frames = numbers_of(data["train"][0]["clip"])
    assert frames.shape == (5, 3 * (2 * 20 + 1))
    assert frames.dtype == np.float32


def test_a_random_draw_warns(tmp_path: Path) -> None:
    number = 40
    np.savez(
        tmp_path / "jhmdb_skeleton_train.npz",
        pose=np.random.default_rng(0).normal(size=(3 * number, 15, 2)),
        length=np.full(number, 3),
        label=np.array(["clap", "run"] * (number // 2)),
    )
    with pytest.warns(UserWarning, match="'jhmdb' are drawn at random"):
        data = load_clips("jhmdb", data_dir=tmp_path)
    assert [len(data[part]) for part in data] == [32, 4, 4]


def test_folders_of_labels_are_split_by_recording(clips: Path) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*at random.*")
        data = load_clips(clips)
    seen = [persons(data[part]) for part in data]
    assert not seen[0] & seen[1]
    assert not (seen[0] | seen[1]) & seen[2]
    assert sum(map(len, data.values())) == 20
    with pytest.warns(UserWarning, match="rows in more than one part"):
        drawn = load_clips(clips, random_split=True)
    assert data["train"].info.description.endswith("; split by the group 'recording', seed 42")
    assert drawn["train"].info.description.endswith("; split at random, seed 42")


def test_a_table_of_clips(clips: Path, tmp_path: Path) -> None:
    files = sorted(clips.rglob("*.mp4"))
    lines = [f"{file},{file.parent.name},{file.stem[-7:-4]}" for file in files]
    table = tmp_path / "clips.csv"
    table.write_text("\n".join(["clip,label,person", *lines]))
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*at random.*")
        data = load_clips(table)  # by the recordings that names tell
    assert not persons(data["train"]) & persons(data["test"])
    assert "left 01" in {person for part in data.values() for person in persons(part)}
    (tmp_path / "other.mp4").symlink_to(files[0])
    table.write_text("\n".join(["clip,label,person", *lines, "other.mp4,left,g01"]))
    with pytest.warns(UserWarning, match=r"'clips\.csv' are drawn at random.*group_column"):
        data = load_clips(table)
    assert data["train"].features["label"].names == ["left", "right"]
    data = load_clips(table, group_column="person")
    assert not persons(data["train"]) & persons(data["test"])
    table.write_text("clip,label\ngone.mp4,left\n")
    with pytest.raises(FileNotFoundError, match=r"clips\.csv, row 1: there is no clip .*gone\.mp4"):
        load_clips(table)


def test_clips_of_the_hub(clips: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    files = sorted(clips.rglob("*.mp4"))
    features = datasets.Features(
        {"video": datasets.Video(), "label": datasets.ClassLabel(names=["left", "right"])}
    )
    columns = {
        "video": [{"bytes": file.read_bytes(), "path": None} for file in files],
        "label": [int(file.parent.name == "right") for file in files],
    }
    table = pa.table(columns, schema=features.arrow_schema)
    part = datasets.Dataset(table, info=datasets.DatasetInfo(features=features))
    monkeypatch.setattr(sources, "load_hub_parts", lambda hub: {"train": part})
    with pytest.warns(UserWarning, match="'b' are drawn at random"):
        data = load_clips("a/b")
    assert data["train"].features["label"].names == ["left", "right"]
    rows = [row for part in data.values() for row in part]
    found = {Path(row["clip"]).read_bytes(): row["label"] for row in rows}
    for content, label in zip(columns["video"], columns["label"], strict=True):
        assert found.get(content["bytes"], label) == label
    assert len(found) > len(files) // 2
    columns["video"] = [
        {**each, "path": f.name} for each, f in zip(columns["video"], files, strict=True)
    ]
    table = pa.table(columns, schema=features.arrow_schema)
    part = datasets.Dataset(table, info=datasets.DatasetInfo(features=features))
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*at random.*")
        data = load_clips("a/b")
    assert not persons(data["train"]) & persons(data["test"])


def test_tables_beside_folders_of_clips_are_read(tmp_path: Path) -> None:
    for part in ("train", "validation", "test"):
        (tmp_path / "clips").mkdir(exist_ok=True)
        for label in ("left", "right"):
            (tmp_path / "clips" / f"{part}-{label}.mp4").touch()
        rows = [f"clips/{part}-{label}.mp4,{label}" for label in ("left", "right")]
        (tmp_path / f"{part}.csv").write_text("\n".join(["clip,label", *rows]))
    data = load_clips(tmp_path)
    assert data["test"].features["label"].names == ["left", "right"]
    assert data["test"]["clip"][0] == str(tmp_path / "clips" / "test-left.mp4")


def test_clips_that_stand_in_no_folder_of_a_label(tmp_path: Path) -> None:
    clips = [f"{part}/{label}/a.mp4" for part in ("test", "train") for label in ("left", "right")]
    for clip in clips:
        (tmp_path / clip).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / clip).touch()
    (tmp_path / "train/left/._a.mp4").touch()  # what a Mac leaves in an archive
    assert {part: len(rows) for part, rows in read_class_folders(tmp_path).items()} == {
        "test": 2,
        "train": 2,
    }
    for odd in ("a.mp4", "up/a.mp4", "right/sub/a.mp4", "train/left/sub/a.mp4"):
        (tmp_path / odd).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / odd).touch()
        with pytest.raises(
            ValueError, match=r"a\.mp4: expected each clip in a folder of its label"
        ):
            load_clips(tmp_path)
        (tmp_path / odd).unlink()


@pytest.mark.parametrize("fields", [{"num_frames": 3}, {"fps": 4}, {"num_frames": None}], ids=str)
def test_a_clip_has_the_frames_that_its_processor_takes(
    fields: dict[str, Any], clips: Path, tmp_path: Path
) -> None:
    clip = str(sorted(clips.rglob("*.mp4"))[0])
    processor = RecurrentVideoProcessor(size=8, **fields)
    processor.save_pretrained(tmp_path)
    frames = load_reader(str(tmp_path))(clip)
    assert torch.equal(frames, processor(clip)["pixel_values_videos"][0])
    if "num_frames" in fields:
        digits = load_reader(str(tmp_path))("moving-digits://test/0")
        assert len(digits) == (fields["num_frames"] or 16)


def test_words_are_cut_by_the_alignment(tmp_path: Path) -> None:
    import zipfile

    frames = np.zeros((30, 8, 8, 3), np.uint8)
    frames[:] = 8 * np.arange(30)[:, None, None, None]
    write_clip(tmp_path / "bbaf2n.mp4", frames)
    with zipfile.ZipFile(tmp_path / "clips.zip", "w") as archive:
        archive.write(tmp_path / "bbaf2n.mp4", "bbaf2n.mp4")
    line = "bbaf2n\tbin blue at f two now\ts1\tdev\t30\t1.2\t"
    line += "bin:1-6 blue:7-9 at:10-11 f:12-14 two:15-20 now:27-29\n"
    (tmp_path / "manifest.tsv").write_text(line)
    (row,) = read_grid_words(tmp_path, 4)["validation"]
    assert (row["label"], row["origin"]) == ("two", "s1")
    assert row["clip"].endswith("clips.zip::bbaf2n.mp4::12-23")
    pictures = pictures_of(row["clip"])
    assert np.abs(pictures.mean((1, 2, 3)) - 8 * np.arange(12, 24)).max() < 6
    assert len(pictures_of(row["clip"], 5)) == 5
    (first,), (last,) = (read_grid_words(tmp_path, n)["validation"] for n in (0, 5))
    assert first["clip"].endswith("::0-9")
    assert last["clip"].endswith("::24-29")
    with pytest.raises(FileNotFoundError, match=r"clips\.zip has no video 'x\.mp4'"):
        pictures_of(f"{tmp_path / 'clips.zip'}::x.mp4")
    with pytest.raises(ValueError, match="it has 30 frames, and frames 40 to 50 are wanted"):
        pictures_of(f"{tmp_path / 'bbaf2n.mp4'}::40-50")
    with pytest.raises(ValueError, match="'12' is no span of frames"):
        pictures_of(f"{tmp_path / 'bbaf2n.mp4'}::12")
    (tmp_path / "manifest.tsv").write_text(line + "bbaf3s\tbin blue\n")
    with pytest.raises(ValueError, match=r"manifest\.tsv, line 2: expected name, sentence"):
        read_grid_words(tmp_path, 4)


def test_skeletons_do_not_depend_on_place_and_size() -> None:
    pose = np.random.default_rng(0).normal(size=(6, 5, 3))
    found = normalized(pose)
    np.testing.assert_allclose(found, normalized(3 * pose + [1, 2, 3]), atol=1e-5)
    joints = found[:, :15].reshape(6, 5, 3)
    np.testing.assert_allclose(joints.mean(1), 0, atol=1e-6)
    np.testing.assert_allclose(joints.std(), 1, atol=1e-6)
    np.testing.assert_allclose(
        found[:, 18:33], np.diff(found[:, :15], axis=0, prepend=found[:1, :15]), atol=1e-5
    )
    assert normalized(np.zeros((0, 5, 3))).shape == (0, 33)
    assert not normalized(np.ones((2, 5, 3))).any()


def test_files_of_numbers_that_are_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"PK no archive")
    np.savez(tmp_path / "b.npz", pose=np.zeros((2, 3, 2)))
    (tmp_path / "c.ts").write_text("@dimensions 2\n@data\n1,2:3,4:walk\n1,2:3:run\n")
    for name, told in {
        "a.npz::0": "is damaged, or no archive of numpy",
        "b.npz::0": "has no array 'length', but pose",
        "c.ts::0": "line 4: expected channels of numbers of one length",
    }.items():
        with pytest.raises(ValueError, match=told):
            numbers_of(str(tmp_path / name))
    pose, length = np.zeros((4, 3, 2)), np.array([1, 3])
    broken = pose.copy()
    broken[2, 1, 0] = np.nan
    for arrays, told in (
        ({"pose": pose[0], "length": length}, r"'pose' has shape \(3, 2\)"),
        ({"pose": pose, "length": np.array([1, 2])}, "expected the array 'length' .* 4 in all"),
        ({"pose": pose, "length": np.array([5, -1])}, "expected the array 'length'"),
        ({"pose": pose, "length": np.array([1.0, 3.0])}, "expected the array 'length'"),
        ({"pose": broken, "length": length}, "sequence 1 has a joint that is no finite number"),
        ({"pose": pose, "length": [0, *length]}, "sequence 0 has 0 frames, expected at least 1"),
    ):
        file = tmp_path / f"{len([*tmp_path.iterdir()])}.npz"
        np.savez(file, **arrays)
        with pytest.raises(ValueError, match=rf"{file.name}: .*{told}"):
            numbers_of(f"{file}::0")
    np.savez(tmp_path / "utkinect_skeleton.npz", length=length, action=["walk"], person=["s01"] * 2)
    with pytest.raises(ValueError, match="'action' has 1 value, expected one for each of the 2"):
        load_clips("utkinect", data_dir=tmp_path)
    for line in ("1,2:NaN,4:walk", "1,2:?,4:walk"):
        (tmp_path / "e.ts").write_text(f"@data\n{line}\n")
        with pytest.raises(
            ValueError, match=r"line 2: expected channels of numbers .* none missing"
        ):
            read_ts(tmp_path / "e.ts")
    (tmp_path / "d.ts").write_text("# sensors\n@data\n1,2:3,4:walk\n\n5:6:run\n")
    (walk, first), (run, second) = read_ts(tmp_path / "d.ts")
    assert (walk.tolist(), first, run.tolist(), second) == (
        [[1, 3], [2, 4]],
        "walk",
        [[5, 6]],
        "run",
    )
    with pytest.raises(ValueError, match="has 2 sequences, and none with number '2'"):
        numbers_of(f"{tmp_path / 'd.ts'}::2")


def test_archives_of_clips_that_are_damaged(tmp_path: Path) -> None:
    file = tmp_path / "clips.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.mp4", b"moving pictures")
    with pytest.raises(ValueError, match=r"is an archive: name a clip of it, as .*::clip\.mp4"):
        pictures_of(str(file))
    with pytest.raises(FileNotFoundError, match=r"There is no file .*none\.zip"):
        pictures_of(f"{tmp_path / 'none.zip'}::a.mp4")
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(file.read_bytes().replace(b"moving", b"moxing"))
    with pytest.raises(ValueError, match=r"damaged\.zip is damaged at the video 'a\.mp4'"):
        pictures_of(f"{damaged}::a.mp4")
