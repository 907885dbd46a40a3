"""A page to try models and word vectors, on this machine or as a Space of the Hub."""

from .answers import Answer, Classifier, Word, open_classifier, open_classifiers
from .serving import require_gradio, serve, start
from .space import SpacePlan, plan_space, push_space
from .wheel import Wheel, make_wheel
from .words import Found, WordSet, analogy, near, sets_of_models

__all__ = [
    "Answer",
    "Classifier",
    "Found",
    "SpacePlan",
    "Wheel",
    "Word",
    "WordSet",
    "analogy",
    "make_wheel",
    "near",
    "open_classifier",
    "open_classifiers",
    "plan_space",
    "push_space",
    "require_gradio",
    "serve",
    "sets_of_models",
    "start",
]
