"""Next-item recommendation: which item a session goes on with, among all items."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..._tasks import register_task
from ..base import Task, Units, refuse_to_explain
from ..data_info import SPLIT_OPTIONS, DataInfo, Option
from ..metric import Metric
from .models import DEFAULT_MODELS, MODELS

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

_RANKED = 3  # metrics of ranks, which come first
_FIRST = 1000  # sessions, of which the most frequent items are
_TYPED = 3  # the items of an example
_SESSIONS = "Items are ranked among all items that training knows, and equal scores count against."


class NextItemRecommendation(Task):
    """Ranking of all items by a session so far.

    Attributes:
        drops_seen: Whether no item is recommended that the session has had.
        drops_repeats: Whether items that follow themselves were removed.
    """

    id = "next-item-recommendation"
    title = "next-item recommendation"
    pipeline_tag = "text-generation"
    head = "ForCausalLM"
    units = Units("session", "sessions", "from a session to the ranking of all items", "items")
    metrics: tuple[Metric, ...] = (
        Metric("mrr_at_20", "MRR@20", "Mean reciprocal rank at 20", digits=2),
        Metric("recall_at_20", "recall@20", "Recall at 20", digits=2),
        Metric("ndcg_at_20", "nDCG@20", "nDCG at 20", digits=2),
        Metric("coverage_at_20", "coverage@20", "Coverage of the items at 20"),
        Metric("popularity_at_20", "popularity@20", "Popularity of recommended items", False),
        Metric(
            "training_items_per_second",
            "training",
            "Speed of training",
            unit="items/s",
            digits=0,
        ),
    )
    chosen_by = "mrr_at_20"
    models = MODELS
    default_models = DEFAULT_MODELS
    default_dataset = "movielens-100k"
    key = staticmethod(lambda text: "")  # equal sessions of several people are no duplicates
    options = (
        Option("session_column", "of tables of events: session or user (default: SessionId)", "C"),
        Option("item_column", "of tables of events: item (default: ItemId)", "C"),
        SPLIT_OPTIONS[1],
        Option("title_column", "of tables of events: title of the item (default: none)", "C"),
        Option("split", "of events: time (default) or leave-one-out", "HOW"),
        Option("session_gap", "hours without an event after which a session ends", "HOURS"),
        Option("min_item_events", "how often an item has to occur (default: 5)", "N"),
        Option("drop_repeats", "remove items that follow themselves in a session"),
        Option("drop_seen", "recommend no item that the session has had"),
        Option("config", "configuration of a data set of the Hub", "NAME"),
    )
    columns = ("items", "titles", "targets", "drops_seen")
    cuts_rows = False
    takes_items = True
    keeps_best = False
    typed = "ITEM ITEM"
    drops_seen = False
    drops_repeats = False

    @property
    def datasets(self) -> Mapping[str, DataInfo]:
        """The data sets that have a name."""
        from .named import SESSIONS

        return SESSIONS

    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> "DatasetDict":
        """Load sessions; see ``data.py`` for their columns."""
        from .data import load_sessions

        return load_sessions(dataset, data_dir=data_dir, **options)

    def for_data(self, train: "Dataset") -> "Task":
        """Return the task as the rows were chosen, and with items of these to type."""
        from .named import drops_repeats

        found = copy(self)
        counts = Counter(item for items in train["items"][:_FIRST] for item in items)
        found.typed = " ".join(item for item, _ in counts.most_common(_TYPED))
        found.drops_seen = train["drops_seen"][0]
        found.drops_repeats = drops_repeats(train)
        if found.drops_seen:
            first = [replace(m, title=f"{m.title}, unseen") for m in self.metrics[:_RANKED]]
            found.metrics = (*first, *self.metrics[_RANKED:])
        return found

    def texts(self, rows: "Dataset") -> list[str]:
        """Return the items of each session."""
        return [" ".join(items) for items in rows["items"]]

    def inputs(self, rows: "Dataset") -> list[Any]:
        """Return the items of each session, with the number of targets."""
        from .ranking import Session

        return [Session(*each) for each in zip(rows["items"], rows["targets"], strict=True)]

    def judge(
        self, predictions: Sequence[Any], rows: "Dataset", train: "Dataset"
    ) -> dict[str, float]:
        """Return recall, MRR, nDCG, coverage and popularity at 20."""
        from .judging import judge

        return judge(predictions, rows, train)

    def limits(self) -> list[str]:
        """Return how items are ranked, whether seen ones are, and what became of repeats."""
        seen = "are not recommended" if self.drops_seen else "may be recommended again"
        dropped = "were removed, before rare and unknown items were"
        repeats = dropped if self.drops_repeats else "are kept, as targets too"
        return [
            _SESSIONS,
            f"Items that a session has had {seen}.",
            f"Items that follow themselves {repeats}.",
        ]

    def card_limits(self, max_length: int) -> list[str]:
        """Return the same sentences."""
        return self.limits()

    def card_example(self, rows: "Dataset") -> str | None:
        """Return the first items of the first session."""
        return " ".join(rows["items"][0][:3])

    def answers(
        self, rows: "Dataset", predictions: Sequence[Any]
    ) -> Iterator[tuple[str, str, str | None]]:
        """Yield the items of each session, the first recommendation, and the right item if not."""
        from .judging import answers

        return answers(rows, predictions)

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        """Return lines that name the five most probable items after some items."""
        return f"""\
from transformers import {self.auto_class}, AutoTokenizer

model = {self.auto_class}.from_pretrained({source})
tokenizer = AutoTokenizer.from_pretrained({source})
logits = model(**tokenizer({example or '"item item"'}, return_tensors="pt")).logits[0, -1]
tokenizer.convert_ids_to_tokens(logits.topk(5).indices.tolist())"""

    def predict(
        self,
        source: str,
        texts: Sequence[str],
        *,
        trust_remote_code: bool = False,
        explain: bool = False,
        unseen: bool = False,
    ) -> Iterator[str]:
        """Yield the ten most probable items after each session; see ``takes_items``."""
        from .showing import answer_lines

        refuse_to_explain(source, explain)
        return answer_lines(source, texts, trust_remote_code, unseen=unseen)

    def n_best(
        self,
        source: str,
        texts: Sequence[str],
        n: int,
        *,
        trust_remote_code: bool = False,
        unseen: bool = False,
    ) -> Iterator[str]:
        """Yield the ``n`` most probable items after each session."""
        from .showing import answer_lines

        return answer_lines(source, texts, trust_remote_code, n, unseen)


register_task(NextItemRecommendation())
