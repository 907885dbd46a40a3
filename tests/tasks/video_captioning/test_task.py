"""Captions: data, floors, a network that learns, and the sentences for what is wrong."""

import json
import re
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pytest

from hf_recurrent.__main__ import main
from hf_recurrent._drawing import as_drawn
from hf_recurrent.data import moving_digits, sources
from hf_recurrent.data.clips import pictures_of
from hf_recurrent.tasks import Work, get_task
from hf_recurrent.tasks.video_captioning.data import load_captions, read_captions
from hf_recurrent.tasks.video_captioning.judging import judge_captions
from hf_recurrent.tasks.video_captioning.named import read_grid_sentences
from hf_recurrent.tasks.video_captioning.watching import watched_sections, watched_svg
from tests.common.clips import write_clip

TASK = get_task("video-captioning")


def test_moving_digits_are_what_their_captions_say() -> None:
    frames, told = moving_digits.read("moving-digits://train/3")
    assert frames.shape == (16, 32, 32, 3)
    again, same = moving_digits.read("moving-digits://train/3")
    assert np.array_equal(frames, again)
    assert told == same
    assert told.startswith("the digit ")
    single = {"moves left": (0, -1), "moves right": (0, 1), "moves up": (-1, 0)}
    single |= {"moves down": (1, 0), "stays": (0, 0)}
    seen = set()
    for number in range(80):
        frames, told = moving_digits.read(f"moving-digits://validation/{number}")
        way = next((w for w in single if told.endswith(w) and "while" not in told), None)
        if way is None or "and then" in told:
            continue
        seen.add(way)
        bright = frames[:, :, :, 0].astype(float)
        centres = [
            (bright[t].sum(1) @ np.arange(32), bright[t].sum(0) @ np.arange(32)) for t in (0, 15)
        ]
        moved = (np.array(centres[1]) - np.array(centres[0])) / bright[0].sum()
        np.testing.assert_allclose(moved, 15 * np.array(single[way]), atol=1e-6)
    assert len(seen) >= 3
    pairs = {part: set() for part in moving_digits.CLIPS}
    for part, own in pairs.items():
        for number in range(150):
            words = moving_digits.read(moving_digits.reference(part, number))[1].split()
            digits = [w for w, before in zip(words[1:], words, strict=False) if before == "digit"]
            if len(digits) == 2:
                own.add(sum(map(moving_digits._WORDS.index, digits)) == 9)
    assert pairs["train"] == {False}
    assert pairs["test"] == {True, False}
    for wrong in ("moving-digits://train/9999", "moving-digits://dev/1"):
        with pytest.raises(ValueError, match=f"there is no clip {wrong}"):
            moving_digits.read(wrong)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of clips with a captions file as that of MSR-VTT."""
    folder = tmp_path_factory.mktemp("captions")
    videos, sentences = [], []
    for number in range(24):
        left = number % 2
        frames = np.zeros((6, 16, 16, 3), np.uint8)
        for step, frame in enumerate(frames):
            place = 12 - 2 * step if left else 2 * step
            frame[:, place : place + 3] = 255
        write_clip(folder / f"video{number}.mp4", frames)
        split = "train" if number < 16 else "validate" if number < 20 else "test"
        videos.append({"video_id": f"video{number}", "split": split})
        way = "to the left" if left else "from left to right"
        texts = (f"a bright bar goes {way}", "a bright bar in a clip")
        sentences += [{"video_id": f"video{number}", "caption": text} for text in texts]
    (folder / "videodatainfo.json").write_text(
        json.dumps({"videos": videos, "sentences": sentences})
    )
    return folder


def test_a_folder_as_that_of_msr_vtt(clips: Path) -> None:
    data = load_captions(clips)
    assert [len(data[part]) for part in data] == [16, 4, 4]
    assert data["test"][0]["captions"] == [
        "a bright bar goes from left to right",
        "a bright bar in a clip",
    ]


def test_msr_vtt_in_several_files(clips: Path, tmp_path: Path) -> None:
    told = json.loads((clips / "videodatainfo.json").read_text())
    for clip in clips.glob("*.mp4"):
        (tmp_path / clip.name).symlink_to(clip)
    for name, is_test in (("test", True), ("train_val", False)):
        own = [each for each in told["videos"] if (each["split"] == "test") == is_test]
        ids = {each["video_id"] for each in own}
        said = [each for each in told["sentences"] if each["video_id"] in ids]
        text = json.dumps({"videos": own, "sentences": said})
        (tmp_path / f"{name}_videodatainfo.json").write_text(text)
    (tmp_path / "README.txt").write_text("What this is\n")
    whole, parted = (load_captions(folder) for folder in (clips, tmp_path))
    for part, rows in whole.items():
        assert parted[part]["captions"][:] == rows["captions"][:]
    (tmp_path / "again.json").write_text(json.dumps(told))
    with pytest.raises(ValueError, match=r"json, .*has captions in .*again\.json too"):
        read_captions(tmp_path)


def test_other_captions_files_and_what_is_wrong_with_them(clips: Path, tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"clip{number}.mp4").write_bytes((clips / "video0.mp4").read_bytes())
    lines = [f"clip{n} a  bar goes right" for n in range(12)]
    file = tmp_path / "captions.txt"
    file.write_text("\n".join([*lines, "clip0 a bar"]))
    (rows,) = read_captions(file).splits.values()
    assert rows[0]["captions"] == ["a bar goes right", "a bar"]
    with pytest.warns(UserWarning, match="drawn at random: if some are cut from one film"):
        assert len(load_captions(tmp_path)["train"]) == 10
    file.write_text("\n".join([*lines, "clip99 a bar"]))
    with pytest.raises(FileNotFoundError, match=r"captions\.txt, line 13: there is no clip"):
        read_captions(tmp_path)
    file.write_text("clip0\n")
    with pytest.raises(ValueError, match="line 1: the caption of 'clip0' is empty"):
        read_captions(file)
    (tmp_path / "more.csv").write_text("clip,text\nclip0,a bar\n")
    with pytest.raises(ValueError, match=r"more\.csv, line 2: expected the columns clip"):
        read_captions(tmp_path / "more.csv")
    with pytest.raises(ValueError, match=r"has 2 files of .*: expected one"):
        read_captions(tmp_path)
    for sentence in ({}, {"caption": None}, {"caption": 3}):
        told = {"sentences": [{"video_id": "clip0", **sentence}]}
        (tmp_path / "bad.json").write_text(json.dumps(told))
        with pytest.raises(ValueError, match=r"bad\.json: expected an object with 'sentences'"):
            read_captions(tmp_path / "bad.json")
    told["videos"] = [{"video_id": "clip0", "split": "public"}]
    told["sentences"][0]["caption"] = "a bar"
    (tmp_path / "bad.json").write_text(json.dumps(told))
    with pytest.raises(ValueError, match=r"bad\.json: the split of 'clip0' is 'public'"):
        read_captions(tmp_path / "bad.json")
    for text, told in (
        (b"clip,caption\nclip0,a bar, bright\n", r"line 2: expected .* as many values as"),
        (b'clip,caption\n\nclip0,"a\nbar"\nclip1,a,b\n', "line 5: expected"),
        (b"clip,caption\nclip0,caf\xe9\n", "line 2: expected UTF-8"),
        (b'clip,caption\nclip1,a\nclip0,"a bar\nclip1,b\n', "line 3: a value cannot be read"),
        (b'clip,caption\nclip0,"a" bar\n', "line 2: a value cannot be read"),
        (b"clip,caption\n", "has no caption"),
    ):
        (tmp_path / "more.csv").write_bytes(text)
        with pytest.raises(ValueError, match=rf"more\.csv.*{told}"):
            read_captions(tmp_path / "more.csv")
    quoted = tmp_path / "quoted.tsv"  # as in all tables: in a .tsv the marks are part of the text
    quoted.write_text('clip\tcaption\nclip0\t"a bar\nclip1\tthe "bar"\n')
    assert [row["captions"] for row in read_captions(quoted).splits["all"]] == [
        ['"a bar'],
        ['the "bar"'],
    ]
    file.write_text("# remarks of MSVD\nclip0 a bar\nclip1\ta bar\n")
    assert [row["captions"] for row in read_captions(file).splits["all"]] == [["a bar"]] * 2
    (tmp_path / "manifest.tsv").write_text("bbaf2n\tbin blue at f\ts1\tdev\n")
    with pytest.raises(ValueError, match=r"manifest\.tsv, line 1: expected name, sentence"):
        read_grid_sentences(tmp_path)


def _on_hub(monkeypatch: pytest.MonkeyPatch, cache: Path, features: Any, **columns: Any) -> None:
    """Let the Hub have one part, as the library ``datasets`` reads it from Parquet."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", cache)
    schema = datasets.Features(features)
    table = pa.table(columns, schema=schema.arrow_schema)  # making it of rows wants an encoder
    part = datasets.Dataset(table, info=datasets.DatasetInfo(features=schema))
    monkeypatch.setattr(sources, "load_hub_parts", lambda hub: {"train": part})


