"""Identifiers of licenses and tasks that the Hub knows; it drops or refuses others.

``identifiers.json`` names the source and the date of each list.
"""

import json
from importlib import resources

_LISTS = json.loads(resources.files(__package__).joinpath("identifiers.json").read_text("utf-8"))
LICENSES = frozenset(_LISTS["licenses"])
TASKS = frozenset(_LISTS["tasks"])


def check_license(license: str | None, name: str | None) -> None:
    """Check the identifier of a license.

    Args:
        license: The identifier; ``None`` if the license is not known.
        name: Name of the license if the identifier is "other".

    Raises:
        ValueError: If the Hub does not know the identifier, or "other" has no name.
    """
    if license is not None and license not in LICENSES:
        like = sorted(known for known in LICENSES if known.split("-")[0] == license.split("-")[0])
        raise ValueError(
            f"The Hub knows no license {license!r}: take one of "
            f"{', '.join(like or ['apache-2.0', 'mit', 'cc-by-4.0'])}, or 'other' with a "
            f"license_name."
        )
    if license == "other" and not name:
        raise ValueError("The license is 'other', which needs a license_name.")


def check_task(task: str | None) -> None:
    """Check the ``pipeline_tag`` of a card; ``None`` if the task is not known.

    Raises:
        ValueError: If the Hub does not know it.
    """
    if task is not None and task not in TASKS:
        raise ValueError(
            f"The Hub knows no task {task!r}: expected one such as text-classification or "
            f"feature-extraction."
        )
