"""Sessions made of events, and the parts that are cut from them by time or by leaving one out.

An event is a row with ``session``, ``item`` and ``time`` (seconds), and a ``title`` if items have
one. A session is a row with these columns:

- ``session``: its name;
- ``items``: its items in the order of time;
- ``titles``: their titles, or an empty list;
- ``targets``: how many of its last items are to be predicted;
- ``start`` and ``end``: its first and last time.
"""

import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from ..._wording import counted
from ...data.rows import Row, Rows, Splits
from ...data.splits import SPLITS

HOUR = 3600.0
# The year 5138; in thousandths of a second, March 1973.
_NO_SECONDS = 1e11
_LATEST = 0.1
_TOO_FEW = "expected sessions at different times"


@dataclass(frozen=True)
class Cut:
    """How events become sessions, and sessions become parts.

    Attributes:
        by: "time": the sessions that start after nine tenths of all sessions have ended are the
            test part; those that begin before and end after are left out. Of the others, the last
            tenth to end is the validation part. "leave-one-out": of each session of three items
            or more, the last item is for test, and the one before it for validation.
        gap: Hours without an event after which a new session begins; ``None`` for never.
        min_events: How often an item has to occur before the test part, or as a whole where one is
            left out; other items are removed.
        drops_repeats: Whether an item that follows itself is removed.
    """

    by: str = "time"
    gap: float | None = None
    min_events: int = 5
    drops_repeats: bool = False

    def parts(self, events: Splits) -> Splits:
        """Return the sessions of train, validation and test.

        Published parts are kept, and their items are not counted. Items that the other parts lack
        are removed from the test part, and then sessions of a single item.

        Args:
            events: Events by part; a single part is cut.

        Raises:
            ValueError: If the events cannot be cut, or a part has no session of two items.
        """
        found = {part: self._sessions(rows) for part, rows in events.items()}
        if len(found) == 1:
            (whole,) = found.values()
            found = self._left_out(whole) if self.by == "leave-one-out" else self._by_time(whole)
        elif self.by == "leave-one-out":
            raise ValueError(
                f"leave-one-out cuts one part, and the parts {', '.join(found)} are published: "
                f"leave out --split."
            )
        else:
            found = _completed(found)
        known = set(_items(found["train"])) | set(_items(found["validation"]))
        found["test"] = _only(found["test"], known)
        for part in SPLITS:
            if not any(row["targets"] for row in found[part]):
                raise ValueError(
                    f"The part '{part}' has no session of two items"
                    + (" that training knows" if part == "test" else "")
                    + ", so there is nothing to predict (a lower --min-item-events keeps more)."
                )
        return found

    def _sessions(self, events: Rows) -> Rows:
        """Return the sessions of events, those that end first in front.

        Events of one time are in the order of a digest: in many files they are in the order of the
        items, which would tell the next one.
        """
        ordered = sorted(
            events,
            key=lambda row: (
                row["session"],
                row["time"],
                zlib.crc32(f"{row['session']},{row['item']}".encode()),
            ),
        )
        gap = np.inf if self.gap is None else self.gap * HOUR
        latest = max((row["time"] for row in events), default=0.0)
        if self.gap is not None and latest > _NO_SECONDS:
            raise ValueError(
                f"The latest time is {latest:.0f}, and a gap of {self.gap:g} hours is counted in "
                f"seconds: expected seconds or dates, and no thousandths of a second."
            )
        sessions: Rows = []
        for name, own in groupby(ordered, key=lambda row: row["session"]):
            pieces: list[Rows] = []
            for event in own:
                if not pieces or event["time"] - pieces[-1][-1]["time"] > gap:
                    pieces.append([])
                pieces[-1].append(event)
            sessions += [
                _session(f"{name}/{number}" if len(pieces) > 1 else name, piece)
                for number, piece in enumerate(pieces)
            ]
        if self.drops_repeats:
            sessions = [_kept(row, _changes(row["items"])) for row in sessions]
        return sorted(sessions, key=lambda row: row["end"])

    def _by_time(self, sessions: Rows) -> Splits:
        border = _quantile(sessions)
        before = [row for row in sessions if row["end"] < border]
        test = [row for row in sessions if row["start"] >= border]
        train, validation = _last_tenth(_only(before, self._frequent(before)))
        return {"train": train, "validation": validation, "test": test}

    def _left_out(self, sessions: Rows) -> Splits:
        if all(row["start"] == row["end"] for row in sessions):
            raise ValueError(
                "The events of each session have one time, so no item is the last one: expected "
                "different times."
            )
        kept = _only(sessions, self._frequent(sessions))
        cut = [row for row in kept if len(row["items"]) > 2]
        return {
            "train": [_first(row, -2) if len(row["items"]) > 2 else row for row in kept],
            "validation": [_first(row, -1) | {"targets": 1} for row in cut],
            "test": [row | {"targets": 1} for row in cut],
        }

    def _frequent(self, sessions: Rows) -> set[str]:
        counts = Counter(_items(sessions))
        return {item for item, count in counts.items() if count >= self.min_events}


