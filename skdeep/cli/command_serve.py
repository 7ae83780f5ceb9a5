"""``python -m skdeep serve``: a model's file in, a web application out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from skdeep.cli.errors import UsageError
from skdeep.serve import load
from skdeep.serve.server import prepared

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add = parser.add_argument
    add("model", help="a fitted estimator, as skops.io.dump or skdeep.export.to_onnx writes it")
    add("--name", help="the model's name in addresses (default: that of the file)")
    add(
        "--host",
        default="127.0.0.1",
        help="the address to listen on (default: %(default)s, this machine alone; there is no "
        "password, so put a proxy before any other)",
    )
    add("--port", type=_port, default=8000, help="the port to listen on (default: %(default)s)")
    add(
        "--trust",
        action="append",
        default=[],
        metavar="TYPE",
        help="full name of a further type that the file may hold; may be given several times",
    )
    add(
        "--max-body",
        type=_positive,
        default=16,
        metavar="MIB",
        help="largest request, in MiB (default: %(default)s)",
    )
    add(
        "--max-waiting",
        type=_positive,
        default=64,
        metavar="N",
        help="requests that may wait before others are refused (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C; return the exit status."""
    path = Path(options.model)
    try:
        model = load(path, options.trust)
    except (ImportError, OSError, ValueError) as error:
        raise UsageError(str(error)) from error
    name = options.name or path.stem
    host = f"[{options.host}]" if ":" in options.host else options.host
    try:
        serve = prepared(
            model,
            name,
            host=options.host,
            port=options.port,
            max_body=options.max_body * 2**20,
            max_waiting=options.max_waiting,
        )
        print(f"{name}: http://{host}:{options.port}/  (Ctrl-C ends it)", file=sys.stderr)
        serve()
    except (ImportError, TypeError, ValueError) as error:
        raise UsageError(str(error)) from error
    except SystemExit as stop:  # uvicorn's, after it has said why it cannot listen
        return int(stop.code or 0) and 2
    return 0


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, got {text!r}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 65535, got {text!r}")
    return int(text)
