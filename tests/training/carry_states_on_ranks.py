"""Train a language model on two ranks, stop, and go on; see ``test_state_carrier.py``.

Usage: ``torchrun --nproc_per_node 2 carry_states_on_ranks.py FOLDER``. Rank 0 writes the
model and ``losses.json``.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import torch

from tests.training.test_state_carrier import logged, make_model, make_trainer
from tests.training.test_trainer import StopAt


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    settings: dict[str, Any] = {
        "save_strategy": "steps",
        "save_steps": 3,
        "ddp_backend": "gloo",
    }
    make_trainer(make_model(), folder, [StopAt(3)], ranks=2, **settings).train()
    model = make_model()
    trainer = make_trainer(model, folder, ranks=2, **settings)
    trainer.train(resume_from_checkpoint=True)
    trainer.save_model(str(folder))
    torch.distributed.barrier()  # no rank leaves while another still talks to it
    torch.distributed.destroy_process_group()
    if os.environ["RANK"] == "0":
        losses = {name: logged(trainer, name) for name in ("loss", "eval_loss")}
        (folder / "losses.json").write_text(json.dumps(losses))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
