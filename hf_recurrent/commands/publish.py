"""``hf-recurrent publish``: put a saved model on the Hub."""

import argparse
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ._parsers import Verbs, add_verb, add_visibility, be_quiet

_HELP = """\
Check the folder of a saved model, make its card, upload it in one commit and load it back.

Pickles are left out, and files of a kind that no model is known to need; known forms of secrets and
paths of a machine are refused, unless --accept says that one is none. A new repository is private
unless --public is said. The token is that of the environment variable HF_TOKEN or of
`hf auth login`.
"""
_EXAMPLES = """\
examples:
  hf-recurrent publish benchmark-results/movie-snippets/best me/snippets-bilstm --dry-run
  hf-recurrent publish benchmark-results/movie-snippets/best me/snippets-bilstm --private
  hf-recurrent publish my-model them/their-model --pull-request
"""

_SHOWN = 20  # findings at most


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "publish",
        _publish,
        help="put a saved model on the Hub",
        description=_HELP,
        examples=_EXAMPLES,
        when_stopped=" What was uploaded is not in the repository until its commit is made.",
    )
    add = parser.add_argument
    add("folder", metavar="FOLDER", type=Path, help="as save_pretrained leaves it")
    add("repository", metavar="OWNER/NAME", help="made if it is not there")
    add_visibility(parser, "repository")
    add(
        "--include",
        metavar="PATTERN",
        action="append",
        default=[],
        help="publish files of this name too, although their kind is not known (may be repeated)",
    )
    add(
        "--accept",
        metavar="FILE[:LINE]",
        action="append",
        default=[],
        help="publish what only looks like a secret or a path there: read it first (may be "
        "repeated)",
    )
    add(
        "--license",
        metavar="ID",
        help="of the model, for its card: apache-2.0, mit, cc-by-4.0, ...",
    )
    add("--pull-request", action="store_true", help="open a pull request")
    add("--revision", metavar="BRANCH", help="branch to commit to, not with --pull-request")
    add("--dry-run", action="store_true", help="show what would be uploaded, and the card")
    add("--yes", action="store_true", help="do not ask; needed where nobody can be asked")


def _publish(options: argparse.Namespace) -> int:
    with ending_well_when_killed():
        return _publish_or_undo(options)


def _publish_or_undo(options: argparse.Namespace) -> int:
    from .._terminal import printable
    from ..hub import RefusedError, plan, publish

    if options.pull_request and options.revision:
        raise ValueError("A pull request goes to main: leave out --revision, or --pull-request.")
    be_quiet()
    asks = not options.yes and not options.dry_run
    if asks and not sys.stdin.isatty():
        raise ValueError(
            "There is no terminal to ask on: say --yes to publish, or --dry-run to look first."
        )
    try:
        planned = plan(
            options.folder,
            options.repository,
            options.include,
            options.accept,
            license=options.license,
        )
    except RefusedError as refused:
        # The error names the first; the user has to read or accept all of them.
        for sentence in refused.found[1:][:_SHOWN]:
            print(f"hf-recurrent: {printable(sentence)}", file=sys.stderr)
        raise
    checked = planned.checked
    print(f"To {options.repository}, {planned.mebibytes:.1f} MiB:")
    for path in planned.paths:
        yours = ", replaces yours" if path == "README.md" and planned.replaces_card else ""
        made = f" (made from the record{yours})" if path in planned.contents else ""
        print(f"  {printable(path)}{made}")
    for path, reason in checked.left_out.items():
        print(f"  left out: {printable(path)} ({reason})")
    for sentence in checked.accepted:
        print(f"  accepted: {printable(sentence)}")
    if options.dry_run:
        print("\nThe card:\n")
        print("\n".join(map(printable, planned.card.splitlines())))
        return 0
    if asks and not _agreed(options.repository, options.private):
        print("Nothing was uploaded.")
        return 1
    done = publish(
        planned,
        private=options.private,
        pull_request=options.pull_request,
        revision=options.revision,
        say=lambda sentence: print(sentence, file=sys.stderr),
        progress=upload_bars,
    )
    print(f"Published and loaded back: {done.pull_request_url or done.commit_url}")
    return 0


@contextmanager
def upload_bars() -> Iterator[None]:
    """Let the Hub's client draw its bars on stderr, unless the user has switched them off."""
    from huggingface_hub.constants import HF_HUB_DISABLE_PROGRESS_BARS
    from huggingface_hub.utils import disable_progress_bars, enable_progress_bars

    if HF_HUB_DISABLE_PROGRESS_BARS is not None:  # the environment has priority
        yield
        return
    enable_progress_bars()
    try:
        yield
    finally:
        disable_progress_bars()


@contextmanager
def ending_well_when_killed() -> Iterator[None]:
    """Let ``kill`` end the block as an exit does, so that the upload is undone."""

    def end(signum: int, frame: object) -> None:
        raise SystemExit(128 + signum)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _agreed(repository: str, private: bool | None) -> bool:
    kinds = {
        None: "private; --public makes it public",
        True: "private",
        False: "public, as --public says",
    }
    asked = f"Upload to {repository} (if it is new, it will be {kinds[private]})? [y/N] "
    return input(asked).strip().lower() in ("y", "yes")
