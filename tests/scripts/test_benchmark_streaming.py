"""A recogniser in pieces, heard at another rate than that of its data."""

import re
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hf_recurrent import (
    LogMelFeatureExtractor,
    RecurrentForCTC,
    RecurrentSpeechConfig,
    RecurrentSpeechProcessor,
)
from hf_recurrent.speech import ctc_tokenizer
from tests.tasks.speech.recordings import write_manifests

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_streaming.py"


def save_model(folder: Path, tokenizer: Any, channels: int, bidirectional: bool) -> None:
    """Save a fresh model that writes something, wrong as it is, and its tokenizer."""
    torch.manual_seed(0)
    config = RecurrentSpeechConfig(
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        embedding_config={"kind": "frames", "num_channels": channels},
        samples_per_frame=40,
        hidden_size=8,
        bidirectional=bidirectional,
    )
    model = RecurrentForCTC(config)
    torch.nn.init.normal_(model.lm_head.weight)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@pytest.mark.parametrize("bidirectional", [True, False])
def test_pieces_are_compared_with_the_whole(
    bidirectional: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    data = write_manifests(tmp_path, rows=12)  # at 8 kHz
    tokenizer = ctc_tokenizer(["a b"])
    extractor = LogMelFeatureExtractor(
        sampling_rate=4000, frame_length=100, hop_length=40, num_mel_bins=8, normalize="fixed"
    )
    extractor.mean, extractor.std = [0.0] * 8, [1.0] * 8
    save_model(tmp_path / "model", tokenizer, 8, bidirectional)
    RecurrentSpeechProcessor(extractor, tokenizer).save_pretrained(tmp_path / "model")
    flags = [str(tmp_path / "model"), "--dataset", str(data), "--recordings", "5", "--join", "2"]
    flags += ["--chunk-lengths", "0.2", "60", "--output", str(tmp_path / "lines.txt")]
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *flags])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert (tmp_path / "lines.txt").read_text().splitlines() == lines
    assert lines[0].startswith("3 recordings of 1 s, ")
    streams = [line for line in lines if line.startswith("chunks of")]
    assert len(streams) == (0 if bidirectional else 4)
    for line in streams:
        assert "3 of 3 transcripts equal" in line
        assert float(re.search(r"logits (\S+),", line)[1]) < 1e-4
    short, long = lines[-2:]
    assert "chunk_length_s=60: 3 of 3 transcripts are those of the whole, 0.0 % of" in long
    assert long.rpartition(", ")[2] == lines[1].rpartition(", ")[2]
    assert short.startswith("chunk_length_s=0.2: ")
    if bidirectional:
        assert "3 of 3" not in short
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *flags, "--join", "0"])
    with pytest.raises(SystemExit, match="error: --join is 0, expected at least 1"):
        runpy.run_path(str(SCRIPT), run_name="__main__")


def test_frames_that_were_computed_before_are_cut_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    lengths = np.array([30, 50, 40])
    cepstra = np.random.default_rng(0).normal(size=(120, 13)).astype(np.float16)
    np.savez(tmp_path / "frames.npz", cepstra=cepstra, length=lengths)
    for part in ("train", "valid", "test"):
        rows = "".join(f"frames.npz::{n},a b\n" for n in range(3))
        (tmp_path / f"{part}.csv").write_text("audio,text\n" + rows)
    tokenizer = ctc_tokenizer(["a b"])
    for bidirectional in (True, False):
        save_model(tmp_path / "model", tokenizer, 26, bidirectional)
        flags = [str(tmp_path / "model"), "--dataset", str(tmp_path), "--chunk-lengths", "0.1", "9"]
        monkeypatch.setattr(sys, "argv", [str(SCRIPT), *flags, "--join", "2"])
        if not bidirectional:
            with pytest.raises(SystemExit, match="error: frames are cut for bidirectional models"):
                runpy.run_path(str(SCRIPT), run_name="__main__")
            continue
        runpy.run_path(str(SCRIPT), run_name="__main__")
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 4
        assert lines[0].startswith("2 recordings of 1 s, ")
        assert "chunk_length_s=0.1: 2 of 2" not in lines[2]
        assert "chunk_length_s=9: 2 of 2 transcripts are those of the whole, 0.0 % of" in lines[3]
