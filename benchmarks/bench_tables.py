"""Models on raw tables, out of the box: errors, log losses, seconds, mean ranks.

Reads the folder ``tables`` in that of SKDEEP_DATA: ``NAME.csv.gz`` each, the target in the last
column "target", and ``index.json`` with ``{NAME: {"task": "c" or "r"}}``. Without it, the tables
that scikit-learn bundles. Every model gets the table as it is, or through imputation, scaling and
one-hot columns where it takes numbers alone; three folds, one thread, no tuning.

    python -m benchmarks tables
    python -m benchmarks.bench_tables --only wine,diabetes --models tabular,hgb
    python -m benchmarks.bench_tables --with other_results.json

``--with`` adds results of other models, such as those that an earlier run left in
``benchmarks/results/tables.json``: {NAME: {model: {"err": ..., "logloss": ..., "cpu_s": ...}}}.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import log_loss
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from benchmarks.timing import RESULTS, data_folder, table
from skdeep import TabularNetClassifier, TabularNetRegressor


def prepared(estimator: Any) -> Any:
    """Return the estimator behind what makes numbers of a table."""
    numbers = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    words = make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (words, make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(columns, estimator)


def catboost(task: str, X: pd.DataFrame) -> Any:
    """Return CatBoost, if it is installed, told which columns are categories."""
    from catboost import CatBoostClassifier, CatBoostRegressor

    kind = CatBoostClassifier if task == "c" else CatBoostRegressor
    words = list(X.select_dtypes(exclude="number"))
    options = {"verbose": 0, "random_seed": 0, "thread_count": 1, "allow_writing_files": False}
    return kind(cat_features=words, **options)


def pytabkit(name: str, task: str) -> Any:
    """Return a network of pytabkit's with its own defaults, if that is installed."""
    import pytabkit as networks

    kind = getattr(networks, f"{name}_{'Classifier' if task == 'c' else 'Regressor'}")
    return kind(random_state=0, n_threads=1, device="cpu", verbosity=0)


MODELS = {
    "tabular": lambda task, X: (TabularNetClassifier if task == "c" else TabularNetRegressor)(
        random_state=0
    ),
    "tabular fast": lambda task, X: (TabularNetClassifier if task == "c" else TabularNetRegressor)(
        "fast", random_state=0
    ),
    "hgb": lambda task, X: (
        HistGradientBoostingClassifier if task == "c" else HistGradientBoostingRegressor
    )(random_state=0),
    "sk_mlp": lambda task, X: prepared(
        MLPClassifier(max_iter=1000, random_state=0)
        if task == "c"
        else MLPRegressor(max_iter=2000, random_state=0)
    ),
    "linear": lambda task, X: prepared(
        LogisticRegression(max_iter=2000) if task == "c" else RidgeCV()
    ),
    "catboost": catboost,
    "realmlp": lambda task, X: pytabkit("RealMLP_TD_S", task),
    "tabm": lambda task, X: pytabkit("TabM_D", task),
}


def load_tables(only: list[str]) -> dict[str, tuple[str, pd.DataFrame, np.ndarray]]:
    """Return task, table and target by name."""
    folder = data_folder()
    found = {}
    if folder is not None and (folder / "tables" / "index.json").exists():
        index = json.loads((folder / "tables" / "index.json").read_text())
        for name, about in index.items():
            if not only or name in only:
                found[name] = (
                    about["task"],
                    *read(folder / "tables" / f"{name}.csv.gz", about["task"]),
                )
        return found
    print("SKDEEP_DATA names no folder with tables: those that scikit-learn bundles", flush=True)
    for load, task in (
        (load_wine, "c"),
        (load_breast_cancer, "c"),
        (load_digits, "c"),
        (load_diabetes, "r"),
    ):
        name = load.__name__.removeprefix("load_")
        if not only or name in only:
            found[name] = (task, *load(return_X_y=True, as_frame=True))
    return found


