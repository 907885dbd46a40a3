"""Training of captioners with the plain Seq2SeqTrainer, and the floors that train nothing."""

import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import torch
from torch import Tensor
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    PrinterCallback,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    set_seed,
)

from ...data.clips import is_pictures, pictures_of
from ...data.interpolation import brought_to
from ...models.configuration_recurrent_video_captioning import RecurrentVideoCaptioningConfig
from ...models.modeling_recurrent_video_captioning import RecurrentForVideoCaptioning
from ...training import FiniteLoss, ThreadSearch, thread_changes
from ...vectors.pair_tokenizer import translation_tokenizer
from ..equal_cost import BudgetProgress, equal_arguments
from ..fitted import Fitted, save_whole
from ..floors import floor
from ..model_rows import Work
from ..translation.fitting import bleu_of_ids, check_generates, longest_translation
from ..video_classification.encoding import ClipReader, flat_frames, read_afresh
from ..video_classification.fitting import frames_layer
from ..video_classification.models import PICTURE_SIZE, SMALL_SIZE
from ..video_classification.pictures import (
    CNN,
    PIXELS,
    PictureInput,
    make_processor,
    picture_input,
)
from .named import CAPTIONS, CLIP
from .watching import watch

_PIECES = 600
_STEPS = 8
_ROWS = 64


def fit_captioner(work: Work) -> Fitted:
    """Train a captioner."""
    train, values = work.data["train"], work.values
    pictures = pictures_for(train, CNN if values["picture_encoder"] else PIXELS)
    reader = ClipReader(pictures.processor if pictures else None)
    tokenizer = caption_tokenizer(train)
    set_seed(work.seed)
    fields = {name: values[name] for name in work.row.config}
    layer = pictures.layer if pictures else None
    config = caption_config(train, reader, tokenizer, values, layer, **fields)
    model = RecurrentForVideoCaptioning(config)
    search = ThreadSearch(work.threads)
    with tempfile.TemporaryDirectory() as checkpoints:
        arguments = Seq2SeqTrainingArguments(
            **equal_arguments(values, work.seed, checkpoints) | EVALUATED
        )
        trainer = caption_trainer(
            model, tokenizer, reader, work.data, arguments, [search, BudgetProgress(work.name, [])]
        )
        start = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - start - search.trial_seconds
    model.eval()
    read_afresh(model, reader)
    logs = [log for log in trainer.state.log_history if "eval_bleu" in log]
    paused = sum(log["eval_runtime"] for log in logs)
    epochs = trainer.state.epoch or 0.0

    def save(folder: Path) -> None:
        save_whole(model, tokenizer, folder)
        if reader.processor is not None:
            reader.processor.save_pretrained(folder)

    return Fitted(
        predict=partial(caption, model, tokenizer, reader),
        save=save,
        validation=max(log["eval_bleu"] for log in logs),
        parameters=model.num_parameters(),
        trainable_parameters=model.num_parameters(),
        training_seconds=seconds,
        training_rate=len(train) * epochs / (seconds - paused),
        truncation="not cut",
        epochs=epochs,
        curve=[log["eval_bleu"] for log in logs],
        curve_steps=[int(log["step"]) for log in logs],
        threads=search.threads or 1,
        thread_changes=thread_changes(trainer.state.log_history),
        picture=partial(watch, model, tokenizer, reader),
    )


EVALUATED: dict[str, Any] = {
    "per_device_eval_batch_size": _ROWS,
    "predict_with_generate": True,
    "eval_strategy": "epoch",
    "save_strategy": "best",
    "save_only_model": True,
    "save_total_limit": 1,
    "load_best_model_at_end": True,
    "metric_for_best_model": "bleu",
    "greater_is_better": True,
    "remove_unused_columns": False,
    "train_sampling_strategy": "random",
}


def pictures_for(
    train: datasets.Dataset, encoder: str = CNN, **options: Any
) -> PictureInput | None:
    """Return what a captioner reads of pictures like those of the training part, if it has some.

    Args:
        train: The training rows.
        encoder: The picture encoder, as of ``picture_input``.
        **options: Further arguments of ``picture_input``.
    """
    if not is_pictures(train[0][CLIP]):
        return None
    if encoder == CNN and not any(options.get("size", ())):
        height, width = pictures_of(train[0][CLIP], 1).shape[1:3]
        # As high as the pictures of lips, and in the form of the clips.
        wide = max(8, min(64, 8 * round(PICTURE_SIZE[0] * width / height / 8)))
        options["size"] = (PICTURE_SIZE[0], wide)
    return picture_input(encoder, **options)


def caption_tokenizer(train: datasets.Dataset) -> PreTrainedTokenizerFast:
    """Make the tokenizer of the captions of the training part."""
    texts = [text for own in train[CAPTIONS][:] for text in own]
    return translation_tokenizer(texts, texts, vocab_size=_PIECES)


