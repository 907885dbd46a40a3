"""A recogniser in pieces, heard at another rate than that of its data."""

import re
import runpy
import sys
from pathlib import Path

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
    torch.manual_seed(0)
    config = RecurrentSpeechConfig(
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        embedding_config={"kind": "frames", "num_channels": 8},
        samples_per_frame=40,
        hidden_size=8,
        bidirectional=bidirectional,
    )
    model = RecurrentForCTC(config)
    torch.nn.init.normal_(model.lm_head.weight)  # writes something, wrong as it is
    model.save_pretrained(tmp_path / "model")
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
