"""Compare recurrent networks, word vectors and BERT."""

from pathlib import Path

from .settings import BenchmarkSettings

__all__ = ["BenchmarkSettings", "benchmark"]


def benchmark(settings: BenchmarkSettings, output: Path) -> int:
    """Run a comparison, print its table and write its report.

    Args:
        settings: Settings of the comparison.
        output: Folder for the results, the report and the best models.

    Returns:
        0, or 1 if a run failed.

    Raises:
        ValueError: If the data cannot be used, or another comparison runs in the folder.
        OSError: If the folder cannot be written, or the data or the baseline cannot be read.
    """
    from .lock import sole_use
    from .record import kept_records
    from .report import REPORT_FILE, write_report
    from .run import run
    from .summary import summarize
    from .terminal import format_best, format_outcome

    with sole_use(output):
        outcome = run(settings, output)
        lines = summarize(outcome)
        if lines:
            write_report(outcome, lines, output / REPORT_FILE)
            for folder, record in kept_records(outcome, lines):
                record.save(folder)
    if lines:
        print(format_outcome(outcome, lines))
        print(f"\nReport: {output / REPORT_FILE}")
        print(format_best(outcome), end="")
    return 1 if outcome.failures else 0
