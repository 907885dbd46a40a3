"""Publish models: the record of how one was made, its card, and the upload to the Hub."""

from .cards import card_files, model_card, write_card
from .description import describe
from .folder import CheckedFolder, check_folder
from .publication import Plan, Published, RefusedError, plan, publish
from .record import DataRecord, Plot, PlotPoint, Record, RecordedAnswer, RecordedResult
from .trainer import HubTrainerMixin, RefuseHubToken
from .upload import PublishError

__all__ = [
    "CheckedFolder",
    "DataRecord",
    "HubTrainerMixin",
    "Plan",
    "Plot",
    "PlotPoint",
    "PublishError",
    "Published",
    "Record",
    "RecordedAnswer",
    "RecordedResult",
    "RefuseHubToken",
    "RefusedError",
    "card_files",
    "check_folder",
    "describe",
    "model_card",
    "plan",
    "publish",
    "write_card",
]
