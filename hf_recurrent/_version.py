"""The version of the installed package; reading it takes a while."""

from importlib.metadata import version

__version__ = version("hf-recurrent")
