"""Publishing: the record of how a model was made, and the card that is generated from it."""

from .cards import model_card, write_card
from .record import DataRecord, Record, RecordedResult
from .trainer import HubTrainerMixin, RefuseHubToken

__all__ = [
    "DataRecord",
    "HubTrainerMixin",
    "Record",
    "RecordedResult",
    "RefuseHubToken",
    "model_card",
    "write_card",
]
