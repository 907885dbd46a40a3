r"""Train the bidirectional language model of ELMo on any text.

    python scripts/pretrain_elmo.py --dataset wikitext-2 --files_dir data --output_dir my-elmo
    python scripts/pretrain_elmo.py --dataset my-text.txt --output_dir my-elmo --seconds 3600

Copy it and change it. The same command goes on where it was stopped, except with ``--seconds``,
which trains for a time with a learning rate that falls to 0. Every option of transformers'
TrainingArguments is taken. ``--carry_states`` trains as the original was trained: the states go on
from a sentence to the next one. The folder is loaded by ``AutoModelForPreTraining``, and by
``AutoModel`` or ``elmo_inputs`` without the output layer.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import HfArgumentParser, ProgressCallback, TrainingArguments, set_seed

from hf_recurrent import ElmoConfig, ElmoForPreTraining
from hf_recurrent.benchmark.recipe import run_recipe
from hf_recurrent.data.sentences import sentences_of
from hf_recurrent.tasks.pretraining_recipe import TimeArguments, report_pretraining
from hf_recurrent.tasks.text_generation.data import load_texts
from hf_recurrent.training import (
    FiniteLoss,
    LearningCurve,
    MeasuringTrainer,
    SentenceRows,
    StateCarrier,
    bidirectional_perplexity,
    checkpoint_to_resume,
    collate_sentences,
    count_tokens,
    train_or_resume,
)
from hf_recurrent.vectors import elmo_tokenizer, tokenizer_from_texts

# Evaluations during training read so many sentences of validation.
_CURVE = 500


@dataclass
class DataArguments:
    """What to train on."""

    dataset: str = field(
        default="state-of-the-union",
        metadata={"help": "Name, text file, folder of text files, or id of the Hub."},
    )
    files_dir: str | None = field(
        default=None, metadata={"help": "Folder of the files of named data sets."}
    )
    vocab_size: int = field(default=20_000, metadata={"help": "Largest number of words."})
    longest: int = field(default=60, metadata={"help": "Longer sentences are cut after so many."})
    carry_states: bool = field(
        default=False, metadata={"help": "Go on from the states of the sentence before."}
    )


@dataclass
class ModelArguments:
    """What to train."""

    character_size: int = field(default=16, metadata={"help": "Width of a character's vector."})
    filters: str = field(
        default="1:16,2:32,3:64,4:128", metadata={"help": "Width and number of filters."}
    )
    num_highway_layers: int = field(default=1, metadata={"help": "Number of highway layers."})
    hidden_size: int = field(default=128, metadata={"help": "Width of each direction."})
    cell_size: int = field(default=512, metadata={"help": "Width of the cell states."})
    num_hidden_layers: int = field(default=2, metadata={"help": "Number of LSTM layers."})
    dropout: float = field(default=0.1, metadata={"help": "On inputs and outputs of the layers."})
    negatives: int = field(
        default=1024, metadata={"help": "Of the sampled softmax; 0 for the whole softmax."}
    )


def main() -> None:
    data_arguments, model_arguments, times, arguments = _parse()
    if arguments.label_smoothing_factor:
        raise ValueError(
            "--label_smoothing_factor is set, and each direction of ELMo has a loss of its own, "
            "which knows none: leave it out"
        )
    torch.set_num_threads(times.threads)
    # With --seconds it ends the training, and sets the learning rate.
    budget = times.budget(arguments)
    options = asdict(data_arguments) | asdict(model_arguments) | asdict(times)
    settings = options | arguments.to_dict()
    checkpoint = checkpoint_to_resume(arguments.output_dir, settings)
    folder = Path(arguments.output_dir)
    results = folder / "test_results.json"
    if results.exists():  # it has ended before
        print(results.read_text())
        return
    set_seed(arguments.seed)

    texts = load_texts(data_arguments.dataset, data_dir=data_arguments.files_dir)
    cut = "whitespace" if texts["train"][0]["tokenizer_kind"] == "whitespace" else "ptb"
    parts = {name: list(sentences_of(part["text"])) for name, part in texts.items()}
    counted = tokenizer_from_texts(
        parts["train"], max_vocabulary=data_arguments.vocab_size, pre_tokenizer=cut, lowercase=False
    )
    special = set(counted.all_special_tokens)
    words = sorted(counted.get_vocab().items(), key=lambda item: item[1])
    tokenizer = elmo_tokenizer((w for w, _ in words if w not in special), pre_tokenizer=cut)
    streams = arguments.train_batch_size * arguments.world_size
    train = SentenceRows(
        parts["train"],
        tokenizer,
        longest=data_arguments.longest,
        streams=streams if data_arguments.carry_states else None,
    )
    held_out = {
        name: SentenceRows(parts[name], tokenizer, longest=data_arguments.longest)
        for name in ("validation", "test")
    }
    curve = SentenceRows(parts["validation"][:_CURVE], tokenizer, longest=data_arguments.longest)

    def measure(model: ElmoForPreTraining, rows: SentenceRows) -> dict[str, float]:
        return bidirectional_perplexity(model, rows, arguments.eval_batch_size)

    model = ElmoForPreTraining(_config(model_arguments, tokenizer))
    counts = count_tokens([train.labels], len(tokenizer))
    counts[[tokenizer.bos_token_id, tokenizer.eos_token_id]] = train.sentences
    model.set_token_counts(counts, set_bias=True)
    callbacks: list[Any] = [FiniteLoss(), LearningCurve(folder / "curve.jsonl")]
    if data_arguments.carry_states:
        arguments.train_sampling_strategy = "sequential"
        callbacks.append(StateCarrier())
    if budget:
        callbacks.append(budget)
    trainer = MeasuringTrainer(
        model,
        arguments,
        measure=measure,
        train_dataset=train,
        eval_dataset=curve,
        processing_class=tokenizer,
        data_collator=collate_sentences,
        callbacks=callbacks,
    )
    trainer.remove_callback(ProgressCallback)
    train_or_resume(trainer, checkpoint)
    trainer.save_model()
    unknown = float((held_out["test"].labels == tokenizer.unk_token_id).mean())
    report_pretraining(
        trainer,
        held_out,
        times,
        budget,
        text=data_arguments.dataset,
        unknown_share_of_test=unknown,
    )


def _parse() -> tuple[DataArguments, ModelArguments, TimeArguments, TrainingArguments]:
    kinds: Any = (DataArguments, ModelArguments, TimeArguments, TrainingArguments)
    parser = HfArgumentParser(kinds)
    parser.set_defaults(
        per_device_train_batch_size=32,
        per_device_eval_batch_size=32,
        learning_rate=2e-3,
        max_grad_norm=10.0,
        num_train_epochs=10,
        save_strategy="epoch",
        save_total_limit=1,
        logging_steps=50,
        report_to="none",
    )
    return parser.parse_args_into_dataclasses()


def _config(arguments: ModelArguments, tokenizer: Any) -> ElmoConfig:
    try:
        filters = [
            [int(number) for number in pair.split(":")] for pair in arguments.filters.split(",")
        ]
    except ValueError:
        raise ValueError(
            f"--filters is {arguments.filters!r}, expected pairs such as 1:16,2:32"
        ) from None
    sampled = {"sampler": "unigram", "negatives": arguments.negatives}
    return ElmoConfig(
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        character_size=arguments.character_size,
        filters=filters,
        num_highway_layers=arguments.num_highway_layers,
        hidden_size=arguments.hidden_size,
        cell_size=arguments.cell_size,
        num_hidden_layers=arguments.num_hidden_layers,
        embedding_dropout=arguments.dropout,
        hidden_dropout=arguments.dropout,
        classifier_dropout=arguments.dropout,
        output_loss="sampled_softmax" if arguments.negatives else "cross_entropy",
        output_loss_config=sampled if arguments.negatives else None,
    )


if __name__ == "__main__":
    run_recipe(main, "the last checkpoint, if there is one")
