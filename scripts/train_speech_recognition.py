r"""Train a recurrent recogniser with CTC on speech and its texts.

    python scripts/train_speech_recognition.py --dataset grid-s1 --data_dir data \
        --output_dir my-recogniser
    python scripts/train_speech_recognition.py --dataset train.tsv --audio_column path \
        --bidirectional False --output_dir my-streaming-recogniser

Copy it and change it. Data are a name, a table of paths of sound and texts, a folder laid out as
LibriSpeech, or an id of the Hub. The best evaluation is kept; the weight of the language model is
chosen on validation; the test part is judged once, and the same command goes on where it was
stopped. Every option of transformers' TrainingArguments is taken.
"""

from dataclasses import asdict, dataclass, field
from functools import partial

from hf_recurrent import RecurrentForCTC
from hf_recurrent.benchmark.recipe import begin, finish, run_recipe
from hf_recurrent.speech import ctc_tokenizer, read_lexicon
from hf_recurrent.tasks.automatic_speech_recognition.fitting import (
    answer,
    checkpoint_part,
    make_decoder,
    recognition_recipe,
    speech_config,
    too_long,
)
from hf_recurrent.tasks.automatic_speech_recognition.models import NETWORKS
from hf_recurrent.tasks.sound import RecordingArguments, make_extractor
from hf_recurrent.training import (
    LengthGroupedDataset,
    SpeedPerturbation,
    make_trainer,
    rows_per_step,
    train_or_resume,
)

VALUES = NETWORKS.base
DEFAULTS = {
    "num_train_epochs": VALUES["epochs"],
    "learning_rate": VALUES["learning_rate"],
    "per_device_train_batch_size": VALUES["batch_size"],
    "warmup_steps": VALUES["warmup_steps"],
}
_CONVOLUTIONS = ("conv_dim", "conv_kernel", "conv_stride")
_REGULARIZATION = ("hidden_dropout", "classifier_dropout", "mask_time_prob", "mask_time_length")


@dataclass
class DataArguments(RecordingArguments):
    """What to train on."""

    dataset: str = field(
        default="grid-s1", metadata={"help": "A name, a table, a folder, or an id of the Hub."}
    )
    text_column: str | None = field(
        default=None, metadata={"help": "Column of the texts (default: text)."}
    )


@dataclass
class ModelArguments:
    """What to train."""

    cell_type: str = field(
        default="lstm", metadata={"help": "rnn_tanh, rnn_relu, lstm, gru, mingru or minlstm."}
    )
    bidirectional: bool = field(
        default=True, metadata={"help": "False for a model that can hear a stream."}
    )
    hidden_size: int = field(
        default=VALUES["hidden_size"], metadata={"help": "Width of a state of each direction."}
    )
    num_hidden_layers: int = field(
        default=VALUES["num_hidden_layers"], metadata={"help": "Number of stacked layers."}
    )
    unit: str = field(
        default=VALUES["unit"], metadata={"help": "What tokens are: character, piece or word."}
    )
    delta_order: int = field(
        default=VALUES["delta_order"], metadata={"help": "1 or 2 for slopes of the channels."}
    )
    speeds: list[float] = field(
        default_factory=lambda: [1.0],
        metadata={"help": "Training recordings are heard at one of these speeds in each epoch."},
    )
    trim_silence: bool = field(
        default=VALUES["trim_silence"],
        metadata={"help": "Whether training cuts away silence before and after what is said."},
    )
    language_model: bool = field(
        default=True, metadata={"help": "Whether to judge a beam search with three-grams too."}
    )
    lexicon: bool = field(
        default=True, metadata={"help": "Whether this search writes known words only."}
    )
    lexicon_file: str | None = field(
        default=None,
        metadata={"help": "Words that it may write: a list, or a pronouncing dictionary."},
    )
    threads: str = field(
        default="auto",
        metadata={"help": "Threads on the CPU: a number, or auto, found by a trial at the start."},
    )


def main() -> None:
    start = begin("automatic-speech-recognition", DataArguments, ModelArguments, DEFAULTS)
    if start is None:
        return
    chosen, arguments = start.model, start.arguments
    words = read_lexicon(chosen.lexicon_file) if chosen.lexicon_file else None
    data = start.task.load(**asdict(start.data))
    train = data["train"]
    tokenizer = ctc_tokenizer(train["text"], chosen.unit)
    extractor = make_extractor(
        train["audio"], chosen.bidirectional, VALUES["num_mel_bins"], chosen.delta_order
    )
    config = speech_config(
        tokenizer,
        extractor,
        cell_type=chosen.cell_type,
        bidirectional=chosen.bidirectional,
        hidden_size=chosen.hidden_size,
        num_hidden_layers=chosen.num_hidden_layers,
        **{name: VALUES[name] for name in (*_CONVOLUTIONS, *_REGULARIZATION)},
    )
    model = RecurrentForCTC(config)
    recipe = recognition_recipe(
        tokenizer, extractor, chosen.trim_silence, bidirectional=chosen.bidirectional
    )
    encoded, validation = (recipe.encode(data[part], None, 0) for part in ("train", "validation"))
    if recipe.arrange is not None:
        encoded = recipe.arrange(encoded)
    if long := too_long(encoded, config.subsampling):
        named = ", ".join(train[number]["audio"] for number in long[:3])
        print(f"{len(long)} texts are too long for their sound and are not learnt from: {named}")
    grouped = LengthGroupedDataset(
        encoded, rows_per_step(arguments), arguments.seed, recipe.lengths(encoded)
    )
    trainer = make_trainer(
        model,
        checkpoint_part(tokenizer, extractor),
        arguments,
        SpeedPerturbation(grouped, chosen.speeds, arguments.seed),
        validation,
        data_collator=recipe.collator(None),
        compute_metrics=recipe.metrics(train),
        lengths=recipe.lengths,
        callbacks=[start.search],
        **recipe.trainer,
    )
    train_or_resume(trainer, start.checkpoint)
    trainer.save_model()
    model.eval()
    decoder = None
    if chosen.language_model:
        decoder = make_decoder(
            model, tokenizer, extractor, data, lexicon=chosen.lexicon, words=words
        )
    predict = partial(answer, model, tokenizer, extractor, decoder)
    finish(start, trainer, data, predict, partial(answer, model, tokenizer, extractor, None))


if __name__ == "__main__":
    run_recipe(main)
