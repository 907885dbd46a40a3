"""A small, faithful Hub on loopback, for tests of publishing and loading.

The unmodified clients (``huggingface_hub``, ``transformers``, ``datasets``) talk to it over
``HF_ENDPOINT``. ``store.py`` holds repositories and their commits; ``api.py``, ``commits.py`` and
``files.py`` answer the requests, ``xet.py`` those of Xet; ``server.py`` speaks HTTP; ``flows.py``
runs a client in a process of its own that can reach no other host.
"""

from .server import LoopbackHub

__all__ = ["LoopbackHub"]
