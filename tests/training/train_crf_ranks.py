"""Train a tagger with a CRF on ranks: ``torchrun --nproc_per_node 2 train_crf_ranks.py FOLDER``."""

import sys
from pathlib import Path

import torch

from tests.training.test_crf_trainer import BY_RANKS, make_tagger, make_trainer


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    # Two ranks of four rows, accumulated twice: 16 rows a step.
    trainer = make_trainer(make_tagger(), folder, gradient_accumulation_steps=2, **BY_RANKS)
    trainer.train()
    trainer.save_model(str(folder))
    torch.distributed.barrier()  # no rank leaves while another still talks to it
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
