"""Ask models of the Hub by ``hf-recurrent predict``; prints answers, and the last one's error."""

import sys

from hf_recurrent.__main__ import main

for name in ("bag-of-vectors", "bilstm-classifier"):
    assert main(["predict", f"ada/{name}", "a warm film", "dull"]) == 0
sys.stderr = sys.stdout
assert main(["predict", "ada/gru", "dull"]) == 1
