r"""Train a small BERT from nothing on any text: masked words and next sentences.

    python scripts/pretrain_bert.py --dataset wikitext-2 --files_dir data --output_dir my-bert
    python scripts/pretrain_bert.py --dataset my-text.txt --output_dir my-bert --seconds 3600

Copy it and change it. It reads text as ``pretrain_elmo.py`` does, so both can be compared at equal
text and time. The same command goes on where it was stopped, except with ``--seconds``, which
trains for a time with a learning rate that falls to 0. Every option of transformers'
TrainingArguments is taken. The folder is loaded by ``AutoModelForPreTraining``, by ``AutoModel``,
and by every head of BERT.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import (
    BertConfig,
    BertForPreTraining,
    BertTokenizer,
    DataCollatorForTokenClassification,
    HfArgumentParser,
    ProgressCallback,
    TrainingArguments,
    set_seed,
)

from hf_recurrent.benchmark.recipe import run_recipe
from hf_recurrent.data.sentences import sentences_of
from hf_recurrent.tasks.pretraining_recipe import TimeArguments, report_pretraining
from hf_recurrent.tasks.text_generation.data import load_texts
from hf_recurrent.tasks.text_generation.documents import passages
from hf_recurrent.training import (
    BertTrainer,
    LearningCurve,
    SentencePairs,
    checkpoint_to_resume,
    masked_perplexity,
    train_or_resume,
)
from hf_recurrent.vectors import word_piece_tokenizer

# Evaluations during training read so many documents of validation.
_CURVE = 10
_UNKNOWN = "<unk>"


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
    vocab_size: int = field(default=8000, metadata={"help": "Largest number of word pieces."})
    lowercase: bool = field(default=True, metadata={"help": "Whether text is lower-cased."})
    longest: int = field(default=128, metadata={"help": "Most pieces of a pair of segments."})
    masked_share: float = field(default=0.15, metadata={"help": "Share of hidden pieces."})
    whole_words: bool = field(
        default=False, metadata={"help": "Hide all pieces of a word together."}
    )


@dataclass
class ModelArguments:
    """What to train."""

    hidden_size: int = field(default=256, metadata={"help": "Width of the model."})
    intermediate_size: int | None = field(
        default=None, metadata={"help": "Width between; 4 times the width by default."}
    )
    num_hidden_layers: int = field(default=4, metadata={"help": "Number of layers."})
    num_attention_heads: int = field(default=4, metadata={"help": "Number of heads."})
    dropout: float = field(default=0.1, metadata={"help": "On states and attention."})


def main() -> None:
    data_arguments, model_arguments, times, arguments = _parse()
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
    parts = {name: documents_of(part["text"][:]) for name, part in texts.items()}
    if checkpoint:
        tokenizer = BertTokenizer.from_pretrained(checkpoint)
    else:
        tokenizer = word_piece_tokenizer(
            (sentence for document in parts["train"] for sentence in document),
            vocab_size=data_arguments.vocab_size,
            lowercase=data_arguments.lowercase,
            model_max_length=data_arguments.longest,
        )

    def pairs(documents: list[list[str]]) -> SentencePairs:
        return SentencePairs(
            documents,
            tokenizer,
            longest=data_arguments.longest,
            seed=arguments.seed,
            share=data_arguments.masked_share,
            whole_words=data_arguments.whole_words,
        )

    def measure(model: BertForPreTraining, rows: SentencePairs) -> dict[str, float]:
        return masked_perplexity(model, rows, collate, arguments.eval_batch_size)

    train, collate = pairs(parts["train"]), DataCollatorForTokenClassification(tokenizer)
    held_out = {name: pairs(parts[name]) for name in ("validation", "test")}
    model = BertForPreTraining(_config(data_arguments, model_arguments, tokenizer))
    callbacks: list[Any] = [LearningCurve(folder / "curve.jsonl")]
    if budget:
        callbacks.append(budget)
    trainer = BertTrainer(
        model,
        arguments,
        measure=measure,
        train_dataset=train,
        eval_dataset=pairs(parts["validation"][:_CURVE]),
        processing_class=tokenizer,
        data_collator=collate,
        callbacks=callbacks,
    )
    trainer.remove_callback(ProgressCallback)
    train_or_resume(trainer, checkpoint)
    trainer.save_model()
    report_pretraining(trainer, held_out, times, budget, text=data_arguments.dataset)


def documents_of(texts: Sequence[str]) -> list[list[str]]:
    """Return the sentences of each document; a single text is cut into passages.

    A word that the text names unknown is that of the tokenizer, and is never predicted.
    """
    if len(texts) == 1:  # ten passages at least
        texts = [*passages(texts[0], min(10_000, len(texts[0]) // 10 + 1))]
    return [[*sentences_of([document.replace(_UNKNOWN, "[UNK]")])] for document in texts]


def _parse() -> tuple[DataArguments, ModelArguments, TimeArguments, TrainingArguments]:
    kinds: Any = (DataArguments, ModelArguments, TimeArguments, TrainingArguments)
    parser = HfArgumentParser(kinds)
    parser.set_defaults(
        per_device_train_batch_size=32,
        per_device_eval_batch_size=32,
        learning_rate=1e-3,
        weight_decay=0.01,
        warmup_steps=0.05,
        num_train_epochs=10,
        save_strategy="epoch",
        save_total_limit=1,
        logging_steps=50,
        report_to="none",
    )
    return parser.parse_args_into_dataclasses()


def _config(
    data_arguments: DataArguments, arguments: ModelArguments, tokenizer: BertTokenizer
) -> BertConfig:
    if arguments.hidden_size % arguments.num_attention_heads:
        raise ValueError(
            f"--hidden_size is {arguments.hidden_size}, expected a multiple of "
            f"--num_attention_heads, which is {arguments.num_attention_heads}"
        )
    return BertConfig(
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        hidden_size=arguments.hidden_size,
        intermediate_size=arguments.intermediate_size or 4 * arguments.hidden_size,
        num_hidden_layers=arguments.num_hidden_layers,
        num_attention_heads=arguments.num_attention_heads,
        hidden_dropout_prob=arguments.dropout,
        attention_probs_dropout_prob=arguments.dropout,
        max_position_embeddings=data_arguments.longest,
    )


if __name__ == "__main__":
    run_recipe(main, "the last checkpoint, if there is one")
