"""Rows of recordings by name, from tables, and as LibriSpeech is laid out."""

import gzip
import warnings
import zipfile
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pytest
import soundfile

from hf_recurrent.data import sound, sources
from hf_recurrent.data.prompts import read_prompts
from hf_recurrent.data.sound import read_sound, reference
from hf_recurrent.tasks.audio_classification.data import load_sounds
from hf_recurrent.tasks.automatic_speech_recognition.data import load_speech
from hf_recurrent.tasks.sound import frames_of, make_extractor
from tests.common.bad_input import assert_one_sentence

from .recordings import RATE, TEXTS, tones, write_manifests


def test_tables_of_paths(tmp_path: Path) -> None:
    data = load_speech(write_manifests(tmp_path))
    assert {part: len(rows) for part, rows in data.items()} == {
        "train": 24,
        "validation": 6,
        "test": 6,
    }
    assert data["test"]["text"][:] == list(TEXTS)
    found = read_sound(data["test"][0]["audio"])
    assert found.rate == RATE
    np.testing.assert_allclose(found.values, tones("ab", 400), atol=1e-4)
    labelled = load_sounds(tmp_path)
    assert labelled["train"].features["label"].names == ["a", "b"]


def test_speakers_stand_in_one_part(tmp_path: Path) -> None:
    write_manifests(tmp_path)
    data = load_speech(tmp_path / "train.csv", speaker_column="person")
    persons = [set(rows["speaker"]) for rows in data.values()]
    assert sum(map(len, persons)) == len(set.union(*persons)) == 4
    with pytest.raises(ValueError, match="text_column, speaker_column and config are for files"):
        load_speech("grid-s1", speaker_column="person")


def test_the_layout_of_librispeech(tmp_path: Path) -> None:
    for chapter in ("19/198", "26/495"):
        folder = tmp_path / chapter
        folder.mkdir(parents=True)
        stem = chapter.replace("/", "-")
        lines = []
        for number in range(6):
            soundfile.write(folder / f"{stem}-{number:04}.flac", tones("ab", number), RATE)
            lines.append(f"{stem}-{number:04} GO ON {number}")
        (folder / f"{stem}.trans.txt").write_text("\n".join(lines), encoding="utf-8")
    rows = [row for part in load_speech(tmp_path).values() for row in part]
    assert sorted(row["text"] for row in rows) == sorted(2 * [f"GO ON {n}" for n in range(6)])
    assert {row["speaker"] for row in rows} == {"19", "26"}
    (folder / f"{stem}-0003.flac").unlink()
    with pytest.raises(FileNotFoundError, match="line 4") as caught:
        load_speech(tmp_path)
    assert_one_sentence(caught.value, f"{stem}-0003.flac")


def test_the_parts_and_speakers_of_librispeech(tmp_path: Path) -> None:
    for part, speaker in (("train-clean-5", 1), ("dev-other", 2), ("test-clean", 3)):
        folder = tmp_path / part / str(speaker) / "9"
        folder.mkdir(parents=True)
        soundfile.write(folder / f"{speaker}-9-0.flac", tones("ab", 0), RATE)
        (folder / f"{speaker}-9.trans.txt").write_text(f"\ufeff{speaker}-9-0\tGO ON\r\n\n", "utf-8")
    for option in ({}, {"speaker_column": "speaker"}):
        data = load_speech(tmp_path, **option)
        told = {part: (rows["speaker"][:], rows["text"][:]) for part, rows in data.items()}
        assert told["train"] == (["1"], ["GO ON"])
        assert told["validation"][0] == ["2"]
        assert told["test"][0] == ["3"]
    with pytest.raises(ValueError, match="holds no file of"):
        load_sounds(tmp_path)


def test_a_row_without_a_recording_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("audio,text\n,go on\n")
    with pytest.raises(ValueError, match="row 1 of the part 'all' names no recording") as caught:
        load_speech(tmp_path / "t.csv")
    assert_one_sentence(caught.value)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    write_manifests(tmp_path)
    (tmp_path / "train3.wav").unlink()
    with pytest.raises(FileNotFoundError, match="1 recording ") as caught:
        load_speech(tmp_path)
    assert "train3.wav" in str(caught.value)
    with pytest.raises(FileNotFoundError, match="no file of sound"):
        read_sound(str(tmp_path / "x.wav"))


