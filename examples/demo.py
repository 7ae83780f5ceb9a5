"""skdeep beside scikit-learn on real data: a pipeline, a grid search, a table and a figure.

Run it with ``make demo``, or ``python examples/demo.py`` where skdeep[plot] is installed. It takes
less than a minute, downloads nothing, and writes demo.png to the current folder.
"""

from __future__ import annotations

import shutil
import time
import timeit
import warnings
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.callback import ProgressBar
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    StratifiedKFold,
    cross_val_score,
    cross_validate,
    train_test_split,
)
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import SVC, LinearSVC
from threadpoolctl import threadpool_limits

import skdeep
import skdeep.inspection

OURS, THEIRS = "#0072B2", "#D55E00"  # told apart by every kind of colour vision

# A fixed number of epochs for both sides, so that the table compares the same work.
EPOCHS = {"max_iter": 30, "n_iter_no_change": 30, "random_state": 0}
# Mixtures of two samples, a rate that rises and falls once, and a running average of the weights.
MIXED = {
    "augment": "mixup",
    "learning_rate": "one_cycle",
    "learning_rate_init": 0.01,
    "average": "ema",
    "average_decay": 0.99,
}
# No epochs: a quasi-Newton method, to the minimum.
ON_ALL = {"solver": "lbfgs", "activation": "tanh", "alpha": 1.0, "random_state": 0}
# A picture as a sequence of its eight rows.
BY_ROW = {
    "cell": "gru",
    "sequence_shape": (8, 8),
    "batch_size": 64,
    "learning_rate_init": 0.01,
    "learning_rate": "cosine",
    "max_iter": 12,
    "random_state": 0,
}
# Two numbers for a picture, which a search for neighbours then reads.
CODES = {
    "hidden_layer_sizes": (128, 32),
    "batch_size": 50,
    "learning_rate_init": 0.003,
    "learning_rate": "cosine",
    "max_iter": 60,
    "n_iter_no_change": 60,
    "random_state": 0,
}


class Pair(NamedTuple):
    """An estimator of skdeep, what one would take in scikit-learn, and data for both."""

    what: str
    data: str
    ours: Any
    theirs: Any


class Result(NamedTuple):
    """A score for each fold, and median seconds to fit a fold and to predict all rows."""

    scores: np.ndarray
    fit_seconds: float
    predict_seconds: float


