"""The next items of a session, for the command line."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForCausalLM

from ..._terminal import printable
from ..._wording import counted
from ...hub.small_files import small_files
from ...models.checks import check_tokenizer
from ...models.output_loss_fields import RANKING
from ..loading import load_head
from .catalog import TITLES_FILE, Catalog
from .ranking import best, without_seen

_SHOWN = 10


class Recommender:
    """A trained network that names the next items of a session.

    Args:
        source: A folder, or an id of the Hub.
        trust_remote_code: Whether code in the model's folder may run.

    Raises:
        OSError: If there is no such model or it cannot be read whole.
        ValueError: If it is for another task.
    """

    def __init__(self, source: str, trust_remote_code: bool = False) -> None:
        model, tokenizer = load_head(
            source,
            AutoModelForCausalLM,
            title="the next item",
            part="output layer",
            noun="a causal language model of items",
            trust_remote_code=trust_remote_code,
        )
        check_tokenizer(tokenizer, model.config)
        self.model: Any = model
        self.is_ranking = getattr(model.config, "output_loss", None) in RANKING
        special = set(tokenizer.all_special_tokens)
        ids = {item: place for item, place in tokenizer.get_vocab().items() if item not in special}
        items = sorted(ids, key=ids.__getitem__)
        self.catalog = Catalog(items, [0] * len(items), _titles(source))
        titles = self.catalog.titles
        self._by_title = {_form(titles[item]): item for item in titles if item in ids}

    def items(self, text: str) -> tuple[list[str], list[str]]:
        """Return the known items of a session and the unknown ones.

        An item is an id, in which white space is "_", or a title.

        Args:
            text: The items, with tabs between them; or a single item; or else items with spaces
                between them.
        """
        whole = "\t" in text or self._known(text) is not None
        known: list[str] = []
        unknown: list[str] = []
        for part in filter(None, map(str.strip, text.split("\t") if whole else text.split())):
            item = self._known(part)
            if item is None:
                unknown.append("_".join(part.split()))
            else:
                known.append(item)
        return known, unknown

    def _known(self, text: str) -> str | None:
        """Return the item that has a text as its id or title; ``None`` if there is none."""
        item = "_".join(text.split())
        return item if item in self.catalog.ids else self._by_title.get(_form(text))

    @torch.inference_mode()
    def recommend(
        self, items: Sequence[str], number: int = _SHOWN, unseen: bool = False
    ) -> list[tuple[str, float]]:
        """Return the items with the highest scores after known items, and these.

        Scores are log-probabilities, except after a ranking loss.

        Args:
            items: The items of a session.
            number: Number of items to return.
            unseen: Whether to leave out the items of the session.
        """
        ids = self.catalog.known(items)
        limit = getattr(self.model.config, "max_position_embeddings", len(ids))
        inputs = torch.from_numpy(ids[-limit:])[None]
        logits = self.model(input_ids=inputs, logits_to_keep=1, use_cache=False).logits[0]
        wanted = logits[:, : len(self.catalog.items)].float()
        scores = (wanted if self.is_ranking else wanted.log_softmax(-1)).numpy()
        if unseen:
            scores = without_seen(scores, ids, len(ids) - 1)
        return [(self.catalog.items[i], float(scores[0, i])) for i in best(scores, number)[0]]


def answer_lines(
    source: str,
    texts: Sequence[str],
    trust_remote_code: bool = False,
    number: int = _SHOWN,
    unseen: bool = False,
) -> Iterator[str]:
    """Yield each session and the items that are most probable after it.

    Of several sessions, one without a known item is told and left out.

    Raises:
        ValueError: If no item of the only session is known, besides the errors of ``Recommender``.
    """
    model = Recommender(source, trust_remote_code)
    for text in texts:
        items, unknown = model.items(text)
        if not items:
            shown = printable(" ".join(text.split())[:60])
            none = f"knows none of the items '{shown}'"
            if len(texts) > 1:
                yield f"after nothing, as the model {none}"
                continue
            raise ValueError(
                f"The model {none}: expected ids of its "
                f"{counted(len(model.catalog.items), 'item')}, such as {model.catalog.items[0]}."
            )
        yield f"after {', '.join(map(model.catalog.shown, items))}:"
        if unknown:
            yield f"    (left out, as the model does not know them: {', '.join(unknown)})"
        found = model.recommend(items, number, unseen)
        if not found:
            yield "    (the session has had all items)"
        for place, (item, score) in enumerate(found, 1):
            told = f"{score:.2f}" if model.is_ranking else f"{100 * np.exp(score):.1f} %"
            yield f"{place:>4}  {told:>6}  {model.catalog.shown(item)}"


def _form(title: str) -> str:
    """Return the form in which titles are compared."""
    return " ".join(title.casefold().split())


def _titles(source: str) -> dict[str, str]:
    """Return the titles of items beside a model; none if there is no such file.

    Raises:
        ValueError: If the file is damaged.
    """
    path = small_files(source, ["config.json", TITLES_FILE]) / TITLES_FILE
    if not path.is_file():
        return {}
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {str(item): str(title) for item, title in told.items()}
    except (ValueError, AttributeError) as error:
        raise ValueError(f"{path} holds no titles of items: {error}.") from error
