"""Train a recogniser and a classifier of sound by their recipes, and publish their folders.

Usage: ``recognizer.py FOLDER``; ``FOLDER/expected.json`` has the answers.
"""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
from transformers import pipeline

from hf_recurrent.__main__ import main
from tests.hub.flows.recognizer_back import answers
from tests.tasks.speech.recordings import tones, write_manifests

SCRIPTS = Path(__file__).parents[3] / "scripts"

folder = Path(sys.argv[1])
data = write_manifests(folder)
np.save(folder / "sound.npy", tones("ab", 7).astype(np.float32))
expected = {}
for name, script, more in (
    ("recognizer", "train_speech_recognition.py", ["--bidirectional", "False"]),
    ("listener", "train_audio_classification.py", []),
):
    flags = ["--dataset", str(data), "--output_dir", str(folder / name), "--hidden_size", "8"]
    flags += ["--num_train_epochs", "2", "--per_device_train_batch_size", "8", "--threads", "1"]
    flags += ["--use_cpu", "True", "--disable_tqdm", "True", *more]
    sys.argv = [script, *flags]
    runpy.run_path(str(SCRIPTS / script), run_name="__main__")
    expected[name] = answers(folder / name, folder / "sound.npy", pipeline)
    assert main(["publish", str(folder / name), f"ada/{name}", "--yes"]) == 0
(folder / "expected.json").write_text(json.dumps(expected))
