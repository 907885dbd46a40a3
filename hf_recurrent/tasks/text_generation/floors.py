"""The honest floors: n-gram models with Kneser-Ney smoothing."""

import time
from pathlib import Path

from ..fitted import Fitted
from ..model_rows import Work
from .kneser_ney import KneserNey
from .vocabulary import Vocabulary
from .writing import NgramWriter, generation_rate, prompt_of


def fit_ngrams(work: Work) -> Fitted:
    """Count the n-grams of the training part, of the length that ``order`` of the row names."""
    vocabulary = Vocabulary.of(work.data["train"])
    tokenizer, ids = vocabulary.tokenizer, vocabulary.ids
    start = time.perf_counter()
    # Padding, the last id, never occurs.
    model = KneserNey(ids, len(tokenizer) - 1, work.row.config["order"])
    seconds = time.perf_counter() - start
    writer = NgramWriter(model, tokenizer)
    prompt = prompt_of(work.data["test"]["text"][0])

    def predict(documents: object) -> list[object]:
        return [
            *vocabulary.score(
                list(documents),  # type: ignore[call-overload]
                lambda texts: [model.log_probabilities(text, skip=1) for text in texts],
            )
        ]

    def save(folder: Path) -> None:
        model.save(folder / "ngrams.npz")
        tokenizer.save_pretrained(folder)

    return Fitted(
        predict=predict,
        save=save,
        validation=work.score(predict),
        parameters=model.num_ngrams,
        trainable_parameters=model.num_ngrams,
        training_seconds=seconds,
        training_rate=len(work.data["train"]) / seconds,
        truncation="none",
        note=f"{model.num_ngrams:,} n-grams of {len(ids) / 1e6:.1f}M tokens",
        respond=lambda document: writer.write(prompt_of(document), 1),
        measure=lambda: {
            "training_tokens_per_second": len(ids) / seconds,
            "generated_tokens_per_second": generation_rate(writer, prompt),
        },
        write=writer.write,
    )
