"""A task that no package has: how well a story goes on, judged by perplexity, told by its end."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Any

import pytest

from hf_recurrent import _tasks
from hf_recurrent.tasks import Metric, Task, Units


class Stories(Task):
    id = "stories"
    title = "going on with stories"
    pipeline_tag = "text-generation"
    head = "ForSequenceStories"
    auto_class = "AutoModel"
    units = Units("story", "stories", "from story to end")
    metrics = (
        Metric("perplexity", "ppl", "Perplexity", higher_is_better=False, unit="", digits=2),
        Metric("boredom", "bored", hub_name="ennui", higher_is_better=False, unit="yawns"),
        Metric("told", "told"),
    )
    chosen_by = "perplexity"
    models = MappingProxyType({})
    default_models = ()
    datasets = MappingProxyType({})
    default_dataset = ""
    columns = ("story",)

    def load(self, dataset: str, data_dir: str | None = None, **options: Any) -> Any:
        raise NotImplementedError

    def texts(self, rows: Any) -> list[str]:
        raise NotImplementedError

    def inputs(self, rows: Any) -> list[Any]:
        raise NotImplementedError

    def judge(self, predictions: Sequence[Any], rows: Any, train: Any) -> dict[str, float]:
        raise NotImplementedError

    def usage(self, source: str, example: str | None, has_tokenizer: bool) -> str:
        return f"go_on({source}, {example}, {has_tokenizer})"

    def widget(self, example: str) -> dict[str, Any]:
        return {"beginning": example}

    def predict(
        self,
        source: str,
        texts: Sequence[str],
        *,
        trust_remote_code: bool = False,
        explain: bool = False,
    ) -> Iterator[str]:
        if explain:
            raise ValueError("Stories explain themselves.")
        for text in texts:
            yield f"{text}, and they lived happily ever after ({trust_remote_code})"


@pytest.fixture
def stories(monkeypatch: pytest.MonkeyPatch) -> Task:
    """The task, known for one test."""
    task = Stories()
    monkeypatch.setitem(_tasks._REGISTERED, task.id, task)
    return task
