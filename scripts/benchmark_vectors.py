"""Run every speed benchmark of word vectors in turn, each side by side with its peers.

- reading GloVe text at full size (``benchmark_vector_readers.py``), reading and converting every
  format, and the peak memory of each way (``benchmark_vector_formats.py``);
- opening a saved model and encoding sentences (``benchmark_static_model.py``);
- training Word2Vec and FastText beside gensim called directly (``benchmark_vector_training.py``);
- GloVe's records and counting beside gensim's words (``benchmark_glove.py``);
- skip-gram with shared negatives beside gensim's (``benchmark_skip_gram.py``).

Each can be run by itself, with options of its own. Needs the extra ``test``.

Examples:
    python scripts/benchmark_vectors.py
    python scripts/benchmark_vectors.py --only static_model glove
"""

import argparse
import subprocess
import sys
from pathlib import Path

BENCHMARKS = (
    "vector_readers",
    "vector_formats",
    "static_model",
    "vector_training",
    "glove",
    "skip_gram",
)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=BENCHMARKS)
    failed = 0
    for name in parser.parse_args().only:
        print(f"\n## {name}\n", flush=True)
        script = Path(__file__).with_name(f"benchmark_{name}.py")
        failed += subprocess.run([sys.executable, str(script)], check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
