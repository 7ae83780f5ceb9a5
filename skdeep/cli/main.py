"""What ``python -m skdeep`` understands."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from skdeep._version import __version__
from skdeep.cli import command_serve
from skdeep.cli.command_compare import run
from skdeep.cli.compare_options import add_arguments
from skdeep.cli.errors import UsageError
from skdeep.cli.estimator_names import names_by_task

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Parameters
    ----------
    argv : sequence of str, default=None
        The arguments, None for those of the process.

    Returns
    -------
    int
        0 if all went well, 1 if no estimator could be scored, 2 for arguments or data that cannot
        be used, 130 after Ctrl-C, 141 where the output's reader has gone.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _parser()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without ± shows a question mark
    if not arguments:
        parser.print_help()
        return 0
    try:
        options = parser.parse_args(arguments)
        if options.command == "compare":
            return run(options, arguments)
        if options.command == "serve":
            return command_serve.run(options)
        for task, names in names_by_task().items():
            print(f"{task}:\n" + "\n".join(f"  {name}" for name in names))
        sys.stdout.flush()
        return 0
    except UsageError as error:
        print(f"{parser.prog} {arguments[0]}: error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever reads, `head` for one, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or closing it fails again
        return 141
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except SystemExit as stop:  # argparse's own, of --help and of arguments it does not know
        return int(stop.code or 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skdeep", description="Deep learning for people who live in scikit-learn."
    )
    parser.add_argument("--version", action="version", version=f"skdeep {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    compare = commands.add_parser(
        "compare",
        help="compare estimators on a CSV file by cross-validation",
        description="Compare estimators on a CSV file: the same folds for all, corrected paired "
        "tests, times, and a report.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(compare)
    serve = commands.add_parser(
        "serve",
        help="serve a fitted estimator to programs and people",
        description="Serve a fitted estimator: the Open Inference Protocol's JSON for programs, a "
        "page with a form for people.",
    )
    command_serve.add_arguments(serve)
    commands.add_parser("estimators", help="list the names that compare knows")
    return parser
