"""Train on several ranks: ``torchrun --nproc_per_node 2 train_ranks.py FOLDER``.

Each rank writes the rows of each batch that it read, ``seenRANK.json``; rank 0 writes the model.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import torch

from hf_recurrent.training import LengthGroupedDataset
from tests.training.test_trainer import BY_RANKS, make_model, make_rows, make_trainer


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    model = make_model(embedding_dropout=0.0, hidden_dropout=0.0, classifier_dropout=0.0)
    rows = LengthGroupedDataset(make_rows(32), 8, seed=5)
    trainer = make_trainer(model, folder, rows, **BY_RANKS)
    seen: list[list[list[int]]] = []
    step = trainer.training_step

    def training_step(model: Any, inputs: dict[str, torch.Tensor], *rest: Any) -> torch.Tensor:
        pairs = zip(inputs["input_ids"], inputs["attention_mask"], strict=True)
        seen.append([ids[mask.bool()].tolist() for ids, mask in pairs])
        return step(model, inputs, *rest)

    trainer.training_step = training_step  # type: ignore[method-assign]
    trainer.train()
    trainer.save_model(str(folder))
    torch.distributed.barrier()  # no rank leaves while another still talks to it
    torch.distributed.destroy_process_group()
    (folder / f"seen{os.environ['RANK']}.json").write_text(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
