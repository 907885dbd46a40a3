"""Publish models: the record of how one was made, its card, and the upload to the Hub."""

from .cards import card_files as card_files
from .cards import model_card as model_card
from .cards import write_card as write_card
from .description import describe as describe
from .folder import CheckedFolder as CheckedFolder
from .folder import check_folder as check_folder
from .publication import Plan as Plan
from .publication import Published as Published
from .publication import RefusedError as RefusedError
from .publication import plan as plan
from .publication import publish as publish
from .record import DataRecord as DataRecord
from .record import Plot as Plot
from .record import PlotPoint as PlotPoint
from .record import Record as Record
from .record import RecordedAnswer as RecordedAnswer
from .record import RecordedResult as RecordedResult
from .trainer import HubTrainerMixin as HubTrainerMixin
from .trainer import RefuseHubToken as RefuseHubToken
from .upload import PublishError as PublishError