def load_data() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the bundled data sets, digits as float32, which holds its 17 grey levels exactly."""
    digits, digit = load_digits(return_X_y=True)
    digits = digits.astype(np.float32)
    few = np.flatnonzero(digit >= 5)[:150]
    return {
        "digits": (digits, digit),
        "digits, y % 3": (digits, np.column_stack([digit, digit % 3])),
        "150 digits 5-9": (digits[few], digit[few]),
        "breast cancer": load_breast_cancer(return_X_y=True),
        "wine": load_wine(return_X_y=True),
        "diabetes": load_diabetes(return_X_y=True),
    }


def features() -> Any:
    """Return a network that knows digits 0 to 4, whose hidden layer makes features of others."""
    X, y = load_digits(return_X_y=True)
    X, y = StandardScaler().fit_transform(X[y < 5]).astype(np.float32), y[y < 5]
    return FrozenEstimator(skdeep.MLPClassifier((64,), **EPOCHS).fit(X, y))


def pairs(best: dict[str, Any]) -> list[Pair]:
    """Return the rows of the table, those whose estimator this version of skdeep has."""
    scaled_target = {"regressor": MLPRegressor(**EPOCHS), "transformer": StandardScaler()}
    table = [
        ("MLP, same settings", "digits", "MLPClassifier", EPOCHS, MLPClassifier(**EPOCHS)),
        ("MLP, as searched", "digits", "MLPClassifier", EPOCHS | best, MLPClassifier(**EPOCHS)),
        ("MLP, same settings", "breast cancer", "MLPClassifier", EPOCHS, MLPClassifier(**EPOCHS)),
        (
            "MLP, mixup, averaged",
            "digits",
            "MLPClassifier",
            EPOCHS | MIXED,
            MLPClassifier(**EPOCHS),
        ),
        ("MLP, all data at once", "wine", "MLPClassifier", ON_ALL, MLPClassifier(**ON_ALL)),
        (
            "MLP, scaled target",
            "diabetes",
            "MLPRegressor",
            EPOCHS | {"standardize_target": True},
            TransformedTargetRegressor(**scaled_target),
        ),
        (
            "five networks' mean",
            "digits",
            "NetworkEnsembleClassifier",
            {"estimator": skdeep.MLPClassifier(**EPOCHS), "random_state": 0},
            BaggingClassifier(MLPClassifier(**EPOCHS), 5, bootstrap=False, random_state=0),
        ),
        (
            "several targets",
            "digits, y % 3",
            "MLPClassifier",
            EPOCHS,
            MultiOutputClassifier(MLPClassifier(**EPOCHS)),
        ),
        (
            "raw tables, fast",
            "wine",
            "TabularNetClassifier",
            {"preset": "fast", "random_state": 0},
            HistGradientBoostingClassifier(random_state=0),
        ),
        (
            "raw tables, fast",
            "diabetes",
            "TabularNetRegressor",
            {"preset": "fast", "random_state": 0},
            HistGradientBoostingRegressor(random_state=0),
        ),
        (
            "convolutional network",
            "digits",
            "ConvNetClassifier",
            {"architecture": "16, 32 | 64", "max_iter": 20, "random_state": 0},
            SVC(),
        ),
        ("recurrent, row by row", "digits", "RecurrentClassifier", BY_ROW, SVC()),
        ("nearest neighbours", "digits", "KNNClassifier", {}, KNeighborsClassifier()),
        ("nearest neighbours", "diabetes", "KNNRegressor", {}, KNeighborsRegressor()),
        ("softmax regression", "digits", "SoftmaxClassifier", {}, LogisticRegression()),
        ("softmax regression", "wine", "SoftmaxClassifier", {}, LogisticRegression()),
        ("linear SVM", "breast cancer", "SVMClassifier", {}, LinearSVC()),
        (
            "least squares, products",
            "diabetes",
            "LeastSquaresRegressor",
            {"degree": 2, "interactions": True},
            make_pipeline(PolynomialFeatures(2, interaction_only=True), LinearRegression()),
        ),
    ]
    found = [
        Pair(what, data, getattr(skdeep, name)(**params), theirs)
        for what, data, name, params, theirs in table
        if name in skdeep.__all__
    ]
    of_others = make_pipeline(features(), skdeep.SoftmaxClassifier())
    few = ("features of digits 0-4", "150 digits 5-9")
    found.append(Pair(*few, of_others, LogisticRegression()))
    if "Autoencoder" in skdeep.__all__:
        codes = (skdeep.Autoencoder(2, **CODES), PCA(2))
        ours, theirs = (make_pipeline(code, KNeighborsClassifier()) for code in codes)
        found.append(Pair("two numbers, neighbours", "digits", ours, theirs))
    return found


def terminal_is_wide() -> bool:
    """Tell whether the whole table has room; it has where the output goes to no terminal."""
    return shutil.get_terminal_size((120, 24)).columns >= 117


def fit_a_pipeline(X: np.ndarray, y: np.ndarray, n_splits: int) -> None:
    """Show that a network is a step like any other."""
    print("1. A network is a step of a pipeline like any other, under a progress bar.")
    model = make_pipeline(StandardScaler(), skdeep.MLPClassifier((64,), **EPOCHS))
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    # The pipeline, and its steps with their epochs, whose names leave a narrow bar no room.
    model.set_callbacks(ProgressBar(max_propagation_depth=1 if terminal_is_wide() else 0))
    model.fit(X_train, y_train)
    print(f"   Trained on {len(y_train)} handwritten digits, the network reads", end=" ")
    print(f"{model.score(X_test, y_test):.1%} of {len(y_test)} others right.")
    found = skdeep.inspection.diagnose(model, X_train, y_train, X_val=X_test, y_val=y_test)
    print(
        f"   What ails it: {', '.join(found.names) or 'nothing'}, says skdeep.inspection.diagnose."
    )
    model = make_pipeline(*(clone(step) for _, step in model.steps))  # without the progress bar
    folds = StratifiedKFold(n_splits, shuffle=True, random_state=0)
    scores = cross_val_score(model, X, y, cv=folds)
    print(f"   cross_val_score, {n_splits} folds: {scores.mean():.3f} ± {scores.std():.3f}")


def search(X: np.ndarray, y: np.ndarray, n_splits: int) -> dict[str, Any]:
    """Return the best parameters of a grid, found under scikit-learn's own progress bar."""
    print("\n2. What skdeep adds to scikit-learn's networks is searched like any parameter.")
    model = make_pipeline(
        StandardScaler(), skdeep.MLPClassifier(**EPOCHS | {"max_iter": 15, "dtype": "float32"})
    )
    grid = {
        "mlpclassifier__batch_norm": [False, True],
        "mlpclassifier__dropout": [0.0, 0.2],
        "mlpclassifier__learning_rate": ["constant", "cosine"],
        "mlpclassifier__learning_rate_init": [0.003, 0.01],
    }
    found = GridSearchCV(model, grid, cv=StratifiedKFold(n_splits, shuffle=True, random_state=1))
    # Deeper, there is a bar for each of the fits and for the epochs of each.
    found.set_callbacks(ProgressBar(max_propagation_depth=0))
    begin = time.perf_counter()
    found.fit(X, y)
    seconds = time.perf_counter() - begin
    best = {name.split("__")[1]: value for name, value in found.best_params_.items()}
    n_fits = len(found.cv_results_["params"]) * n_splits
    print(f"   {n_fits} networks in {seconds:.1f} s. Best, at {found.best_score_:.3f}:")
    print("   " + ", ".join(f"{name}={value!r}" for name, value in best.items()))
    return best