def caption_config(
    train: datasets.Dataset,
    reader: ClipReader,
    tokenizer: PreTrainedTokenizerFast,
    values: Any,
    pictures: Mapping[str, Any] | None = None,
    **fields: Any,
) -> RecurrentVideoCaptioningConfig:
    """Return the configuration of a captioner with an encoder in both directions.

    Args:
        train: The training rows.
        reader: Reads their clips.
        tokenizer: The tokenizer.
        values: Has "hidden_size", "embedding_size" and "dropout".
        pictures: The fields of the input layer of pictures; ``None`` for sequences of numbers.
        **fields: Fields of the decoder.
    """
    dropout = values["dropout"]
    encoder = {
        "embedding_config": dict(pictures or frames_layer(reader, train[0][CLIP])),
        "hidden_size": values["hidden_size"] // 2,
        "cell_type": fields.get("cell_type", "gru"),
        "bidirectional": True,
        "embedding_dropout": dropout,
    }
    return RecurrentVideoCaptioningConfig(
        encoder=encoder,
        vocab_size=len(tokenizer),
        hidden_size=values["hidden_size"],
        embedding_size=values["embedding_size"],
        embedding_dropout=dropout,
        classifier_dropout=dropout,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.bos_token_id,
        **fields,
    )


def caption_trainer(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    reader: ClipReader,
    data: datasets.DatasetDict,
    arguments: Seq2SeqTrainingArguments,
    callbacks: Sequence[Any],
) -> Seq2SeqTrainer:
    """Return a ``Seq2SeqTrainer`` over a row for each caption, which is evaluated by BLEU."""
    check_generates(arguments, stops_early=False)
    train, validation = (pairs(data[part], tokenizer) for part in ("train", "validation"))
    rows: Any = train
    judged: Any = [row for row in validation if row["first"]]
    assert model.generation_config is not None
    model.generation_config.max_length = longest_translation([row["labels"] for row in train])
    trainer = Seq2SeqTrainer(
        model=model,
        args=arguments,
        train_dataset=rows,
        eval_dataset=judged,
        processing_class=tokenizer,
        data_collator=partial(collate, reader=reader, model=model),
        compute_metrics=bleu_of_ids(tokenizer, data["validation"][CAPTIONS][:]),
        callbacks=[FiniteLoss(), *callbacks],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def pairs(rows: datasets.Dataset, tokenizer: PreTrainedTokenizerFast) -> list[dict[str, Any]]:
    """Return a clip with the labels of a caption for each caption; "first" marks that of a clip."""
    found = []
    for clip, captions in zip(rows[CLIP], rows[CAPTIONS], strict=True):
        for number, ids in enumerate(tokenizer(text_target=[*captions])["input_ids"]):
            found.append({CLIP: clip, "labels": ids, "first": not number})
    return found


def collate(rows: Sequence[dict[str, Any]], reader: ClipReader, model: Any) -> dict[str, Tensor]:
    """Return the tensors of rows of ``pairs``."""
    labels = torch.nn.utils.rnn.pad_sequence(
        [torch.tensor(row["labels"]) for row in rows], batch_first=True, padding_value=-100
    )
    decoder = model.prepare_decoder_input_ids_from_labels(labels)
    batch = reader.batch([row[CLIP] for row in rows])
    return {**batch, "labels": labels, "decoder_input_ids": decoder}


@torch.inference_mode()
def caption(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    reader: ClipReader,
    references: Sequence[str],
) -> list[str]:
    """Return the greedy captions of clips."""
    batch = {name: value.to(model.device) for name, value in reader.batch(references).items()}
    texts: list[str] = tokenizer.batch_decode(model.generate(**batch), skip_special_tokens=True)
    return [" ".join(text.split()) for text in texts]


def fit_frequent(work: Work) -> Fitted:
    """Answer with the most frequent caption of the training part."""
    counts = Counter(text for own in work.data["train"][CAPTIONS] for text in own)
    most = max(sorted(counts), key=counts.__getitem__)
    return floor(work, "most frequent sentence", lambda references: [most] * len(references))


def fit_neighbour(work: Work) -> Fitted:
    """Answer with a caption of the nearest training clip, of clips brought to eight steps."""
    train = work.data["train"]
    processor = make_processor(SMALL_SIZE) if is_pictures(train[0][CLIP]) else None

    def vectors(references: Sequence[str]) -> Any:
        frames = flat_frames(references, processor)
        return np.stack([brought_to(each, _STEPS).ravel() for each in frames])

    known, captions = vectors(train[CLIP][:]), train[CAPTIONS][:]
    squares = (known**2).sum(1)

    def predict(references: Sequence[str]) -> list[str]:
        nearest = (squares - 2 * vectors(references) @ known.T).argmin(1)
        return [captions[place][0] for place in nearest]

    return floor(work, "nearest clip's sentence", predict)