def test_bad_sounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "_warned_of", set())
    text, stereo, empty = (tmp_path / name for name in ("text.wav", "stereo.wav", "empty.wav"))
    text.write_text("no sound at all")
    with pytest.raises(ValueError, match="is no file of sound") as caught:
        read_sound(str(text))
    assert_one_sentence(caught.value, "text.wav")
    both = np.stack([tones("ab", 0), tones("ab", 1)], 1)
    soundfile.write(stereo, both, RATE)
    with pytest.warns(UserWarning, match="2 channels: their mean is taken"):
        found = read_sound(str(stereo))
    np.testing.assert_allclose(found.values, both.mean(1), atol=1e-4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is said once
        read_sound(str(stereo))
    soundfile.write(empty, np.zeros(0), RATE)
    with pytest.raises(ValueError, match="0 samples"):
        read_sound(str(empty))
    with pytest.raises(FileNotFoundError, match="There is no file"):
        read_sound(reference(tmp_path / "none.zip", "a.wav"))


def test_damaged_archives(tmp_path: Path) -> None:
    archive, arrays = tmp_path / "sounds.zip", tmp_path / "c.npz"
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("a.wav", bytes(range(200)))
    whole = archive.read_bytes()
    archive.write_bytes(whole.replace(bytes(range(50, 60)), bytes(10)))
    np.savez(arrays, cepstra=np.zeros((9, 13)), length=np.array([4, 5]))
    for container, member, named in (
        (archive, "a.wav", "damaged at the recording 'a.wav'"),
        (archive, "b.wav", "no recording 'b.wav'"),
        (arrays, "2", "2 sequences, and none with number '2'"),
        (arrays, "x", "none with number 'x'"),
    ):
        with pytest.raises((ValueError, OSError)) as caught:
            read_sound(reference(container, member))
        assert_one_sentence(caught.value, container.name, named)
    np.savez(arrays, cepstra=np.full((9, 13), np.nan), length=np.array([4, 5]))
    sound._cepstra.cache_clear()
    with pytest.raises(ValueError, match="frame 0 holds") as caught:
        frames_of([reference(arrays, 1)], make_extractor([reference(arrays, 1)], True))
    assert_one_sentence(caught.value, "c.npz::1")


def test_frames_that_were_computed_before(tmp_path: Path) -> None:
    cepstra = np.random.default_rng(0).normal(size=(9, 13)).astype(np.float16)
    np.savez(tmp_path / "c.npz", cepstra=cepstra, length=np.array([4, 5]))
    ref = reference(tmp_path / "c.npz", 1)
    extractor = make_extractor([ref], bidirectional=True, delta_order=2)
    frames = frames_of([ref], extractor)[0]
    assert frames.shape == (5, 39)
    own = cepstra[4:].astype(float)
    np.testing.assert_allclose(frames[:, :13], (own - own.mean(0)) / own.std(0), atol=1e-4)


def test_an_empty_text_is_named(tmp_path: Path) -> None:
    write_manifests(tmp_path)
    table = (tmp_path / "valid.csv").read_text().splitlines()
    table[2] = table[2].replace(",ba,", ",,")
    (tmp_path / "valid.csv").write_text("\n".join(table))
    with pytest.raises(ValueError, match="row 2 of its part 'validation' is empty"):
        load_speech(tmp_path)


def test_prompts_as_they_are_spoken(tmp_path: Path) -> None:
    said = {
        "agent-pass": "Please enter your password, then press 1.",
        "beep": "[a tone]",
        "silence/1": "(1 second of silence)",
        "spy-h323": "H.323",
        "lacking": "No sound.",
        "letters/a": "A",
    }
    lines = "".join(f"{name}: {text}\n" for name, text in said.items())
    with gzip.open(tmp_path / "core-sounds-en.txt.gz", "wt", encoding="utf-8") as file:
        file.write(f"; Sounds: all\n\n{lines}")
    for folder in ("silence", "letters"):
        (tmp_path / folder).mkdir()
    for name in said.keys() - {"lacking"}:
        soundfile.write(tmp_path / f"{name}.wav", tones("a", 0), RATE)
    assert [
        (path.relative_to(tmp_path).as_posix(), text) for path, text in read_prompts(tmp_path)
    ] == [
        ("agent-pass.wav", "please enter your password then press one"),
        ("letters/a.wav", "a"),
    ]


def test_recordings_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes of their files are kept as they are, so no decoder is needed to load them."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    files = []
    for number in range(12):
        soundfile.write(tmp_path / "one.wav", tones("ab", number), RATE)
        files.append({"bytes": (tmp_path / "one.wav").read_bytes(), "path": None})
    columns = {"clip": files, "sentence": [f"go {n}" for n in range(12)]}
    features = datasets.Features({"clip": datasets.Audio(), "sentence": datasets.Value("string")})
    table = pa.table(columns, schema=features.arrow_schema)  # making it of rows wants an encoder
    part = datasets.Dataset(table, info=datasets.DatasetInfo(features=features))
    monkeypatch.setattr(sources, "load_hub_parts", lambda hub: {"train": part})
    rows = [row for rows in load_speech("ada/clips", audio_column="clip").values() for row in rows]
    assert sorted(row["text"] for row in rows) == sorted(columns["sentence"])
    for row in rows:
        expected = tones("ab", int(row["text"].split()[1]))
        np.testing.assert_allclose(read_sound(row["audio"]).values, expected, atol=1e-4)
    with pytest.raises(ValueError, match="column 'audio'"):
        load_speech("ada/clips")


@pytest.mark.parametrize(("rate", "heard"), [(8_000, 8_000), (16_000, 16_000), (48_000, 16_000)])
def test_sound_is_heard_at_16_khz_at_most(rate: int, heard: int, tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 440 * np.arange(rate // 2) / rate), rate)
    extractor = make_extractor([str(path)], bidirectional=True)
    assert extractor.sampling_rate == heard
    (frames,) = frames_of([str(path)], extractor)
    assert len(frames) in (48, 49, 50)
