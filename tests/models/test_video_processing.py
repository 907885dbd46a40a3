"""The video processor, the files it reads, and the plain pipeline over both."""

import contextlib
import json
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from transformers import pipeline

from hf_recurrent import (
    RecurrentForVideoClassification,
    RecurrentVideoConfig,
    RecurrentVideoProcessor,
)
from hf_recurrent.models import video_files
from hf_recurrent.models.video_files import frames_at_rate, read_clip, uniform_frames
from tests.common.bad_input import assert_one_sentence
from tests.common.checkpoints import run_outside
from tests.common.clips import write_clip, write_sound


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clips") / "bar.mp4")


def test_frames_are_taken_over_the_whole_clip() -> None:
    assert uniform_frames(100, 4) == [0, 33, 66, 99]
    assert uniform_frames(100, 1) == [0]
    assert uniform_frames(3, 4) == [0, 1, 2]
    assert frames_at_rate(10, 10.0, 5.0) == [0, 2, 4, 6, 8]
    assert frames_at_rate(4, 2.0, 4.0) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert frames_at_rate(1, 25.0, 1.0) == [0]


def test_a_file_is_read_where_it_is_asked_for(clip: Path) -> None:
    whole = read_clip(clip)
    assert whole.frames.shape == (12, 32, 32, 3)
    assert whole.rate == 10
    bars = whole.frames[:, 16, :, 0].argmax(1)
    assert (np.diff(bars) > 0).all()
    some = read_clip(clip, lambda total, rate: [0, total - 1, total - 1])
    assert np.array_equal(some.frames, whole.frames[[0, 11, 11]])


def test_short_clips_have_a_mask(clip: Path, tmp_path: Path) -> None:
    one = write_clip(tmp_path / "one.mp4", 1)
    processor = RecurrentVideoProcessor(size={"height": 8, "width": 6}, num_frames=5)
    batch = processor([str(clip), one])
    assert batch["pixel_values_videos"].shape == (2, 5, 3, 8, 6)
    assert batch["attention_mask"].tolist() == [[1] * 5, [1, 0, 0, 0, 0]]
    assert not batch["pixel_values_videos"][1, 1:].any()
    alone = processor(one)
    assert torch.equal(alone["pixel_values_videos"], batch["pixel_values_videos"][1:])


def test_frames_of_an_array_are_what_they_were() -> None:
    frames = np.arange(2 * 3 * 4 * 3, dtype=np.uint8).reshape(2, 3, 4, 3)
    sizes = {"size": {"height": 3, "width": 4}, "num_frames": None}
    processor = RecurrentVideoProcessor(**sizes, image_mean=[0.0] * 3, image_std=[1.0] * 3)
    for given in (frames, frames[None], [frames], list(frames), torch.from_numpy(frames)):
        found = processor(given)["pixel_values_videos"][0]
        torch.testing.assert_close(found.permute(0, 2, 3, 1), torch.tensor(frames / 255).float())
    grey = RecurrentVideoProcessor(**sizes, num_channels=1, image_mean=[0.0], image_std=[1.0])
    bright = frames @ np.array([0.299, 0.587, 0.114]) / 255
    found = grey(frames)["pixel_values_videos"][0, :, 0]
    torch.testing.assert_close(found, torch.tensor(bright).float())
    assert grey(frames, num_frames=1)["pixel_values_videos"].shape == (1, 1, 1, 3, 4)
    assert grey(frames, num_frames=1, do_sample_frames=False)["attention_mask"].shape == (1, 2)