def whole_training(train: Rows, validation: Rows) -> Rows:
    """Return the sessions of both parts, of which every item but the first is a target.

    A session of which one item was left out for validation takes the place of its beginning. Other
    sessions of one name, such as two of one user in published parts, are both kept.
    """
    whole = [*train]
    places = {row["session"]: place for place, row in enumerate(train)}
    for row in validation:
        place = places.get(row["session"])
        if place is not None and row["items"][:-1] == whole[place]["items"]:
            whole[place] = row
        else:
            whole.append(row)
    return [row | {"targets": len(row["items"]) - 1} for row in whole]


def _session(name: str, events: Rows) -> Row:
    items = [event["item"] for event in events]
    return {
        "session": name,
        "items": items,
        "titles": [event["title"] for event in events] if "title" in events[0] else [],
        "targets": len(items) - 1,
        "start": events[0]["time"],
        "end": events[-1]["time"],
    }


def _kept(row: Row, places: Iterable[int]) -> Row:
    """Return a session with the items at some places; of its last items all are predicted."""
    kept = [*places]
    return row | {
        "items": [row["items"][place] for place in kept],
        "titles": [row["titles"][place] for place in kept] if row["titles"] else [],
        "targets": min(row["targets"], max(len(kept) - 1, 0)),
    }


def _first(row: Row, end: int) -> Row:
    return _kept(row, range(len(row["items"]))[:end])


def _changes(items: list[str]) -> list[int]:
    return [place for place, item in enumerate(items) if not place or items[place - 1] != item]


def _only(sessions: Rows, known: set[str]) -> Rows:
    """Return sessions of two or more items, after items that are not known were removed.

    A session of which one item is left out is removed with this item.
    """
    kept = []
    for row in sessions:
        one_out = row["targets"] < len(row["items"]) - 1
        if one_out and row["items"][-1] not in known:
            continue
        places = [place for place, item in enumerate(row["items"]) if item in known]
        if len(places) > 1:
            kept.append(_kept(row, places))
    return kept


def _items(sessions: Rows) -> Iterable[str]:
    return (item for row in sessions for item in row["items"])


def _quantile(sessions: Rows) -> float:
    """Return the time at which nine tenths of the sessions of two or more items have ended."""
    ends = [row["end"] for row in sessions if len(row["items"]) > 1]
    if not ends:
        raise ValueError(
            f"Of {counted(len(sessions), 'session')} none has two items, so there is nothing to "
            f"predict: expected longer sessions, or a lower --min-item-events."
        )
    if min(ends) == max(ends):
        raise ValueError(f"All sessions end at one time, so no part is later: {_TOO_FEW}.")
    return float(np.quantile(ends, 1 - _LATEST))


def _last_tenth(sessions: Rows) -> tuple[Rows, Rows]:
    border = _quantile(sessions)
    return (
        [row for row in sessions if row["end"] < border],
        [row for row in sessions if row["end"] >= border],
    )


def _completed(found: Splits) -> Splits:
    """Return published parts with a validation part, which is the end of the training part."""
    if "train" not in found or len(found.keys() & set(SPLITS)) < 2:
        raise ValueError(f"The parts are {', '.join(found)}: expected train and test.")
    if "test" not in found:
        found["test"] = found.pop("validation")
    if "validation" not in found:
        found["train"], found["validation"] = _last_tenth(found["train"])
    return {part: found[part] for part in SPLITS}
