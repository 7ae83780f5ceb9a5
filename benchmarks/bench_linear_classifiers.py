"""Linear classifiers beside scikit-learn's: the objective, and the time to it.

Run as ``python -m benchmarks.bench_linear_classifiers [PART ...]``; the parts are ``softmax``,
``softmax_scaled``, ``softmax_large``, ``softmax_l1``, ``softmax_cv``, ``svm``, ``svm_sparse`` and
``cifar``.
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np
from scipy import sparse
from scipy.special import logsumexp
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.preprocessing import StandardScaler, normalize
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from benchmarks.timing import data_folder, interleaved, median_ratio, table, table_line
from skdeep import (
    SoftmaxClassifier,
    SoftmaxClassifierCV,
    SVMClassifier,
)

HEAD = ["problem", "scikit-learn", "skdeep", "scikit-learn / skdeep"]


def timed(name: str, theirs: Callable, ours: Callable, repeats: int = 5) -> list[object]:
    """Return a row of the table: both medians and the median ratio."""
    seconds = interleaved({"theirs": theirs, "ours": ours}, repeats=repeats)
    ratio = median_ratio(seconds["theirs"], seconds["ours"])
    medians = [f"{statistics.median(seconds[key]):.4f} s" for key in ("theirs", "ours")]
    return [name, *medians, f"{ratio:.2f}"]


def objective(model: object, X: object, y: np.ndarray, C: float = 1.0, l1: float = 0.0) -> float:
    """Return the objective of logistic regression."""
    logits = X @ model.coef_.T + model.intercept_
    if logits.shape[1] == 1:
        logits = np.column_stack((np.zeros(len(y)), logits))
    codes = np.searchsorted(model.classes_, y)
    loss = (logsumexp(logits, axis=1) - logits[np.arange(len(y)), codes]).sum()
    W = model.coef_
    return C * loss + (1 - l1) / 2 * (W**2).sum() + l1 * np.abs(W).sum()


def softmax() -> None:
    """Raw bundled data: time until the optimum, to a relative 1e-6, by up to 1600 iterations."""
    rows: list[list[object]] = []
    for load in (load_iris, load_wine, load_breast_cancer, load_digits):
        X, y = load(return_X_y=True)
        best = objective(SoftmaxClassifier(tol=1e-7).fit(X, y), X, y)
        start = objective(LogisticRegression().fit(X, y), X, y)
        ours = objective(SoftmaxClassifier().fit(X, y), X, y)
        n_iter, reached = 100, False
        while not reached and n_iter <= 1600:
            theirs = LogisticRegression(max_iter=n_iter, tol=1e-10).fit(X, y)
            reached = objective(theirs, X, y) <= best * (1 + 1e-6)
            n_iter *= 1 if reached else 2
        used = int(theirs.n_iter_[0])
        row = timed(
            load.__name__.removeprefix("load_"),
            lambda X=X, y=y, n=used: LogisticRegression(max_iter=n, tol=1e-10).fit(X, y),
            lambda X=X, y=y: SoftmaxClassifier().fit(X, y),
            repeats=3,
        )
        rows.append([*row, f"{start:.4f}", f"{ours:.4f}", f"{best:.4f}", used, reached])
    extra = ["default there", "default here", "optimum", "its iterations", "it got there"]
    print(table(HEAD + extra, rows))


def softmax_scaled() -> None:
    """Scaled bundled data: both defaults, and ours cut off at the objective of the other."""
    rows: list[list[object]] = []
    for load in (load_iris, load_wine, load_breast_cancer, load_digits):
        X, y = load(return_X_y=True)
        X = StandardScaler().fit_transform(X)
        best = objective(SoftmaxClassifier(tol=1e-7).fit(X, y), X, y)
        theirs, ours = LogisticRegression(), SoftmaxClassifier()
        target = objective(theirs.fit(X, y), X, y)
        cut = SoftmaxClassifier(max_iter=1)
        while objective(cut.fit(X, y), X, y) > target:
            cut.max_iter += 1
        exact = LogisticRegression(tol=1e-6, max_iter=1000)
        fits = {"theirs": theirs, "exact": exact, "ours": ours, "cut": cut}
        seconds = interleaved({name: partial(m.fit, X, y) for name, m in fits.items()}, repeats=11)
        medians = [f"{1e3 * statistics.median(seconds[name]):.1f} ms" for name in fits]
        excess = [f"{objective(fits[name], X, y) / best - 1:.0e}" for name in fits]
        rows.append(
            [
                load.__name__.removeprefix("load_"),
                *(f"{time}, {gap}" for time, gap in zip(medians, excess, strict=True)),
                f"{median_ratio(seconds['theirs'], seconds['ours']):.2f}",
                f"{median_ratio(seconds['exact'], seconds['ours']):.2f}",
                f"{median_ratio(seconds['theirs'], seconds['cut']):.2f}",
            ]
        )
    head = ["time, above the optimum by", "its default", "its tol=1e-6", "skdeep", "skdeep cut off"]
    print(table([*head, "default / skdeep", "tol=1e-6 / skdeep", "default / cut off"], rows))


class StopAt:
    """A callback that notes when the objective is reached, and ends the fit."""

    def __init__(self, X: object, y: np.ndarray, target: float) -> None:
        self.X, self.y, self.target, self.value = X, y, target, np.inf
        self.seconds = 0.0  # that looking has taken

    def setup(self, estimator: object, context: object) -> None:
        """Do nothing."""

    teardown = on_fit_task_begin = setup

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        """Stop when the objective is reached."""
        if fitted_estimator is None or not hasattr(fitted_estimator, "coef_"):
            return False
        begin = time.perf_counter()
        self.value = objective(fitted_estimator, self.X, self.y)
        self.seconds += time.perf_counter() - begin
        return self.value <= self.target


def softmax_large() -> None:
    """Large data: the time of LogisticRegression's default, and ours to the same objective."""
    random = np.random.default_rng(0)
    rows: list[list[object]] = []
    for name, (X, y) in {
        "dense 20000 x 784": dense(random),
        "sparse 20000 x 50000": text(random),
    }.items():
        begin = time.perf_counter()
        theirs = LogisticRegression().fit(X, y)
        seconds = time.perf_counter() - begin
        target = objective(theirs, X, y)
        stop = StopAt(X, y, target)
        begin = time.perf_counter()
        ours = SoftmaxClassifier().set_callbacks(stop).fit(X, y)
        mine = time.perf_counter() - begin - stop.seconds
        rows.append(
            [
                name,
                f"{seconds:.2f} s",
                f"{mine:.2f} s",
                f"{seconds / mine:.2f}",
                f"{target:.3f}",
                f"{objective(ours, X, y):.3f}",
                int(theirs.n_iter_[0]),
                int(ours.n_iter_[0]),
            ]
        )
    print(table([*HEAD, "objective there", "here", "iterations there", "here"], rows))