def test_captions_of_the_hub(clips: Path, tmp_path: Path, monkeypatch) -> None:
    """Videos, bytes or paths; a text or a list of texts; one row a clip or one a caption."""
    text, moving = datasets.Value("string"), datasets.Video()
    contents = [write_clip_of(tmp_path / f"{n}.mp4", n) for n in range(10)]
    videos = [{"bytes": content, "path": None} for content in contents]
    texts = [[f"clip  {n}", "a clip"] for n in range(10)]
    _on_hub(
        monkeypatch, tmp_path, {"clip": moving, "captions": [text]}, clip=videos, captions=texts
    )
    with pytest.warns(UserWarning, match="'clips' are drawn at random"):
        data = load_captions("ada/clips")
    assert [len(data[part]) for part in data] == [8, 1, 1]
    for row in [row for part in data.values() for row in part]:
        number = contents.index(Path(row["clip"]).read_bytes())
        assert row["captions"] == [f"clip {number}", "a clip"]
        assert len(pictures_of(row["clip"])) == 3

    paths = [str(tmp_path / f"{n}.mp4") for n in range(10)]
    several = {"path": [*paths, paths[0]], "said": [f"clip {n}" for n in range(11)]}
    _on_hub(monkeypatch, tmp_path, {"path": text, "said": text}, **several)
    with pytest.warns(UserWarning, match="drawn at random"):
        data = load_captions("ada/clips", caption_column="said")
    found = {row["clip"]: row["captions"] for part in data.values() for row in part}
    assert found == {path: [f"clip {n}"] for n, path in enumerate(paths)} | {
        paths[0]: ["clip 0", "clip 10"]
    }

    with pytest.raises(ValueError, match="column 'caption'"):
        load_captions("ada/clips")
    several["path"][3] = "gone.mp4"
    _on_hub(monkeypatch, tmp_path, {"path": text, "said": text}, **several)
    with pytest.raises(ValueError, match=r"'ada/clips' names the clip 'gone\.mp4', which"):
        load_captions("ada/clips", caption_column="said")
    several |= {"path": paths, "said": ["a clip"] * 9 + [" "]}
    _on_hub(monkeypatch, tmp_path, {"path": text, "said": text}, **several)
    with pytest.raises(ValueError, match="a caption is empty"):
        load_captions("ada/clips", caption_column="said")
    empty = [{"bytes": None, "path": None}] * 2
    _on_hub(
        monkeypatch, tmp_path, {"clip": moving, "caption": text}, clip=empty, caption=["a", "b"]
    )
    with pytest.raises(ValueError, match="has a clip that is no file"):
        load_captions("ada/clips")
    with pytest.raises(ValueError, match="The columns of 'moving-digits' are known"):
        load_captions("moving-digits", clip_column="video")
    (tmp_path / "video0.mp4").touch()
    (tmp_path / "own.csv").write_text("video,said\nvideo0,a bar\n")
    (rows,) = read_captions(tmp_path / "own.csv", ("video", "said")).splits.values()
    assert [row["captions"] for row in rows] == [["a bar"]]
    with pytest.raises(ValueError, match="has no columns: clip_column and caption_column are for"):
        load_captions(clips, clip_column="video")


