"""Train a BERT on ranks: ``torchrun --nproc_per_node 2 bert_on_ranks.py FOLDER``."""

import json
import sys
from pathlib import Path

import torch

from tests.training.test_bert_trainer import make_trainer


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    # Two ranks of two rows, accumulated twice: 8 rows a step.
    trainer = make_trainer(folder, size=2, gradient_accumulation_steps=2, ddp_backend="gloo")
    trainer.train()
    trainer.save_model(str(folder))
    if trainer.is_world_process_zero():
        (folder / "logs.json").write_text(json.dumps(trainer.state.log_history))
    torch.distributed.barrier()  # no rank leaves while another still talks to it
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
