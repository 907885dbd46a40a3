r"""Train a recurrent or static encoder that searches a collection of documents.

    python scripts/train_retrieval.py --dataset cranfield --files-dir data --output-dir my-encoder
    python scripts/train_retrieval.py --dataset my-folder --negatives model --output-dir my-encoder

Copy it and change it. The encoder is trained by sentence-transformers on pairs of a query and a
passage, with the other passages of a batch as negatives and, with --negatives, one more for each
pair that is mined before each epoch. The best epoch by validation queries is kept, and the test
queries are ranked once, by the encoder alone and fused with BM25. A folder holds corpus.jsonl,
queries.jsonl and qrels/test.tsv, as those of BEIR.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import datasets
import torch
from transformers import set_seed
from transformers.utils import logging

from hf_recurrent import (
    RecurrentConfig,
    RecurrentModel,
    StaticEmbeddingConfig,
    StaticEmbeddingModel,
)
from hf_recurrent.benchmark.measure import latency
from hf_recurrent.retrieval import (
    Bm25,
    HardNegatives,
    save_sentence_transformer,
    to_sentence_transformer,
    train_encoder,
)
from hf_recurrent.retrieval.negatives import METHODS
from hf_recurrent.retrieval.training import ANCHOR, POSITIVE
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.input_layers import load_inputs, make_inputs
from hf_recurrent.tasks.records import recipe_record
from hf_recurrent.tasks.text_retrieval.data import CORPUS, contents, right_documents
from hf_recurrent.tasks.text_retrieval.models import NETWORKS, STATIC
from hf_recurrent.tasks.text_retrieval.search import Searcher, choose_weight, dense_search
from hf_recurrent.tasks.word_vectors import VECTORS, Embedding
from hf_recurrent.training.defaults import MAX_LENGTH

TASK = get_task("text-retrieval")
STATIC_CELL = "static"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add, values = parser.add_argument, NETWORKS.base
    add("--dataset", default=TASK.default_dataset, help="name, folder, or id of the Hub")
    add("--files-dir", metavar="FOLDER", help="of the files of named collections")
    add("--fold", type=int, default=0, help="1 tests the other half of the queries")
    add("--train-on", default="both", help="queries, titles or both (default)")
    add("--vectors", choices=VECTORS, default="glove", help="default: glove")
    cells = (STATIC_CELL, "rnn_tanh", "rnn_relu", "lstm", "gru", "minlstm", "mingru")
    add("--cell-type", choices=cells, default="lstm", help="static: the mean of the vectors")
    add("--hidden-size", type=int, default=values["hidden_size"], help="of each direction")
    add("--one-direction", action="store_true", help="do not read backward")
    add("--pooling", default="mean", help="mean, or last for one direction (default: mean)")
    add("--embedding-dropout", type=float, default=values["embedding_dropout"])
    add("--max-length", type=int, default=MAX_LENGTH, help=f"default: {MAX_LENGTH} words")
    add("--epochs", type=int, default=values["epochs"])
    add("--batch-size", type=int, default=values["batch_size"])
    add("--learning-rate", type=float, help="default: that of the comparison")
    add("--negatives", choices=METHODS, help="a further negative for each pair, and how to find it")
    add("--margin", type=float, default=0.05, help="of mined negatives to the positive")
    add("--threads", type=int, default=1)
    add("--seed", type=int, default=0)
    add("--output-dir", type=Path, required=True, metavar="FOLDER")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    torch.set_num_threads(arguments.threads)
    datasets.disable_progress_bars()
    logging.disable_progress_bar()
    results = arguments.output_dir / "test_results.json"
    if results.exists():
        print(results.read_text(encoding="utf-8").rstrip())
        return
    data = TASK.load(
        arguments.dataset, arguments.files_dir, fold=arguments.fold, train_on=arguments.train_on
    )
    documents, rows = contents(data[CORPUS]), data["train"]
    set_seed(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        coverage = make_inputs(arguments.vectors, TASK.texts(rows), Path(folder))
        inputs = load_inputs(Path(folder))
    is_static = arguments.cell_type == STATIC_CELL
    if is_static:
        model = StaticEmbeddingModel(StaticEmbeddingConfig(**inputs.config))
    else:
        config = RecurrentConfig(
            cell_type=arguments.cell_type,
            hidden_size=arguments.hidden_size,
            bidirectional=not arguments.one_direction,
            embedding_dropout=arguments.embedding_dropout,
            **inputs.config,
        )
        model = RecurrentModel(config)
    inputs.fill(model)
    form = {"pooling": arguments.pooling, "max_length": arguments.max_length}
    encoder = to_sentence_transformer(model, inputs.tokenizer, **form)

    def search() -> Searcher:
        return dense_search(documents, lambda texts: encoder.encode(list(texts)))

    def validate() -> float:
        found = search().predict(TASK.inputs(data["validation"]))
        return TASK.judge(found, data["validation"], rows)[TASK.chosen_by]

    pairs = rows.rename_columns({"query": ANCHOR, "passage": POSITIVE})
    pairs, callbacks = pairs.select_columns([ANCHOR, POSITIVE]), []
    if arguments.negatives:
        mined = HardNegatives(
            pairs[ANCHOR][:],
            pairs[POSITIVE][:],
            documents,
            encoder,
            method=arguments.negatives,
            relative_margin=arguments.margin,
            right=right_documents(rows, documents),
            seed=arguments.seed,
        )
        pairs, callbacks = mined.dataset, [mined]
    base = STATIC.base if is_static else NETWORKS.base
    values = {
        "epochs": arguments.epochs,
        "batch_size": arguments.batch_size,
        "learning_rate": arguments.learning_rate or base["learning_rate"],
    }
    # A folder that cannot be made is an error before training, not after it.
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    curve = train_encoder(
        encoder, pairs, values, seed=arguments.seed, evaluate=validate, callbacks=callbacks
    )
    searcher, bm25 = search(), Bm25(documents)
    searcher = searcher.with_bm25(bm25, choose_weight(searcher, bm25, data["validation"]))
    queries = TASK.inputs(data["test"])
    found = searcher.predict(queries)
    judged = TASK.judge(found, data["test"], rows)
    save_sentence_transformer(model, inputs.tokenizer, arguments.output_dir, **form)
    # What its card tells: `hf-recurrent publish` reads it.
    trainer = curve.trainer
    trainer.model = model
    trainer.state.log_history += [
        {f"eval_{TASK.chosen_by}": value, "step": step}
        for step, value in zip(curve.steps, curve.values, strict=True)
    ]
    recipe_record(
        trainer,
        TASK,
        arguments.dataset,
        data,
        judged,
        found,
        latency(lambda batch: [searcher.alone(query) for query in batch], queries),
        embedding=Embedding(arguments.vectors, tuned=True),
        coverage=coverage,
        max_length=arguments.max_length,
    ).save(arguments.output_dir)
    told = {f"test_{key}": value for key, value in judged.items()}
    told["weight_of_bm25"] = round(1 - searcher.weight, 1)
    if callbacks:
        told["negatives"] = mined.history
    results.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped: no model was written.")
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
