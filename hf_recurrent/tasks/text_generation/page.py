"""The part of a comparison's page that is special to language models."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

_SAMPLE = Markup(
    '<div class="text"><small>{model}</small><br><b>{prompt}</b>{continuation}</div>\n'
)


def sample_sections(results: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return one continuation by each model, the best by validation first."""
    shown, known = [], set()
    for result in results:
        name = str(result["model"]).partition(",")[0]
        if name in known:
            continue
        known.add(name)
        shown += [_SAMPLE.format(model=name, **example) for example in result["examples"]]
    if not shown:
        return []
    told = (
        "The beginning of the first test document (shaded) and how each model goes on, sampled "
        "with top_p 0.95 and one seed; the first sample is shown, whatever it is."
    )
    return [("Samples", told, Markup("").join(shown))]
