"""A stream of samples gives what the whole recording gives."""

import numpy as np
import pytest
import torch

from hf_recurrent import FeatureStream, LogMelFeatureExtractor
from hf_recurrent.speech import SpeechStream
from tests.common.bad_input import assert_one_sentence

from .samples import STREAMING, recognizer, sound


@pytest.mark.parametrize(
    ("chunk", "cell_type"),
    [(320, "lstm"), (1000, "mingru"), (8000, "lstm")],
    ids=["20 ms", "62.5 ms", "500 ms"],
)
def test_chunks_equal_the_whole(chunk: int, cell_type: str) -> None:
    model, processor = recognizer(cell_type=cell_type, num_hidden_layers=2)
    samples = sound(20_011)
    inputs = processor(samples, sampling_rate=16_000, return_tensors="pt")
    with torch.no_grad():
        whole = model(**inputs).logits[0]
    stream = SpeechStream(model, processor)
    pieces = [samples[i : i + chunk] for i in range(0, len(samples), chunk)]
    found = torch.cat([*(stream.feed(piece) for piece in pieces), stream.finish()])
    torch.testing.assert_close(found, whole, rtol=0, atol=1e-5)
    assert stream.text == processor.tokenizer.decode(whole.argmax(-1))
    assert stream.text


def test_a_stream_shorter_than_a_window() -> None:
    model, processor = recognizer()
    stream = SpeechStream(model, processor)
    assert len(stream.feed(sound(7))) == len(stream.feed(np.zeros(0))) == 0
    with torch.no_grad():
        whole = model(**processor(sound(7), return_tensors="pt")).logits[0]
    torch.testing.assert_close(stream.finish(), whole, rtol=0, atol=1e-5)
    with pytest.raises(ValueError, match="has ended"):
        stream.feed(sound(7))


def test_windows_with_gaps_between_them() -> None:
    extractor = LogMelFeatureExtractor(normalize="none", frame_length=200, hop_length=333)
    stream, samples = FeatureStream(extractor), sound(5000)
    found = [stream.feed(samples[start : start + 90]) for start in range(0, 5000, 90)]
    found = np.concatenate([*found, stream.finish()])
    np.testing.assert_allclose(found, extractor.frames(samples), atol=1e-9)


def test_nothing_in_a_stream() -> None:
    stream = SpeechStream(*recognizer())
    assert len(stream.finish()) == 0
    assert stream.text == ""


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"normalize": "utterance"}, "whole recording"),
        ({"center": True}, "center=True"),
        ({"causal_deltas": False}, "causal_deltas"),
    ],
)
def test_what_cannot_stream_says_so(changed: dict, named: str) -> None:
    with pytest.raises(ValueError, match="cannot stream") as caught:
        FeatureStream(LogMelFeatureExtractor(**{**STREAMING, **changed}))
    assert_one_sentence(caught.value, named)


def test_a_bidirectional_model_cannot_stream() -> None:
    with pytest.raises(ValueError, match="bidirectional") as caught:
        SpeechStream(*recognizer(bidirectional=True))
    assert_one_sentence(caught.value, "sound to come")
