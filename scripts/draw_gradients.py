"""Draw the picture of docs/gradients.md: how far back the gradients of fresh networks reach.

python scripts/draw_gradients.py docs/gradients.svg
"""

import argparse
import sys
from pathlib import Path

import torch

from hf_recurrent import RecurrentConfig, RecurrentModel
from hf_recurrent.training import draw_gradient_flow, gradient_flow

STEPS, ROWS, WORDS = 100, 16, 1000
NETWORKS = {
    "Elman": {"cell_type": "rnn_tanh"},
    "LSTM": {"cell_type": "lstm"},
    "chrono LSTM": {"cell_type": "lstm", "chrono_max_length": STEPS},
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", type=Path, metavar="FILE", help=".svg or .png to write")
    target = parser.parse_args().target
    torch.set_num_threads(1)
    words = torch.randint(1, WORDS, (ROWS, STEPS), generator=torch.Generator().manual_seed(0))
    flows = []
    for name, fields in NETWORKS.items():
        torch.manual_seed(0)
        # Vectors of the scale to which the package brings published ones.
        config = RecurrentConfig(
            vocab_size=WORDS, hidden_size=128, embedding_size=100, initializer_range=0.5, **fields
        )
        flow = gradient_flow(RecurrentModel(config), {"input_ids": words})
        flows.append((name, flow))
        print(f"{name}\n{flow}\n")
    draw_gradient_flow(flows, target, title="Fresh networks over 100 random words")
    print(target)


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
