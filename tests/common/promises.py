"""The promises that every family and head keeps, as one class to inherit.

A family's test file names its classes, a tiny configuration and the variants to check; see
``tests/models/test_static_embedding_family.py`` for a short one.
"""

from .bad_input import BadInput
from .checkpoints import SavedEqualsLoaded
from .naive import FastEqualsNaive
from .padding import PaddedEqualsSingle
from .pieces import StepEqualsWhole
from .plain_tools import PlainTools


class ModelPromises(PaddedEqualsSingle, SavedEqualsLoaded, FastEqualsNaive, PlainTools, BadInput):
    """What holds for every family."""


class StatefulModelPromises(ModelPromises, StepEqualsWhole):
    """What holds for a family whose models carry states from one call to the next."""