def times(ratio: float) -> str:
    """Write a ratio with as many digits as mean something."""
    return f"{ratio:.1f}x" if ratio >= 0.95 else f"{ratio:.2f}x"


def evaluate(estimator: Any, X: np.ndarray, y: np.ndarray, n_splits: int) -> Result:
    """Cross-validate an estimator behind a scaler, on folds that are the same for everyone."""
    kind = KFold if y.dtype.kind == "f" or y.ndim == 2 else StratifiedKFold
    model = make_pipeline(StandardScaler(), estimator)
    folds = kind(n_splits, shuffle=True, random_state=0)
    found = cross_validate(model, X, y, cv=folds, return_estimator=True)
    seconds = []
    for fitted in found["estimator"]:
        predict = partial(fitted.predict, X)
        seconds.append(min(timeit.repeat(predict, number=1, repeat=5)))
    return Result(
        found["test_score"], float(np.median(found["fit_time"])), float(np.median(seconds))
    )


def heading(wide: bool) -> str:
    """Return the head of the table: with milliseconds, or for 80 columns."""
    names = f"{'estimator':<24}{'data':<14}{'skdeep':>14}"
    if wide:
        sides = f" {'skdeep':>8} {'sklearn':>8} {'ratio':>6}"
        groups = f"{'':38}{'score':^29}{'fit, ms':^25}{'predict, ms':^25}"
        line = f"{names}{'scikit-learn':>15}{sides}{sides}"
    else:
        groups = f"{'':38}{'score':^28}{'ratio, of':>13}"
        line = f"{names}{'scikit-learn':>14}{'fit':>6}{'predict':>8}"
    return "\n".join([groups.rstrip(), line, "-" * len(line)])


def table_row(row: Pair, ours: Result, theirs: Result, wide: bool) -> str:
    """Return a row of the table."""
    cells = [f"{r.scores.mean():.3f} ± {r.scores.std():.3f}" for r in (ours, theirs)]
    line = f"{row.what:<24}{row.data:<14}{cells[0]:>14}{cells[1]:>{15 if wide else 14}}"
    fit = ours.fit_seconds, theirs.fit_seconds
    predict = ours.predict_seconds, theirs.predict_seconds
    if not wide:
        return line + f"{times(fit[1] / fit[0]):>6}{times(predict[1] / predict[0]):>8}"
    for mine, other in (fit, predict):
        line += f" {1e3 * mine:>8.1f} {1e3 * other:>8.1f} {times(other / mine):>6}"
    return line


def compare(
    rows: list[Pair], data: dict[str, tuple[np.ndarray, np.ndarray]], n_splits: int
) -> list[tuple[Pair, Result, Result]]:
    """Print the table row by row as it is found, and return it."""
    wide = terminal_is_wide()
    print(
        f"\n3. skdeep beside scikit-learn: the same {n_splits} folds, scaler and one thread each."
    )
    print("   Score: accuracy, or R² on diabetes, mean ± standard deviation over the folds.")
    print("   fit: one fold, median; predict: all its rows, best of five.")
    print("   ratio: how many times longer scikit-learn takes.")
    if not wide:
        print("   A terminal of 117 columns has room for the milliseconds, too.")
    print("\n" + heading(wide), flush=True)
    results = []
    for row in rows:
        X, y = data[row.data]
        with threadpool_limits(1):  # or the times tell how busy the machine is
            ours, theirs = (evaluate(side, X, y, n_splits) for side in (row.ours, row.theirs))
        print(table_row(row, ours, theirs, wide), flush=True)
        results.append((row, ours, theirs))
    return results


