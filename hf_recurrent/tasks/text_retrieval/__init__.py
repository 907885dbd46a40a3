"""Text retrieval: the documents of a collection that answer a query, the best first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..._tasks import register_task
from ..base import Task, Units, first_short
from ..data_info import DataInfo, Option
from ..metric import Metric
from .models import MODELS

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

    from ..fitted import Fitted

_LIMITS = (
    "All documents are known beforehand, as a search engine knows what it has indexed: vocabulary, "
    "idf and the title-text pairs that networks train on come from all of them, also from those "
    "that answer test queries. No test query and no judgement of one is seen in training.",
    "The columns + BM25 are of fused scores: each system's are scaled for each query, and the "
    "weight of BM25 is chosen on the validation queries.",
    "Latency and queries a second are of one query at a time, over all documents, without BM25.",
)


class TextRetrieval(Task):
    """Search a collection of documents, alone and beside BM25."""

    id = "text-retrieval"
    title = "text retrieval"
    pipeline_tag = "sentence-similarity"
    head = "ForTextRetrieval"  # no class has it: encoders are base models
    auto_class = "AutoModel"
    units = Units("query", "queries", "from query to ranking")
    metrics = (
        Metric("ndcg_at_10", "nDCG@10", "nDCG@10, each relevant document alike"),
        Metric("map", "MAP", "Mean average precision"),
        Metric("recall_at_100", "recall@100", "Recall@100"),
        Metric("graded_ndcg_at_10", "graded", "nDCG@10 with grades"),
        Metric("fused_ndcg_at_10", "+ BM25", "nDCG@10 fused with BM25"),
        Metric("fused_map", "MAP + BM25", "Mean average precision fused with BM25"),
        Metric("queries_per_second", "speed", "Queries a second", unit="queries/s", digits=0),
        Metric("index_size", "index", "Size of the index", False, unit="MiB", digits=2),
    )
    chosen_by = "ndcg_at_10"
    models = MODELS
    default_dataset = "cranfield"
    options = (
        Option("fold", "0 (default), or 1 to test the other half of the queries", "N"),
        Option("train_on", "queries, titles or both (default) in search", "PAIRS"),
    )
    columns = ("query", "passage", "relevant", "grades")
    cuts_rows = True
    default_seeds = 1
    typed = "a query"

    @property
    def datasets(self) -> Mapping[str, DataInfo]:
        """The collections that have a name."""
        from .named import COLLECTIONS

        return COLLECTIONS

    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> "DatasetDict":
        """Load the three parts of the queries, and the documents as a fourth."""
        from .data import load_collection

        return load_collection(dataset, data_dir=data_dir, **options)

    def texts(self, rows: "Dataset") -> list[str]:
        """Return the queries, in training with their passages."""
        both = zip(rows["query"][:], rows["passage"][:], strict=True)
        return [f"{query} {passage}".strip() for query, passage in both]

    def inputs(self, rows: "Dataset") -> list[Any]:
        """Return the queries."""
        queries: list[Any] = rows["query"][:]
        return queries

    def judge(
        self, predictions: Sequence[Any], rows: "Dataset", train: "Dataset"
    ) -> dict[str, float]:
        """Return the metrics of rankings, those with grades only where grades differ."""
        from .judging import judge

        return judge(predictions, rows)

    def examples(
        self, fitted: "Fitted", data: "DatasetDict", predictions: Sequence[Any]
    ) -> list[dict[str, Any]]:
        """Return a few queries with the document that was found first."""
        from ..answered import chosen
        from .judging import first_documents

        return chosen(first_documents(data, predictions))

    def limits(self) -> list[str]:
        """Return what a model has seen, and what the columns mean."""
        return [*_LIMITS]

    def card_example(self, rows: "Dataset") -> str | None:
        """Return the first short query."""
        return first_short(rows["query"])

    def card_limits(self, max_length: int) -> list[str]:
        """Return what the model has seen of the documents."""
        return [_LIMITS[0]]

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        """Return lines that compare a query with two texts."""
        return f"""\
from sentence_transformers import SentenceTransformer

encoder = SentenceTransformer({source})
query, *texts = encoder.encode([{example or '"a query"'}, "a text", "another text"])
encoder.similarity(query, texts)"""

    def widget(self, example: str) -> dict[str, Any]:
        """Return a query with two texts to compare."""
        return {"source_sentence": example, "sentences": [example, "Another text."]}

    def predict(
        self,
        source: str,
        texts: Sequence[str],
        *,
        trust_remote_code: bool = False,
        explain: bool = False,
    ) -> Iterator[str]:
        """Yield the similarity of each text to the first, the most similar first."""
        from .showing import similarity_lines

        return similarity_lines(source, texts, trust_remote_code, explain)


register_task(TextRetrieval())
