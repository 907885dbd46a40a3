"""Plain pipelines and ``AutoProcessor``, with the package and without it."""

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    AudioClassificationPipeline,
    AutomaticSpeechRecognitionPipeline,
    AutoProcessor,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
    Wav2Vec2ForSequenceClassification,
    pipeline,
)

from hf_recurrent import (
    LogMelFeatureExtractor,
    RecurrentForAudioClassification,
    RecurrentSpeechConfig,
    RecurrentSpeechProcessor,
)
from hf_recurrent.models.samples import resampled
from tests.common.bad_input import assert_one_sentence
from tests.common.checkpoints import run_outside

from .samples import recognizer, sound

LENGTHS = (16_000, 9_000, 30_001)
OUTSIDE = """
import json, numpy as np
from transformers import (
    AudioClassificationPipeline,
    AutomaticSpeechRecognitionPipeline,
    AutoProcessor,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
    Wav2Vec2ForSequenceClassification,
    pipeline,
)
folder = {folder!r}
sounds = dict(np.load(folder + "/sounds.npz"))
run = pipeline("automatic-speech-recognition", folder, trust_remote_code=True)
texts = [run(sounds[name].copy(), return_timestamps="word") for name in sorted(sounds)]
processor = AutoProcessor.from_pretrained(folder, trust_remote_code=True)
print(json.dumps({{"texts": texts, "processor": type(processor).__name__}}, default=float))
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Any]:
    folder = tmp_path_factory.mktemp("recognizer")
    model, processor = recognizer(bidirectional=True)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder, model, processor


def whole(model: Any, processor: Any, samples: np.ndarray) -> str:
    with torch.no_grad():
        logits = model(**processor(samples, sampling_rate=16_000, return_tensors="pt")).logits
    text: str = processor.tokenizer.decode(logits[0].argmax(-1))
    return text


def test_a_batch_is_transcribed_as_its_members(saved: Any) -> None:
    folder, model, processor = saved
    run = pipeline("automatic-speech-recognition", str(folder))
    sounds = [sound(n, n) for n in LENGTHS]
    expected = [whole(model, processor, samples) for samples in sounds]
    assert len(set(expected)) == 3
    for size in (1, 3):
        found = run([samples.copy() for samples in sounds], batch_size=size)
        assert [one["text"] for one in found] == expected


def test_characters_and_words_have_stamps(saved: Any) -> None:
    folder, model, processor = saved
    run = pipeline("automatic-speech-recognition", str(folder))
    samples = sound(LENGTHS[0])
    found = run(samples.copy(), return_timestamps="char")
    assert "".join(chunk["text"] for chunk in found["chunks"]).strip() == found["text"]
    with torch.no_grad():
        ids = model(**processor(samples, return_tensors="pt")).logits[0].argmax(-1).tolist()
    starts = [i for i, t in enumerate(ids) if t and (i == 0 or ids[i - 1] != t)]
    assert [c["timestamp"][0] for c in found["chunks"]] == pytest.approx(
        [start * 320 / 16_000 for start in starts]
    )
    words = run(samples.copy(), return_timestamps="word")["chunks"]
    assert [word["text"] for word in words] == found["text"].split()


def test_another_hop_than_that_of_the_frames_is_named() -> None:
    """Time stamps and chunks would be wrong by its factor."""
    model, processor = recognizer(samples_per_frame=80)
    parts = {"tokenizer": processor.tokenizer, "feature_extractor": processor.feature_extractor}
    run = pipeline("automatic-speech-recognition", model, **parts)
    assert run(sound(2000))["text"] == whole(model, processor, sound(2000))
    for asked in ({"return_timestamps": "word"}, {"chunk_length_s": 1.0}):
        with pytest.raises(ValueError, match="is 80, and hop_length of its") as caught:
            run(sound(2000), **asked)
        assert_one_sentence(caught.value)


@pytest.fixture
def without_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise AssertionError("the pipeline asked ffmpeg")

    for kind in ("automatic_speech_recognition", "audio_classification"):
        monkeypatch.setattr(f"transformers.pipelines.{kind}.ffmpeg_read", refuse)


@pytest.mark.usefixtures("without_ffmpeg")
def test_files_are_heard_without_ffmpeg_and_torchaudio(saved: Any, tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    folder, model, processor = saved
    run = pipeline("automatic-speech-recognition", str(folder))
    samples = sound(LENGTHS[0], 1).astype(np.float32)
    path, slow = tmp_path / "a.wav", tmp_path / "slow.flac"
    soundfile.write(path, samples, 16_000, subtype="FLOAT")
    expected = whole(model, processor, samples)
    assert expected
    stereo = {"raw": np.stack([samples, samples]), "sampling_rate": 16_000}
    for given in (str(path), path.read_bytes(), {"raw": samples, "sampling_rate": 16_000}, stereo):
        assert run(given)["text"] == expected
    assert [one["text"] for one in run([str(path)] * 2, batch_size=2)] == [expected] * 2
    chunks = run(str(path), return_timestamps="char", chunk_length_s=9)["chunks"]
    assert "".join(chunk["text"] for chunk in chunks).strip() == expected
    soundfile.write(slow, samples[::2], 8_000)
    heard = resampled(soundfile.read(slow, dtype="float32")[0], 8_000, 16_000)
    slowly = whole(model, processor, heard)
    for given in (str(slow), {"array": soundfile.read(slow)[0], "sampling_rate": 8_000}):
        with pytest.warns(UserWarning, match="8000 samples a second and is resampled to 16000"):
            assert run(given)["text"] == slowly
    whole_numbers = np.round(samples[::2] * 2**15).astype(np.int16)
    for given in (torch.tensor(whole_numbers), np.stack([whole_numbers] * 2)):
        with pytest.warns(UserWarning, match="resampled to 16000"):
            assert run({"array": given, "sampling_rate": 8_000})["text"] == slowly
    for given in ({"path": str(path), "bytes": None}, {"path": None, "bytes": path.read_bytes()}):
        assert run(given)["text"] == expected  # rows of ``datasets`` that are not decoded
    more = {"raw": samples, "sampling_rate": 16_000, "id": "r1"}
    for _ in range(2):  # what is given stays as it is, and the rest is given back
        assert run(more) == {"text": expected, "id": ["r1"]}
    assert run(path)["text"] == expected
    (tmp_path / "text.wav").write_text("no sound")
    for given, said in (
        (str(tmp_path / "text.wav"), "text.wav' is no file of sound that can be read"),
        (b"no sound", "'what was given as bytes' is no file of sound"),
        (str(tmp_path / "none.wav"), "There is no file of sound '.*none.wav'"),
        ({"raw": samples, "sampling_rate": 8e3}, "sampling_rate is 8000.0, expected a whole"),
        ({"raw": samples, "sampling_rate": 0}, "sampling_rate is 0, expected a whole"),
    ):
        with pytest.raises((ValueError, OSError), match=said):
            run(given)
    copied = copy.deepcopy(run)
    assert type(copied).__name__ == "SpeechRecognitionPipeline"
    assert copied(str(path))["text"] == expected
    run.save_pretrained(tmp_path / "again")  # as that of transformers, without code of its own
    assert "custom_pipelines" not in json.loads((tmp_path / "again" / "config.json").read_text())


def test_other_models_have_the_pipeline_of_transformers() -> None:
    config = Wav2Vec2Config(
        vocab_size=4, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=8, conv_dim=[4], conv_kernel=[10], conv_stride=[5],
        num_conv_pos_embeddings=2, num_conv_pos_embedding_groups=2,
    )  # fmt: skip
    extractor = Wav2Vec2FeatureExtractor()
    for task, head, kind in (
        ("automatic-speech-recognition", Wav2Vec2ForCTC, AutomaticSpeechRecognitionPipeline),
        ("audio-classification", Wav2Vec2ForSequenceClassification, AudioClassificationPipeline),
    ):
        tokenizer = recognizer()[1].tokenizer
        run = pipeline(task, head(config), tokenizer=tokenizer, feature_extractor=extractor)
        assert type(run) is kind


def test_chunks_of_a_pipeline(saved: Any) -> None:
    """Inside of a chunk a model of short memory writes what it writes of the whole."""
    folder, model, processor = saved
    run = pipeline("automatic-speech-recognition", str(folder))
    samples = sound(LENGTHS[2])
    found = run(samples.copy(), chunk_length_s=1.0, stride_length_s=0.3)["text"]
    text = whole(model, processor, samples)
    assert abs(len(found) - len(text)) <= len(text) / 2  # chunks lack what the layers read outside


def test_all_travels(saved: Any, tmp_path: Path) -> None:
    folder, model, processor = saved
    assert isinstance(AutoProcessor.from_pretrained(folder), RecurrentSpeechProcessor)
    config = json.loads((folder / "preprocessor_config.json").read_text())
    assert "mel_filters" not in config
    assert "_bank" not in config
    sounds = {str(n): sound(n, n) for n in LENGTHS}
    np.savez(folder / "sounds.npz", **sounds)
    report = json.loads(run_outside(OUTSIDE.format(folder=str(folder)), tmp_path))
    assert report["processor"] == "RecurrentSpeechProcessor"
    expected = [whole(model, processor, sounds[name]) for name in sorted(sounds)]
    assert [one["text"] for one in report["texts"]] == expected


@pytest.mark.usefixtures("without_ffmpeg")
def test_audio_classification(tmp_path: Path) -> None:
    extractor = LogMelFeatureExtractor(num_mel_bins=6)
    config = RecurrentSpeechConfig(
        embedding_config={"kind": "frames", "num_channels": 6},
        hidden_size=4,
        pooling="max",
        id2label={0: "low", 1: "high", 2: "none"},
    )
    torch.manual_seed(0)
    model = RecurrentForAudioClassification(config).eval()
    model.save_pretrained(tmp_path)
    extractor.save_pretrained(tmp_path)
    run = pipeline("audio-classification", str(tmp_path))
    soundfile = pytest.importorskip("soundfile")
    samples = sound(LENGTHS[1]).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", samples, 16_000, subtype="FLOAT")
    assert run(str(tmp_path / "a.wav")) == run(samples.copy())
    sounds = [sound(n, n) for n in LENGTHS]
    for batch in (1, 3):
        for samples, found in zip(sounds, run(list(sounds), batch_size=batch), strict=True):
            with torch.no_grad():
                logits = model(**extractor(samples, return_tensors="pt")).logits[0]
            expected = dict(zip(config.id2label.values(), logits.softmax(-1).tolist(), strict=True))
            assert {one["label"]: one["score"] for one in found} == pytest.approx(
                expected, abs=1e-5
            )
