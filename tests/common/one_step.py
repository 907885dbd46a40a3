"""One step of Trainer, in this process or, run by torchrun, on several ranks.

Usage: ``torchrun --nproc_per_node 2 one_step.py JOBS.json``; each job names an Auto class, the
folder of a checkpoint, and rows. The weights after the step are written there, to
``stepped.safetensors``.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import save_file
from transformers import PreTrainedModel, Trainer, TrainingArguments


def train_one_step(
    model: PreTrainedModel,
    rows: list[dict[str, Any]],
    batch: int,
    accumulated: int,
    folder: Path,
    **options: Any,
) -> None:
    """Take one step of plain gradient descent with the plain Trainer, at a learning rate of 1."""
    arguments = TrainingArguments(
        str(folder),
        max_steps=1,
        per_device_train_batch_size=batch,
        gradient_accumulation_steps=accumulated,
        optim="sgd",
        learning_rate=1.0,
        lr_scheduler_type="constant",
        max_grad_norm=0,
        train_sampling_strategy="sequential",
        logging_strategy="no",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        **options,
    )
    Trainer(model, arguments, train_dataset=rows).train()


def main(jobs: Path) -> None:
    import hf_recurrent  # noqa: F401 - registers the Auto classes

    torch.set_num_threads(1)
    ranks = int(os.environ["WORLD_SIZE"])
    for job in json.loads(jobs.read_text()):
        model = getattr(transformers, job["auto_class"]).from_pretrained(job["folder"])
        rows = job["rows"]
        train_one_step(model, rows, len(rows) // (2 * ranks), 2, Path(job["folder"]))
        if os.environ["RANK"] == "0":
            weights = {n: p.detach().clone() for n, p in model.named_parameters()}
            save_file(weights, Path(job["folder"]) / "stepped.safetensors")
    torch.distributed.barrier()  # no rank leaves while another still talks to it
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
