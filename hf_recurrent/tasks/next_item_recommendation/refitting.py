"""Fitting in two steps: judged on validation, then fitted anew on all that is before the test."""

from collections.abc import Callable
from dataclasses import replace

import datasets

from ..fitted import Fitted
from ..model_rows import Work
from .sessions import whole_training


def refitted(work: Work, fit: Callable[[Work], Fitted]) -> Fitted:
    """Fit on the training part for the figure on validation, and anew on both for the test part.

    The newest sessions say most about those that follow, so the field trains on all of them.

    Args:
        work: What to fit.
        fit: Fits on the part "train"; it need not know the figure on validation.

    Returns:
        The second model, with the validation and the curve of the first.
    """
    first = fit(work)
    validation = work.score(first.predict)
    whole = datasets.Dataset.from_list(
        whole_training([*work.data["train"]], [*work.data["validation"]]),
        info=work.data["train"].info,  # its description says whether a model may be published
    )
    final = fit(replace(work, data=datasets.DatasetDict({**work.data, "train": whole})))
    return replace(
        final,
        validation=validation,
        curve=first.curve,
        curve_steps=first.curve_steps,
        added_rows=len(whole) - len(work.data["train"]),
    )
