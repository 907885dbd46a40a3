"""What needs no model answers without the libraries that models need."""

import subprocess
import sys
from pathlib import Path

CODE = """
import contextlib, io, sys
from hf_recurrent.__main__ import main
verbs = [
    [], ["benchmark"], ["predict"], ["app"], ["inspect"], ["diagnose"], ["publish"], ["vectors"],
    *(["vectors", verb] for verb in (
        "train", "convert", "align", "adapt", "compress", "evaluate", "neighbors", "contexts",
        "plot")),
]
wrong = [["bench"], ["benchmark", "--sedes", "3"], ["vectors", "train", "--kind", "y"], ["predict"]]
for arguments in [*([*verb, "--help"] for verb in verbs), ["--version"], *wrong]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            main(arguments)
        except SystemExit as end:
            assert end.code == (0 if arguments[-1] in ("--help", "--version") else 2), arguments
        else:
            raise AssertionError(arguments)
    for name in ("torch", "transformers.modeling_utils", "scipy", "gensim", "datasets", "sklearn"):
        assert name not in sys.modules, (arguments, name)
"""


def test_help_and_wrong_options_import_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


NEIGHBORS = """
import sys
from hf_recurrent.__main__ import main
assert main(["vectors", "neighbors", sys.argv[1], "cat"]) == 0
for name in ("torch", "transformers", "datasets", "sklearn"):
    assert name not in sys.modules, name
"""


def test_neighbours_in_a_file_import_no_models(tmp_path: Path) -> None:
    file = tmp_path / "vectors.txt"
    file.write_text("cat 1 0\ndog 1 1\nhouse 0 1\n")
    command = [sys.executable, "-c", NEIGHBORS, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:3] == ["cat", "0.707", "dog"]