def test_files_that_are_no_clips(clip: Path, tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "fast.mp4", 40, movflags="faststart").read_bytes()
    (tmp_path / "broken.mp4").write_bytes(whole[: len(whole) * 3 // 4])
    stream = write_clip(tmp_path / "stream.mkv", 40).read_bytes()
    (tmp_path / "broken.mkv").write_bytes(stream[: len(stream) * 3 // 4])
    (tmp_path / "headless.mp4").write_bytes(clip.read_bytes()[:500])
    (tmp_path / "text.mp4").write_text("no video " * 99)
    (tmp_path / "empty.mp4").touch()
    write_sound(tmp_path / "sound.wav")
    for name, told in {
        "broken.mp4": "breaks after frame",
        "broken.mkv": "breaks after frame",
        "headless.mp4": "",
        "text.mp4": "cannot be read as a video",
        "empty.mp4": "cannot be read as a video",
        "sound.wav": "no video stream",
    }.items():
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is looked at below
            read_clip(tmp_path / name)
        assert_one_sentence(caught.value, name, told)
    with pytest.raises(FileNotFoundError, match=r"no video file .*missing\.mp4"):
        read_clip(tmp_path / "missing.mp4")


def test_a_clip_that_was_cut_without_coding_it_anew(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mp4", 14)
    with av.open(str(whole)) as given, av.open(str(tmp_path / "cut.mp4"), "w") as cut:
        stream = given.streams.video[0]
        own = cut.add_stream_from_template(stream)
        for packet in given.demux(stream):
            if packet.size:  # the first four frames are before the start, and not shown
                packet.pts -= round(0.4 / stream.time_base)
                packet.dts -= round(0.4 / stream.time_base)
                packet.stream = own
                cut.mux(packet)
    frames = read_clip(tmp_path / "cut.mp4").frames
    np.testing.assert_array_equal(frames, read_clip(whole).frames[4:])


def test_an_avi_counts_the_times_at_which_nothing_changes(tmp_path: Path) -> None:
    times = [0, 1, 2, 6, 7, 8, 12, 13, 14, 15]
    with av.open(str(tmp_path / "gaps.avi"), "w") as made:
        stream = made.add_stream("mpeg4", rate=10)
        stream.height = stream.width = 32
        stream.pix_fmt = "yuv420p"
        draw = np.random.default_rng(0)
        for time in times:
            picture = draw.integers(0, 256, (32, 32, 3), np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 10)
            made.mux(stream.encode(frame))
        made.mux(stream.encode())
    assert len(read_clip(tmp_path / "gaps.avi").frames) == len(times)
    whole = (tmp_path / "gaps.avi").read_bytes()
    (tmp_path / "broken.avi").write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(ValueError, match=r"broken\.avi: the video breaks after frame"):
        read_clip(tmp_path / "broken.avi")


def test_frames_that_are_never_shown_are_not_counted(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "alt.webm"), "w") as made:
        stream = made.add_stream("libvpx", rate=10, options={"lag-in-frames": "0"})
        stream.height = stream.width = 32
        stream.pix_fmt = "yuv420p"
        for number in range(12):
            picture = np.full((32, 32, 3), 20 * number, np.uint8)
            (packet,) = stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24"))
            content = bytearray(bytes(packet))
            content[0] &= ~0x10 if number == 5 else 0xFF  # the bit that says: to be shown
            given = av.Packet(bytes(content))
            given.pts, given.dts, given.stream = packet.pts, packet.dts, stream
            given.time_base = packet.time_base
            made.mux(given)
    some = read_clip(tmp_path / "alt.webm", lambda total, rate: [0, total - 1])
    np.testing.assert_allclose(some.frames[:, 16, 16, 0], [0, 220], atol=9)
    assert len(read_clip(tmp_path / "alt.webm").frames) == 11


def test_a_turned_telephone(clip: Path, tmp_path: Path) -> None:
    content = clip.read_bytes()
    upright = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    turned = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 32 << 16, 0, 1 << 30)
    place = content.index(b"tkhd")
    assert content.index(upright, place) - place < 64  # that of the track, not of the film
    head, tail = content[:place], content[place:]
    (tmp_path / "turned.mp4").write_bytes(head + tail.replace(upright, turned, 1))
    expected = np.rot90(read_clip(clip).frames, -1, (1, 2))  # clockwise
    np.testing.assert_array_equal(read_clip(tmp_path / "turned.mp4").frames, expected)


def test_a_size_that_changes_a_cover_and_a_colon(tmp_path: Path) -> None:
    sizes = (32, 16)
    with av.open(str(tmp_path / "10:30.mkv"), "w") as made:
        stream = made.add_stream("mjpeg", rate=10)
        stream.height = stream.width = sizes[0]
        stream.pix_fmt = "yuvj420p"
        for number, size in enumerate(sizes):
            codec = av.CodecContext.create("mjpeg", "w")
            codec.height = codec.width = size
            codec.pix_fmt, codec.time_base = "yuvj420p", Fraction(1, 10)
            picture = np.full((size, size, 3), 99, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuvj420p")
            frame.pts = number
            for packet in codec.encode(frame):
                packet.stream = stream
                made.mux(packet)
    # A name without its folder, as users give it.
    with contextlib.chdir(tmp_path):
        assert read_clip("10:30.mkv").frames.shape == (2, 32, 32, 3)
    with av.open(str(tmp_path / "cover.m4a"), "w", format="mp4") as made:
        cover = made.add_stream("mjpeg", rate=1)
        cover.height = cover.width = 32
        cover.pix_fmt = "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        picture = np.zeros((32, 32, 3), np.uint8)
        made.mux(cover.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        made.mux(cover.encode())
    with pytest.raises(ValueError, match=r"cover\.m4a has no video stream"):
        read_clip(tmp_path / "cover.m4a")


def test_a_frame_rate_of_zero(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="frame rate of 0, so no fps can be chosen"):
        RecurrentVideoProcessor(fps=5, num_frames=None)(np.zeros((3, 4, 4, 3), np.uint8))
    with pytest.raises(ValueError, match="fps is 0"):
        RecurrentVideoProcessor()(clip, fps=0)
    monkeypatch.setattr(
        video_files, "_rate", lambda stream: 0.0
    )  # FFmpeg guesses one in most files
    assert read_clip(clip).rate == 0
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        RecurrentVideoProcessor()(clip, fps=5)
    assert_one_sentence(caught.value, clip.name, "frame rate of 0", "num_frames")


def test_settings_and_frames_that_do_not_fit() -> None:
    for fields, told in (
        ({"num_channels": 2}, "num_channels is 2"),
        ({"num_frames": 0}, "num_frames is 0"),
        ({"num_frames": 2.5}, "num_frames is 2.5"),
        ({"num_frames": "8"}, "num_frames is '8'"),
        ({"size": {"shortest_edge": 9}}, "size is"),
        ({"size": 0}, "size is 0"),
        ({"size": "big"}, "size is 'big'"),
        ({"do_normalize": False}, "do_normalize is False"),
        ({"fps": 0}, "fps is 0"),
        ({"size": {"height": 3}}, "size is"),
        ({"image_mean": [0.5]}, "image_mean has 1 numbers"),
    ):
        with pytest.raises(ValueError, match=told):
            RecurrentVideoProcessor(**fields)
    processor = RecurrentVideoProcessor()
    with pytest.raises(ValueError, match=r"shape \(1, 4, 4\)"):
        processor([[np.zeros((4, 4))]])
    with pytest.raises(ValueError, match="float64, expected bytes"):
        processor(np.zeros((2, 4, 4, 3)))
    frames = np.zeros((2, 4, 4, 3), np.uint8)
    for given, told in ({"num_frames": 0}, "num_frames is 0"), ({"do_resize": False}, "do_resize"):
        with pytest.raises(ValueError, match=told):
            processor(frames, **given)
    with pytest.raises(ValueError, match="videos is None"):
        processor(None)


def test_a_call_has_its_own_settings(clip: Path) -> None:
    processor = RecurrentVideoProcessor(size=(6, 8), num_frames=3)
    given = {"size": {"height": 4, "width": 5}, "num_channels": 1, "rescale_factor": 1.0}
    found = processor(clip, **given, do_resize=True, other="ignored")
    expected = RecurrentVideoProcessor(**given, num_frames=3)(clip)
    assert torch.equal(found["pixel_values_videos"], expected["pixel_values_videos"])
    assert processor.size == {"height": 6, "width": 8}
    # Numbers of other types, such as the rate that av tells.
    numbers = {"size": np.int64(4), "num_frames": None, "fps": Fraction(5)}
    plain = RecurrentVideoProcessor(size=4, num_frames=None, fps=5)
    assert RecurrentVideoProcessor(**numbers).to_json_string() == plain.to_json_string()
    expected = plain(clip)["pixel_values_videos"]
    assert torch.equal(processor(clip, **numbers)["pixel_values_videos"], expected)
    assert processor(clip, num_frames=np.int64(2))["attention_mask"].shape == (1, 2)
    assert processor(clip.read_bytes())["pixel_values_videos"].shape == (1, 3, 3, 6, 8)


def test_without_av(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_files, "av", None)
    with pytest.raises(
        ImportError, match=r"bar\.mp4: reading a video needs av: run pip install av"
    ):
        RecurrentVideoProcessor()(clip)


PIPELINE = """\
import json, sys, torch
sys.modules["hf_recurrent"] = None  # as where the package is not installed
torch.set_num_threads(1)
from transformers import pipeline
run = pipeline("video-classification", {folder!r}, trust_remote_code=True)
print(json.dumps(run({clip!r})))
"""


@pytest.mark.slow
def test_the_plain_pipeline_with_the_package_and_without_it(clip: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    encoder = {"kind": "cnn", "channels": [4], "grid": 2}
    model = RecurrentForVideoClassification(
        RecurrentVideoConfig(
            embedding_config={"kind": "pictures", "encoder": encoder},
            cell_type="gru",
            hidden_size=4,
            num_frames=6,
            id2label={0: "left", 1: "right"},
            label2id={"left": 0, "right": 1},
        )
    ).eval()
    processor = RecurrentVideoProcessor(size=8, num_frames=6)
    folder = tmp_path / "model"
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    batch = processor(clip)
    assert batch["attention_mask"].sum() == 6
    with torch.no_grad():
        expected = model(**batch).logits.softmax(-1)[0].tolist()
    here = pipeline("video-classification", str(folder))
    assert type(here.model) is RecurrentForVideoClassification
    assert type(here.video_processor) is RecurrentVideoProcessor
    there = json.loads(run_outside(PIPELINE.format(folder=str(folder), clip=str(clip)), tmp_path))
    for found in (here(str(clip)), there):
        by_name = {each["label"]: each["score"] for each in found}
        assert [by_name["left"], by_name["right"]] == pytest.approx(expected, abs=1e-6)
