"""Training of encoders by sentence-transformers, with the best epoch kept."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import datasets
import torch
from transformers import PrinterCallback, TrainerCallback

from .._extras import require

ANCHOR, POSITIVE, NEGATIVE = "anchor", "positive", "negative"


@dataclass
class TrainingCurve:
    """The course of a training.

    Attributes:
        values: The figure that chooses, after each epoch.
        steps: Number of steps before each of these.
        seconds: Time of training, without evaluations.
        epochs: Number of epochs.
        best: Index of the best epoch; ``None`` without evaluations.
        trainer: The trainer, after training.
    """

    values: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    seconds: float = 0.0
    epochs: float = 0.0
    best: int | None = None
    trainer: Any = None


def train_encoder(
    encoder: Any,
    pairs: datasets.Dataset,
    values: Mapping[str, Any],
    *,
    seed: int = 0,
    evaluate: Callable[[], float] | None = None,
    loss: Any = None,
    callbacks: Sequence[TrainerCallback] = (),
) -> TrainingCurve:
    """Train an encoder on pairs by its trainer; keep the weights of the best epoch.

    Args:
        encoder: A ``SentenceTransformer``, as from ``to_sentence_transformer``.
        pairs: Columns of texts: anchors, their positives and perhaps negatives, in this order.
        values: "epochs", "batch_size" and "learning_rate".
        seed: Seed of the order of the pairs and of dropout.
        evaluate: Returns a figure of the encoder after an epoch, higher is better. Without it the
            last weights are kept.
        loss: A loss of sentence-transformers for this encoder;
            ``MultipleNegativesRankingLoss`` by default: the other positives of a batch are
            negatives, so batches have no text twice.
        callbacks: Further callbacks.

    Raises:
        ImportError: If sentence-transformers is not installed.
    """
    library = require("sentence_transformers", "retrieval", "Training an encoder")
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    # Its card would look for data sets and models on the Hub.
    encoder.model_card_data.generate_widget_examples = False
    encoder.model_card_data.local_files_only = True
    watch = _KeepBest(encoder, evaluate)
    with tempfile.TemporaryDirectory() as folder:
        arguments = library.SentenceTransformerTrainingArguments(
            output_dir=folder,
            num_train_epochs=values["epochs"],
            per_device_train_batch_size=values["batch_size"],
            learning_rate=values["learning_rate"],
            warmup_steps=values.get("warmup_steps", 0.1),
            batch_sampler="no_duplicates",
            seed=seed,
            save_strategy="no",
            logging_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=encoder.device.type == "cpu",
        )
        trainer = library.SentenceTransformerTrainer(
            model=encoder,
            args=arguments,
            train_dataset=pairs,
            loss=loss or MultipleNegativesRankingLoss(encoder),
            callbacks=[*callbacks, watch],
        )
        trainer.remove_callback(PrinterCallback)
        start = time.perf_counter()
        trainer.train()
    curve = watch.curve
    curve.seconds = time.perf_counter() - start - watch.paused
    curve.epochs = trainer.state.epoch or 0.0
    curve.trainer = trainer
    watch.restore()
    encoder.eval()
    return curve


class _KeepBest(TrainerCallback):
    """Evaluate after each epoch, and keep a copy of the best weights."""

    def __init__(self, encoder: Any, evaluate: Callable[[], float] | None) -> None:
        self.encoder, self.evaluate = encoder, evaluate
        self.curve = TrainingCurve()
        self.paused = 0.0
        self._best: dict[str, torch.Tensor] = {}

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self.evaluate is None:
            return
        start = time.perf_counter()
        self.encoder.eval()
        figure = self.evaluate()
        values = self.curve.values
        if not values or figure > max(values):
            self.curve.best = len(values)
            trained = self.encoder.named_parameters()
            self._best = {name: p.detach().clone() for name, p in trained if p.requires_grad}
        values.append(figure)
        self.curve.steps.append(state.global_step)
        self.paused += time.perf_counter() - start

    @torch.no_grad()
    def restore(self) -> None:
        """Put the best weights back."""
        parameters = dict(self.encoder.named_parameters())
        for name, value in self._best.items():
            parameters[name].copy_(value)
