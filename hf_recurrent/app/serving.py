"""Serve the page on this machine until Ctrl-C; nothing is sent to anybody else."""

import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._extras import require
from .answers import Classifier
from .contexts import ContextSet
from .words import WordSet

if TYPE_CHECKING:
    from gradio import Blocks

_LOOPBACK = "127.0.0.1"


def require_gradio() -> Any:
    """Import gradio, with its calls to its makers' server switched off.

    Raises:
        ImportError: If it is not installed.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # else it also checks for newer versions
    return require("gradio", "app", "The page to try models")


def start(
    classifiers: Sequence[Classifier],
    sets: Sequence[WordSet],
    contexts: Sequence[ContextSet] = (),
    *,
    host: str | None = None,
    port: int | None = None,
    open_browser: bool = False,
) -> "Blocks":
    """Start the page in a thread of its own, and return once it answers.

    Args:
        classifiers: Models that answer texts.
        sets: Word vectors to look words up in.
        contexts: Models that give words vectors in their sentences.
        host: Address to listen on; ``None`` for this machine only, "0.0.0.0" for all addresses.
        port: Port to listen on; ``None`` for the first free one from 7860 on.
        open_browser: Whether to open the page in the browser of this machine.

    Returns:
        The page; ``local_url`` is its address, and ``close()`` ends it.

    Raises:
        ImportError: If gradio is not installed.
        ValueError: If there is nothing to show.
        OSError: If the port is taken.
    """
    require_gradio()
    from .page import CSS, THEME, build_page

    if not classifiers and not sets and not contexts:
        raise ValueError("There is nothing to show: name a model, or word vectors by --vectors.")
    page = build_page(classifiers, sets, contexts)
    try:
        page.launch(
            server_name=host or _LOOPBACK,
            server_port=port,
            inbrowser=open_browser,
            prevent_thread_lock=True,
            share=False,
            ssr_mode=False,
            mcp_server=False,
            enable_monitoring=False,
            quiet=True,
            theme=THEME,
            css_paths=CSS,
            footer_links=[],
        )
    except OSError as error:
        if "empty port" not in str(error):
            raise
        taken = f"The port {port} is taken" if port is not None else "No port is free"
        raise OSError(f"{taken}: name another by --port.") from error
    return page


def serve(
    classifiers: Sequence[Classifier],
    sets: Sequence[WordSet],
    contexts: Sequence[ContextSet] = (),
    *,
    host: str | None = None,
    port: int | None = None,
    open_browser: bool = False,
) -> None:
    """Serve the page until Ctrl-C; arguments and errors are those of ``start``."""
    page = start(classifiers, sets, contexts, host=host, port=port, open_browser=open_browser)
    print(f"The page is at {page.local_url} (Ctrl-C ends it).", flush=True)
    try:
        threading.Event().wait()
    finally:
        page.close(verbose=False)