def learning_curves(X: np.ndarray, y: np.ndarray) -> dict[str, list[float]]:
    """Return the loss of each epoch: both libraries' networks from the same random state."""
    X = StandardScaler().fit_transform(X)
    return {
        "scikit-learn": MLPClassifier(**EPOCHS).fit(X, y).loss_curve_,
        "skdeep": skdeep.MLPClassifier(**EPOCHS).fit(X, y).history_["loss"],
    }


def draw(
    results: list[tuple[Pair, Result, Result]], curves: dict[str, list[float]], path: Path
) -> None:
    """Save the figure: scores, fit times, learning curves."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import LogLocator, NullFormatter

    plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(14, 2 + 0.5 * max(len(results), 5)), layout="constrained"
    )
    y = np.arange(len(results))[::-1]
    sides = [("skdeep", OURS, "o", 0.15), ("scikit-learn", THEIRS, "s", -0.15)]
    for k, (name, color, marker, shift) in enumerate(sides, start=1):
        found = [row[k] for row in results]
        mean = np.array([r.scores.mean() for r in found])
        spread = np.array([r.scores.std() for r in found])
        style = {"color": color, "label": name}
        left.errorbar(mean, y + shift, xerr=spread, fmt=marker, ms=7, capsize=3, **style)
        middle.plot([1e3 * r.fit_seconds for r in found], y, marker, ms=9, **style)
    left.set_yticks(y, [f"{row.what}\n{row.data}" for row, _, _ in results])
    left.set(title="Score, mean ± sd over the folds", xlabel="accuracy, or R² (diabetes)")
    left.grid(axis="x", alpha=0.3)
    for axes in (left, middle):
        axes.set_ylim(-0.6, len(y) - 0.4)
    middle.set_yticks([])
    middle.set(
        title="Time of one fit, one thread",
        xlabel="milliseconds, and how many times longer scikit-learn takes",
    )
    for at, (_, ours, theirs) in zip(y, results, strict=True):
        ends = 1e3 * ours.fit_seconds, 1e3 * theirs.fit_seconds
        middle.plot(ends, (at, at), color="0.75", lw=3, zorder=0)
        label = {"xytext": (0, 8), "textcoords": "offset points", "ha": "center"}
        middle.annotate(times(ends[1] / ends[0]), (np.sqrt(np.prod(ends)), at), **label)
    middle.set_xscale("log")
    middle.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
    middle.xaxis.set_major_formatter("{x:g}")
    middle.xaxis.set_minor_formatter(NullFormatter())
    middle.grid(axis="x", alpha=0.3)
    middle.margins(x=0.1)
    epochs = np.arange(1, len(curves["skdeep"]) + 1)
    right.plot(epochs, curves["scikit-learn"], color=THEIRS, lw=6, alpha=0.45, label="scikit-learn")
    right.plot(epochs, curves["skdeep"], color=OURS, lw=1.8, label="skdeep")
    right.set(
        title="Same random_state, same network",
        xlabel="epoch",
        ylabel="training loss on digits",
        yscale="log",
    )
    right.grid(alpha=0.3)
    right.legend(frameon=False)
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def main(n_splits: int = 5) -> None:
    """Run the four parts."""
    # Both sides stop after a fixed number of epochs, and both warn that this is early.
    warnings.filterwarnings("ignore", category=ConvergenceWarning)
    begin = time.perf_counter()
    print(f"skdeep {skdeep.__version__} on the data that scikit-learn brings along.\n")
    data = load_data()
    fit_a_pipeline(*data["digits"], n_splits)
    best = search(*data["digits"], min(n_splits, 3))
    results = compare(pairs(best), data, n_splits)
    path = Path("demo.png").resolve()
    draw(results, learning_curves(*data["digits"]), path)
    print(f"\n4. The table as a figure, with learning curves: {path}")
    print(f"\nDone in {time.perf_counter() - begin:.0f} s. To try next:")
    print("   change an import in your own code: from skdeep import MLPClassifier")
    print("   plot model.history_, a dict of columns: loss, learning rate, gradient norm, seconds")
    print("   make test    runs the test suite;  make docs    builds the user guide and gallery")


if __name__ == "__main__":
    main()
