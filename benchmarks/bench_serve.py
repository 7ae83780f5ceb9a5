"""``python -m skdeep serve`` under load: requests a second, latency, and what happens at overload.

A server in a process of its own answers clients that ask again as soon as they have an answer, each
over one connection. Requests and answers are what a program sends that asks for one row, and for a
hundred. At overload there are more clients than may wait.

    python -m benchmarks.bench_serve [--seconds 5] [--onnx]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx
import numpy as np
import skops.io
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skdeep import MLPClassifier
from skdeep.export import to_onnx

PORT, MAX_WAITING = 8765, 64
CASES = [("1 client, 1 row", 1, 1), ("16 clients, 1 row", 16, 1), ("16 clients, 100 rows", 16, 100)]
OVERLOAD = [("overload: 200 clients, 100 rows", 200, 100)]


async def client(request: bytes, until: float, seen: list[tuple[int, float]]) -> None:
    """Ask until the time is over, and note status and seconds of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    while time.perf_counter() < until:
        begin = time.perf_counter()
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
        except (ConnectionError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
            continue
        fields = dict(line.lower().split(b": ", 1) for line in head.strip().split(b"\r\n")[1:])
        await reader.readexactly(int(fields[b"content-length"]))
        status = int(head.split()[1])
        seen.append((status, time.perf_counter() - begin))
        if status == 503:
            await asyncio.sleep(0.05)  # less than Retry-After asks for, as the impatient do
        if fields.get(b"connection") == b"close":
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.close()


async def load(n_clients: int, request: bytes, seconds: float) -> list[tuple[int, float]]:
    """Return what all clients saw."""
    seen: list[tuple[int, float]] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(client(request, until, seen) for _ in range(n_clients)))
    return seen


def post(X: np.ndarray) -> bytes:
    """Return the bytes of a request for the rows of X."""
    tensor = {"name": "X", "datatype": "FP64", "shape": list(X.shape), "data": X.ravel().tolist()}
    body = json.dumps({"inputs": [tensor]}).encode()
    head = (
        "POST /v2/models/digits/infer HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def wait_until_ready(server: subprocess.Popen[bytes]) -> None:
    """Return as soon as the server answers."""
    while server.poll() is None:
        try:
            httpx.get(f"http://127.0.0.1:{PORT}/v2/health/ready")
            return
        except httpx.ConnectError:
            time.sleep(0.1)
    raise SystemExit("the server has ended")


def main() -> None:
    """Print a row a case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="of each case")
    parser.add_argument("--onnx", action="store_true", help="serve a file of ONNX, not of skops")
    options = parser.parse_args()
    seconds = options.seconds
    X, y = load_digits(return_X_y=True)
    model = make_pipeline(MinMaxScaler(), MLPClassifier((64,), random_state=0, max_iter=300))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("digits.onnx" if options.onnx else "digits.skops")
        model.fit(X, y)
        if options.onnx:
            path.write_bytes(to_onnx(model).SerializeToString())
        else:
            skops.io.dump(model, path)
        command = [sys.executable, "-m", "skdeep", "serve", str(path), "--port", str(PORT)]
        server = subprocess.Popen([*command, "--max-waiting", str(MAX_WAITING)])
        try:
            wait_until_ready(server)
            print(
                "| load | answered/s | rows/s | median ms | p99 ms | refused/s | p99 ms of these |"
            )
            print("|---|---:|---:|---:|---:|---:|---:|")
            for name, n_clients, n_rows in CASES + OVERLOAD:
                seen = asyncio.run(load(n_clients, post(X[:n_rows]), seconds))
                statuses = Counter(status for status, _ in seen)
                assert set(statuses) <= {200, 503}, statuses
                good = 1e3 * np.array([taken for status, taken in seen if status == 200])
                away = 1e3 * np.array([taken for status, taken in seen if status == 503])
                print(
                    f"| {name} | {len(good) / seconds:.0f} | {len(good) * n_rows / seconds:.0f} | "
                    f"{np.median(good):.1f} | {np.quantile(good, 0.99):.1f} | "
                    f"{len(away) / seconds:.0f} | "
                    f"{f'{np.quantile(away, 0.99):.1f}' if len(away) else ''} |",
                    flush=True,
                )
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
