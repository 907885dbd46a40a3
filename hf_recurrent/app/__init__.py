"""A page to try models and word vectors, on this machine or as a Space of the Hub."""

from .answers import Answer as Answer
from .answers import Classifier as Classifier
from .answers import Word as Word
from .answers import open_classifier as open_classifier
from .answers import open_classifiers as open_classifiers
from .contexts import ContextSet as ContextSet
from .contexts import FoundInContext as FoundInContext
from .contexts import near_in_context as near_in_context
from .serving import require_gradio as require_gradio
from .serving import serve as serve
from .serving import start as start
from .space import SpacePlan as SpacePlan
from .space import plan_space as plan_space
from .space import push_space as push_space
from .wheel import Wheel as Wheel
from .wheel import make_wheel as make_wheel
from .words import Found as Found
from .words import WordSet as WordSet
from .words import analogy as analogy
from .words import near as near
from .words import sets_of_models as sets_of_models