def read(path: Path, task: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a table, its text as categories, and its target."""
    data = pd.read_csv(path)
    y = data.pop("target")
    for column in data.select_dtypes(exclude="number"):
        data[column] = data[column].map(str, na_action="ignore").astype("category")
    return data, (pd.factorize(y, sort=True)[0] if task == "c" else y.to_numpy(float))


def without_missing(X: pd.DataFrame, train: np.ndarray) -> pd.DataFrame:
    """Return the table with the training rows' means, and words, in place of what is missing."""
    X = X.copy()
    for name, column in X.items():
        if pd.api.types.is_numeric_dtype(column):
            X[name] = column.fillna(column.iloc[train].mean()).fillna(0.0)
        else:
            X[name] = column.astype(str).astype("category")
    return X


def evaluate(model: str, task: str, X: pd.DataFrame, y: np.ndarray) -> dict[str, float | None]:
    """Return mean error (share of wrong classes, or 1 - R2), log loss and seconds over folds."""
    y = np.asarray(y)
    if model == "catboost":
        X = X.copy()
        for word in X.select_dtypes(exclude="number"):
            X[word] = X[word].astype(object).where(X[word].notna(), "missing").astype(str)
    errors, losses, seconds = [], [], []
    splitter = (StratifiedKFold if task == "c" else KFold)(3, shuffle=True, random_state=0)
    for train, test in splitter.split(X, y):
        given = without_missing(X, train) if model in ("realmlp", "tabm") else X
        estimator = MODELS[model](task, given)
        begin = time.process_time()
        estimator.fit(given.iloc[train], y[train])
        seconds.append(time.process_time() - begin)
        predicted = np.asarray(estimator.predict(given.iloc[test])).ravel()
        if task == "c":
            errors.append(np.mean(predicted != y[test]))
            losses.append(
                log_loss(y[test], estimator.predict_proba(given.iloc[test]), labels=np.unique(y))
            )
        else:
            spread = np.sum((y[test] - y[train].mean()) ** 2)
            errors.append(np.sum((predicted - y[test]) ** 2) / spread)
    return {
        "err": float(np.mean(errors)),
        "logloss": float(np.mean(losses)) if losses else None,
        "cpu_s": float(np.mean(seconds)),
    }


def ranks(results: dict[str, dict[str, Any]], models: list[str], what: str) -> list[float]:
    """Return each model's mean rank over the tables that all of them have."""
    rows = [
        [found[model][what] for model in models]
        for found in results.values()
        if all(found.get(model, {}).get(what) is not None for model in models)
    ]
    return pd.DataFrame(rows, columns=models).rank(axis=1).mean().tolist() if rows else []


def report(results: dict[str, dict[str, Any]], models: list[str]) -> str:
    """Return the errors of every table, and the mean ranks below."""
    lines = []
    for name, found in results.items():
        cells = [name]
        for model in models:
            r = found.get(model)
            loss = "" if not r or r["logloss"] is None else f" / {r['logloss']:.3f}"
            cells.append("" if not r else f"{r['err']:.4f}{loss}")
        lines.append(cells)
    for what, words in (("err", "mean rank by error"), ("logloss", "mean rank by log loss")):
        found = ranks(results, models, what)
        if found:
            lines.append([words, *(f"{rank:.2f}" for rank in found)])
    seconds = [
        sum(r[model]["cpu_s"] for r in results.values() if model in r and r[model].get("cpu_s"))
        for model in models
    ]
    lines.append(["processor seconds of a fit, summed", *(f"{s:.0f}" for s in seconds)])
    return table(["error / log loss", *models], lines)


def main() -> None:
    """Evaluate models on tables, keep the results, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="names of tables, with commas")
    parser.add_argument("--models", default="tabular,tabular fast,hgb,sk_mlp,linear")
    parser.add_argument("--with", dest="others", type=Path, action="append", default=[])
    args = parser.parse_args()
    models = [model for model in args.models.split(",") if model]
    warnings.filterwarnings("ignore")
    results: dict[str, dict[str, Any]] = {}
    with threadpool_limits(1):
        for name, (task, X, y) in load_tables([n for n in args.only.split(",") if n]).items():
            results[name] = {}
            for model in models:
                results[name][model] = evaluate(model, task, X, y)
                print(name, model, results[name][model], flush=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "tables.json").write_text(json.dumps(results, indent=1) + "\n")
    for path in args.others:
        for name, found in json.loads(path.read_text()).items():
            if name in results:
                results[name].update({m: r for m, r in found.items() if m not in results[name]})
                models += [m for m in found if m not in models]
    print()
    print(report(results, models))


if __name__ == "__main__":
    main()
