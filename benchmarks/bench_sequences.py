"""What recurrent networks and translators reach on the problems that they are judged by.

Run as ``python -m benchmarks.bench_sequences [counting] [adding] [copying] [reversing] [mnist]``;
without a name all but the last, which wants ``MNIST`` in the environment: the path of an .npz file
with X of shape (60000, 28, 28) and y. Everything is judged on sequences that were held out.
"""

from __future__ import annotations

import os
import string
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from benchmarks.timing import table
from skdeep import RecurrentClassifier, RecurrentRegressor, Seq2SeqTranslator

Row = list[object]
CELLS = ("rnn", "gru", "lstm")


def counting() -> Iterator[Row]:
    """How many ones a binary sequence of length 5 to 20 has, asked at every step of training."""
    rng = np.random.default_rng(0)
    X = [(rng.random(rng.integers(5, 21)) < rng.random()).astype(float) for _ in range(11_000)]
    y = [np.cumsum(x) for x in X]
    for cell, epochs in (("rnn", 150), ("gru", 40), ("lstm", 40)):
        model = RecurrentRegressor(
            hidden_layer_sizes=(32,),
            cell=cell,
            per_step=True,
            standardize_target=True,
            batch_size=32,
            learning_rate_init=0.01,
            learning_rate="cosine",
            max_iter=epochs,
            n_iter_no_change=epochs,
            random_state=0,
        )
        seconds = fit(model, X[:6000], y[:6000])
        counts = zip(model.predict(X[6000:]), y[6000:], strict=True)
        right = np.mean([np.rint(found[-1]) == count[-1] for found, count in counts])
        yield ["counting ones, length 5 to 20", cell, f"{right:.2%} exact of 5000", seconds]


def adding() -> Iterator[Row]:
    """The sum of the two numbers of fifty that are marked; the mean leaves a deviation of 0.41."""
    rng = np.random.default_rng(0)
    n, n_steps = 6000, 50
    X, rows = np.zeros((n, n_steps, 2), dtype=np.float32), np.arange(n)
    X[:, :, 0] = rng.random((n, n_steps))
    places = rng.integers(0, n_steps // 2, n), rng.integers(n_steps // 2, n_steps, n)
    for place in places:
        X[rows, place, 1] = 1
    y = sum(X[rows, place, 0] for place in places)
    for cell in CELLS:
        model = RecurrentRegressor(
            hidden_layer_sizes=(32,),
            cell=cell,
            standardize_target=True,
            batch_size=50,
            learning_rate_init=0.01,
            max_iter=20,
            n_iter_no_change=20,
            random_state=0,
        )
        seconds = fit(model, X[:5000], y[:5000])
        error = np.sqrt(np.mean((model.predict(X[5000:]) - y[5000:]) ** 2))
        yield ["adding, length 50", cell, f"error {error:.3f}", seconds]


def copying() -> Iterator[Row]:
    """Five symbols, twenty blanks, a sign, and then the five symbols again: length 30."""
    rng = np.random.default_rng(0)
    symbols = rng.integers(1, 5, (5000, 5))
    blanks = np.zeros((5000, 20), dtype=int)
    X = np.hstack([symbols, blanks, np.full((5000, 1), 5), blanks[:, :4]])
    y = np.hstack([0 * symbols, blanks, symbols])
    for cell in CELLS:
        model = RecurrentClassifier(
            (64,),
            cell=cell,
            tokens=True,
            per_step=True,
            embedding_size=8,
            batch_size=50,
            learning_rate_init=0.01,
            learning_rate="cosine",
            max_iter=45,
            n_iter_no_change=45,
            random_state=0,
        )
        seconds = fit(model, X[:4000], list(y[:4000]))
        exact = np.mean((np.array(model.predict(X[4000:])) == y[4000:]).all(axis=1))
        yield ["copying, 20 steps later", cell, f"{exact:.1%} exact of 1000", seconds]


def reversing() -> Iterator[Row]:
    """Words of one to twelve letters, written from the last to the first.

    Without attention the whole word has to go through one state: that takes many words, not many
    epochs. Reading them from the last letter on would make a copy of the reversal, and is not done.
    """
    rng = np.random.default_rng(0)
    letters = list(string.ascii_lowercase)
    words = list({"".join(rng.choice(letters, rng.integers(1, 13))) for _ in range(68_000)})
    words = [words[i] for i in rng.permutation(np.argsort(words))]
    held_out, words = words[:1000], words[1000:]
    for attention, n, units, epochs in ((True, 6000, 64, 30), (False, 60_000, 256, 8)):
        model = Seq2SeqTranslator(
            (units,),
            attention=attention,
            batch_size=64,
            learning_rate_init=0.005 if attention else 0.003,
            learning_rate="cosine",
            max_iter=epochs,
            n_iter_no_change=epochs,
            random_state=0,
        )
        seconds = fit(model, words[:n], [word[::-1] for word in words[:n]])
        exact = model.score(held_out, [word[::-1] for word in held_out])
        how = "with attention" if attention else "without attention"
        yield [f"reversing, up to 12 letters, {how}", "lstm", f"{exact:.1%} exact", seconds]


def mnist() -> Iterator[Row]:
    """Handwritten digits, read row by row; the last 10000 of the file are held out."""
    with np.load(os.environ["MNIST"]) as data:
        X, y = data["X"].astype(np.float32) / 255, data["y"]
    for cell in ("gru", "lstm"):
        model = RecurrentClassifier(
            (128,),
            cell=cell,
            dropout=0.2,
            dtype="float32",
            batch_size=128,
            learning_rate_init=0.003,
            learning_rate="cosine",
            max_iter=12,
            n_iter_no_change=12,
            random_state=0,
        )
        seconds = fit(model, X[:50_000], y[:50_000])
        score = model.score(X[50_000:], y[50_000:])
        yield ["MNIST, row by row", cell, f"{score:.2%} of 10000", seconds]


def fit(model: Any, X: Any, y: Any) -> str:
    """Train, and return the processor time."""
    begin = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    return f"{time.process_time() - begin:.0f} s"


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    part.__name__: part for part in (counting, adding, copying, reversing, mnist)
}


if __name__ == "__main__":
    chosen = sys.argv[1:] or list(PARTS)[:-1]
    rows = [row for name in chosen for row in PARTS[name]()]
    print(table(["problem", "cell", "held out", "processor time"], rows))
