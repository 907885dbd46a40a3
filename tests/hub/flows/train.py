"""Train with each Hub strategy, by the plain Trainer and by ours.

Usage: ``train.py FOLDER``; the repositories are named ``ada/CLASS-STRATEGY``.
"""

import sys
from pathlib import Path

import datasets
from transformers import Trainer, TrainingArguments
from transformers.trainer_utils import HubStrategy

from hf_recurrent.hub import HubTrainerMixin
from tests.hub.flows.samples import TEXTS, make_samples


class HubTrainer(HubTrainerMixin, Trainer):
    """What a user writes."""


tokenizer = make_samples()["bilstm-classifier"].tokenizer
rows = datasets.Dataset.from_dict(tokenizer(TEXTS) | {"labels": [1, 0, 1]})
for trainer_class in (Trainer, HubTrainer):
    for strategy in HubStrategy:
        name = f"{trainer_class.__name__}-{strategy.value}"
        trainer = trainer_class(
            model=make_samples()["bilstm-classifier"].model,
            args=TrainingArguments(
                output_dir=str(Path(sys.argv[1], name)),
                num_train_epochs=2,
                per_device_train_batch_size=3,
                eval_strategy="epoch",
                save_strategy="epoch",
                push_to_hub=True,
                hub_model_id=f"ada/{name}",
                hub_strategy=strategy,
                hub_always_push=True,
                report_to="none",
                use_cpu=True,
                disable_tqdm=True,
            ),
            train_dataset=rows,
            eval_dataset=rows,
            processing_class=tokenizer,
        )
        trainer.train()
        trainer.push_to_hub()