def write_clip_of(path: Path, number: int) -> bytes:
    write_clip(path, np.full((3, 16, 16, 3), 20 * number, np.uint8))
    return path.read_bytes()


def test_clips_of_one_name_are_told_by_their_folders(tmp_path: Path) -> None:
    for name in ("a/clip.mp4", "b/clip.mp4", "b/only.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    file = tmp_path / "captions.csv"
    file.write_text("clip,caption\na/clip.mp4,one\nb/clip.avi,two\nonly,three\nb/clip,four\n")
    (rows,) = read_captions(file).splits.values()
    names = ["a/clip.mp4", "b/clip.mp4", "b/only.mp4"]
    assert [row["clip"] for row in rows] == [str(tmp_path / name) for name in names]
    assert [row["captions"] for row in rows] == [["one"], ["two", "four"], ["three"]]
    file.write_text("clip,caption\nclip.mp4,one\n")
    with pytest.raises(ValueError, match=r"line 2: 'clip\.mp4' may be .*: name its folder too"):
        read_captions(file)
    file.write_text("clip,caption\na/only.mp4,one\n")
    with pytest.raises(FileNotFoundError, match=r"line 2: there is no clip 'a/only\.mp4'"):
        read_captions(file)


def test_judging_takes_the_nearest_reference() -> None:
    told = judge_captions(["a dog runs", "a cat"], [["a cat", "a dog runs"], ["the cat"]])
    assert told["word_error_rate"] == 1 / 5
    assert told["exact_match"] == 0.5
    assert 0 < told["cider_d"] < 10


def fitted(name: str, data: Any, **values: Any) -> Any:
    row = TASK.models[name]
    base = row.search.base if row.search else {}
    given = {**base, **row.config, "threads": 1, **values}
    return row.fit(Work(name, TASK, row, given, 0, 64, data))


def test_floors(clips: Path, tmp_path: Path) -> None:
    data = load_captions(clips)
    for name, exact in (("frequent", 1.0), ("neighbor", 1.0)):
        found = fitted(name, data)
        predictions = found.predict(TASK.inputs(data["test"]))
        assert TASK.judge(predictions, data["test"], data["train"])["exact_match"] == exact
        found.save(tmp_path)
    ways = ["from left to right", "to the left"]
    assert predictions[:2] == [f"a bright bar goes {way}" for way in ways]
    assert fitted("frequent", data).predict(["x"]) == ["a bright bar in a clip"]


def test_a_captioner_learns_is_saved_and_answers(clips: Path, tmp_path: Path, capsys) -> None:
    data = load_captions(clips).map(lambda row: {"captions": row["captions"][:1]})
    values = {"epochs": 12, "hidden_size": 32, "embedding_size": 16, "learning_rate": 0.02}
    values |= {"dropout": 0.0, "picture_encoder": False}
    found = fitted("attention", data, batch_size=4, **values)
    assert len(found.curve) == 12
    assert found.curve[0] < 20 < found.validation
    predictions = found.predict(TASK.inputs(data["test"]))
    assert all(text.startswith("a bright bar goes ") for text in predictions)
    (watched,) = (each["watched"] for each in TASK.examples(found, data, predictions)[-1:])
    said = " ".join(watched["words"]).replace("</s>", "").strip()
    assert said == predictions[data["test"]["clip"][:].index(watched["clip"])]
    np.testing.assert_allclose(np.sum(watched["weights"], 1), 1, atol=0.02)
    found.save(tmp_path)
    clip = data["test"][0]["clip"]
    assert main(["predict", str(tmp_path), clip]) == 0
    assert capsys.readouterr().out == f"{clip}: {predictions[0]}\n"
    answers = [*TASK.answers(data["test"], predictions)]
    assert answers[0][1] == predictions[0]
    exec(f"import hf_recurrent\n{TASK.usage(repr(str(tmp_path)), None, True)}", {})
    with pytest.raises(ValueError, match="leave out --attention"):
        TASK.predict("folder", ["a.mp4"], explain=True)


def test_weights_stand_under_the_frames_of_synthetic_clips_alone() -> None:
    weights = [[0.0] * 15 + [1.0], [1 / 16] * 16]
    watched = {"clip": "moving-digits://test/3", "words": ["the", "</s>"], "weights": weights}
    results = [{"model": "a", "examples": []}, {"model": "b", "examples": [{"watched": watched}]}]
    ((title, told, picture),) = watched_sections(results)
    assert title == "Attention over frames"
    assert "by b" in told
    assert "SYNTHETIC" in told
    assert picture.count("<image") == 16
    assert picture == as_drawn(watched_svg(watched))
    # The darkest cell is that of the last frame.
    dark = re.findall(r"opacity: (1|0\.0625|0)[;\"]", picture)
    assert dark.count("0.0625") == 16
    numbered = watched_svg({**watched, "clip": "clips.zip::person.mp4"})
    assert "<image" not in numbered
    assert ">16<" in numbered
    assert watched_sections(results[:1]) == []