def dense(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return standardised pictures: MNIST where it is there, else correlated normal features."""
    folder = data_folder()
    if folder is not None and (folder / "mnist_train.npz").exists():
        data = np.load(folder / "mnist_train.npz")
        X, y = data["X"][:20000].reshape(20000, -1).astype(float), data["y"][:20000].astype(int)
        return StandardScaler().fit_transform(X), y
    X = random.standard_normal((20000, 100)) @ random.standard_normal((100, 784))
    X = StandardScaler().fit_transform(X + random.standard_normal((20000, 784)))
    logits = X @ random.standard_normal((784, 10)) * 0.1
    return X, (logits + random.gumbel(size=logits.shape)).argmax(axis=1)


def text(random: np.random.Generator) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Return normalised word counts with a Zipf law, 50 words a row, and 10 classes."""
    n, p = 20000, 50000
    share = 1.0 / np.arange(1, p + 1) ** 0.8
    words = random.choice(p, size=50 * n, p=share / share.sum())
    values = np.log1p(random.exponential(1.0, 50 * n))
    X = normalize(sparse.csr_matrix((values, (np.repeat(np.arange(n), 50), words)), shape=(n, p)))
    logits = X @ (3.0 * random.standard_normal((p, 10)))
    return X, (logits + 0.5 * random.gumbel(size=(n, 10))).argmax(axis=1)


def softmax_l1() -> None:
    """L1 and elastic net on scaled bundled data, beside saga with 1000 epochs."""
    rows: list[list[object]] = []
    for load in (load_iris, load_wine, load_breast_cancer, load_digits):
        X, y = load(return_X_y=True)
        X = StandardScaler().fit_transform(X)
        for l1 in (0.5, 1.0):
            saga = LogisticRegression(solver="saga", l1_ratio=l1, max_iter=1000, tol=1e-4)
            ours = SoftmaxClassifier(l1_ratio=l1)
            name = f"{load.__name__.removeprefix('load_')}, l1_ratio {l1}"
            repeats = 1 if load is load_digits else 3
            row = timed(name, partial(saga.fit, X, y), partial(ours.fit, X, y), repeats=repeats)
            values = [f"{objective(m, X, y, l1=l1):.6f}" for m in (saga, ours)]
            rows.append([*row, *values])
    print(table([*HEAD, "objective there", "here"], rows))


def softmax_cv() -> None:
    """Ten values of C in five folds."""
    rows: list[list[object]] = []
    for load in (load_iris, load_wine, load_breast_cancer):
        X, y = load(return_X_y=True)
        X = StandardScaler().fit_transform(X)
        theirs = LogisticRegressionCV(
            l1_ratios=(0,), scoring="accuracy", use_legacy_attributes=False
        )
        ours = SoftmaxClassifierCV()
        name = load.__name__.removeprefix("load_")
        row = timed(name, partial(theirs.fit, X, y), partial(ours.fit, X, y), repeats=3)
        rows.append([*row, f"{theirs.C_:.4g}", f"{ours.C_:.4g}"])
    print(table([*HEAD, "C there", "here"], rows))


def svm() -> None:
    """LinearSVC for the same problem, without intercepts: it would penalise them."""
    rows: list[list[object]] = []
    for load in (load_breast_cancer, load_iris, load_wine, load_digits):
        X, y = load(return_X_y=True)
        scaled = StandardScaler().fit_transform(X)
        several = len(np.unique(y)) > 2
        losses = ["hinge"] if several else ["squared_hinge", "hinge"]
        for (kind, Z), loss in product((("raw", X), ("scaled", scaled)), losses):
            form = "crammer_singer" if several else "ovr"
            theirs = LinearSVC(multi_class=form, loss=loss, fit_intercept=False)
            ours = SVMClassifier(multi_class="crammer_singer", loss=loss, fit_intercept=False)
            name = f"{load.__name__.removeprefix('load_')} {kind}, {loss.replace('_', ' ')}"
            name += " of Crammer-Singer" if several else ""
            row = timed(name, partial(theirs.fit, Z, y), partial(ours.fit, Z, y), repeats=9)
            rows.append([*row, *(f"{margins(m, Z, y):.6g}" for m in (theirs, ours))])
    print(table([*HEAD, "objective there", "here"], rows))


def svm_sparse() -> None:
    """Wide sparse tables of several classes, processor time beside LinearSVC's on one thread.

    Only with the hinge of Crammer and Singer are the problems the same, up to the intercept.
    """
    head = [*HEAD[:3], "skdeep / scikit-learn"]
    print(table_line(head), table_line(["---"] * len(head)), sep="\n")
    forms = {
        "squared, Weston-Watkins": ({}, {}),
        "hinge, Weston-Watkins": ({"loss": "hinge"}, {"loss": "hinge"}),
        "squared, Crammer-Singer": ({"multi_class": "crammer_singer"}, {}),
        "hinge, Crammer-Singer": ({"multi_class": "crammer_singer", "loss": "hinge"},) * 2,
    }
    tables = {
        "uniform 2000 x 20000, 10 classes": uniform_entries(2000, 20000, 40, 10),
        "uniform 5000 x 50000, 20 classes": uniform_entries(5000, 50000, 50, 20),
        "tf-idf 2000 x 20000, 10 classes": tf_idf(2000, 20000, 10),
        "tf-idf 5000 x 30000, 20 classes": tf_idf(5000, 30000, 20),
        "tf-idf 3000 x 30000, 100 classes": tf_idf(3000, 30000, 100),
    }
    for (name, (X, y)), (form, (own, peer)) in product(tables.items(), forms.items()):
        fits = {
            "theirs": partial(LinearSVC(**peer).fit, X, y),
            "ours": partial(SVMClassifier(**own).fit, X, y),
        }
        with threadpool_limits(1):
            seconds = interleaved(fits, repeats=3, pause=0.0, clock=time.process_time)
        medians = [f"{statistics.median(seconds[key]):.3f} s" for key in ("theirs", "ours")]
        ratio = median_ratio(seconds["ours"], seconds["theirs"])
        print(table_line([f"{name}, {form}", *medians, f"{ratio:.1f}"]), flush=True)


def uniform_entries(n: int, p: int, per_row: int, k: int) -> tuple[sparse.csr_array, np.ndarray]:
    """Return rows with little in common, and classes that mean nothing."""
    X = sparse.random_array((n, p), density=per_row / p, rng=1, format="csr")
    return X, np.random.default_rng(0).integers(0, k, n)


def tf_idf(n: int, p: int, k: int) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Return texts of 100 words with a Zipf law, a fifth of them of the topic; noisy classes."""
    random = np.random.default_rng(0)
    share = 1.0 / np.arange(1, p + 1)
    words = random.choice(p, size=(n, 100), p=share / share.sum())
    topic = random.integers(0, k, n)
    order = np.stack([random.permutation(p) for _ in range(k)])
    words[:, :20] = order[topic[:, None], words[:, :20]]
    counts = sparse.csr_matrix(
        (np.ones(words.size), (np.repeat(np.arange(n), 100), words.ravel())), shape=(n, p)
    )
    y = np.where(random.random(n) < 0.2, random.integers(0, k, n), topic)
    return TfidfTransformer(sublinear_tf=True).fit_transform(counts), y


def margins(model: object, X: np.ndarray, y: np.ndarray) -> float:
    """Return the objective of the SVM: the hinge of the worst class, or the squared hinge."""
    logits = X @ model.coef_.T
    if logits.shape[1] == 1:
        power = 2 if model.loss == "squared_hinge" else 1
        loss = (np.maximum(0, 1 - (2 * y - 1) * logits[:, 0]) ** power).sum()
    else:
        worst = 1 + logits - logits[np.arange(len(y)), y][:, None]
        worst[np.arange(len(y)), y] = 0
        loss = worst.max(axis=1).sum()
    return 0.5 * (model.coef_**2).sum() + loss


def cifar() -> None:
    """Accuracy of softmax regression and SVM on CIFAR-10's raw pixels, 10000 held out."""
    folder = data_folder()
    if folder is None or not (folder / "load_images.py").exists():
        print("SKDEEP_DATA names no folder with CIFAR-10: skipped.")
        return
    spec = importlib.util.spec_from_file_location("load_images", folder / "load_images.py")
    images = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(images)
    X, y, _ = images.cifar10()
    X = X.reshape(len(X), -1).astype(np.float32) / 255 - 0.5
    rows: list[list[object]] = []
    for name, model in {
        "softmax": SoftmaxClassifier(
            solver="momentum", learning_rate_init=1e-3, max_iter=15, C=0.1
        ),
        "SVM, Weston-Watkins": SVMClassifier(
            solver="momentum", loss="hinge", learning_rate_init=2e-4, max_iter=15, C=0.1
        ),
    }.items():
        begin = time.perf_counter()
        model.set_params(random_state=0, batch_size=200).fit(X[:40000], y[:40000])
        seconds = time.perf_counter() - begin
        rows.append([name, f"{model.score(X[40000:], y[40000:]):.4f}", f"{seconds:.0f} s"])
    print(table(["raw pixels of CIFAR-10", "accuracy on 10000 held out", "time"], rows))


PARTS = {
    part.__name__: part
    for part in (
        softmax,
        softmax_scaled,
        softmax_large,
        softmax_l1,
        softmax_cv,
        svm,
        svm_sparse,
        cifar,
    )
}


def main(names: list[str]) -> None:
    """Run the named parts, all of them without names."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    for name in names or PARTS:
        print(f"\n### {name}\n", flush=True)
        PARTS[name]()


if __name__ == "__main__":
    main([name for name in sys.argv[1:] if name in PARTS])
