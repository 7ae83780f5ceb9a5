"""``python -m skdeep`` from end to end."""

import csv
import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_iris

from skdeep.cli import main

FAST = ["--estimators", "softmax,knn,sklearn:dummy", "--cv", "3"]


def write(path, names, X, y):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*names, "y"])
        writer.writerows([*row, label] for row, label in zip(X, y, strict=True))
    return str(path)


@pytest.fixture
def iris(tmp_path):
    data = load_iris()
    return write(tmp_path / "iris.csv", "abcd", data.data, data.target_names[data.target])


@pytest.fixture
def diabetes(tmp_path):
    X, y = load_diabetes(return_X_y=True, scaled=False)
    X = [["f" if value == 1 else "m" if i == 1 else value for i, value in enumerate(r)] for r in X]
    return write(tmp_path / "diabetes.csv", "abcdefghij", X, y)


def test_a_table_goes_to_standard_output_and_all_else_to_standard_error(iris, capsys):
    assert main(["compare", iris, "--target", "y", *FAST]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("accuracy, 3 folds, 100 rows to fit and 50 to score")
    for name in ("softmax", "knn", "sklearn:dummy"):
        assert f"\n{name}" in shown.out
    assert "iris.csv: 150 rows, 4 numeric" in shown.err
    assert "setosa (50)" in shown.err


def test_a_regression_is_seen_and_its_target_standardized(diabetes, capsys):
    arguments = ["compare", diabetes, "--target", "y", "--estimators", "sklearn:sgd,least_squares"]
    assert main([*arguments, "--repeats", "2"]) == 0
    scaled = capsys.readouterr()
    assert scaled.out.startswith("r2, 10 folds")
    assert "1 categorical" in scaled.err
    assert main([*arguments, "--raw-target", "--quiet", "--set", "sklearn:sgd.eta0=1e-5"]) == 0
    assert capsys.readouterr().out != scaled.out


def test_the_report_says_how_columns_were_prepared(tmp_path, capsys):
    rows = [[i % 7, f"category {i % 200}"] for i in range(500)]
    path = write(tmp_path / "many.csv", ["x", "many"], rows, ["a", "b"] * 250)
    arguments = ["compare", path, "--target", "y", "--estimators", "mlp", "--report"]
    assert main([*arguments, str(tmp_path / "out.html"), "--set", "mlp.max_iter=2"]) == 0
    assert "1 categorical" in capsys.readouterr().err
    assert "all beyond the 49 most frequent" in (tmp_path / "out.html").read_text(encoding="utf-8")


def test_codes_with_leading_zeros_are_classes_of_their_own(tmp_path, capsys):
    X = [[i % 7, i % 5] for i in range(60)]
    path = write(tmp_path / "codes.csv", "ab", X, ["01", "1"] * 30)
    assert main(["compare", path, "--target", "y", *FAST]) == 0
    shown = capsys.readouterr()
    assert "classification, 2 classes: 01 (30), 1 (30)" in shown.err
    assert "leading zeros" in shown.err


def test_several_metrics_are_shown_and_the_first_is_compared(iris, capsys):
    arguments = ["compare", iris, "--target", "y", *FAST, "--scoring", "f1_macro, roc_auc_ovr"]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert out.startswith("f1_macro, 3 folds")
    assert "roc_auc_ovr" in out.splitlines()[3]


def test_groups_stay_together(tmp_path, capsys):
    # Rows of a group are alike, and its class is a toss: only a leak can tell it.
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(30), 6)
    X = np.column_stack([group, rng.normal(size=(30, 3))[group]])
    path = write(tmp_path / "groups.csv", ["who", *"abc"], X, rng.choice(["p", "q"], 30)[group])
    arguments = ["compare", path, "--target", "y", "--estimators", "sklearn:k_neighbors"]
    arguments += ["--drop", "who", "--set", "sklearn:k_neighbors.n_neighbors=1"]

    def score(*more):
        assert main([*arguments, *more]) == 0
        return float(re.search(r"mean accuracy of ([\d.]+)", capsys.readouterr().out)[1])

    assert score() > 0.95
    assert score("--groups", "who", "--repeats", "2") < 0.75


def test_the_best_is_saved_and_can_be_served(tmp_path, iris, capsys):
    pytest.importorskip("skops.io")
    serve = pytest.importorskip("skdeep.serve")
    table = pd.read_csv(iris)
    table.iloc[::9, 0] = None
    holes, path = tmp_path / "holes.csv", tmp_path / "best.skops"
    table.to_csv(holes, index=False)
    arguments = ["compare", str(holes), "--target", "y", "--estimators", "softmax,sklearn:dummy"]
    assert main([*arguments, "--save", str(path)]) == 0
    assert "fitted on all 150 rows" in capsys.readouterr().err
    assert serve.load(path).score(table.drop(columns="y"), table["y"]) > 0.9


def test_a_compressed_file_is_simply_read(iris, tmp_path, capsys):
    path = tmp_path / "iris.csv.gz"
    path.write_bytes(gzip.compress(Path(iris).read_bytes()))
    assert main(["compare", str(path), "--target", "y", *FAST]) == 0
    assert "iris.csv.gz: 150 rows" in capsys.readouterr().err


def test_one_estimator_is_no_comparison_and_no_failure(iris, capsys):
    assert main(["compare", iris, "--target", "y", "--estimators", "softmax"]) == 0
    assert "softmax has a mean accuracy of 0.9" in capsys.readouterr().out


def test_the_same_seed_gives_the_same_scores(iris, capsys):
    def scores(seed):
        arguments = ["--target", "y", *FAST, "--random-state", seed, "--scoring", "neg_log_loss"]
        assert main(["compare", iris, *arguments]) == 0
        lines = capsys.readouterr().out.splitlines()
        return [line.split("±")[0] for line in lines if "±" in line][1:]

    assert scores("1") == scores("1") != scores("2")


def test_the_report_says_how_it_was_made(iris, tmp_path, capsys):
    report = tmp_path / "report.html"
    arguments = ["compare", iris, "--target", "y", *FAST, "--report", str(report)]
    assert main([*arguments, "--baseline", "sklearn:dummy"]) == 0
    text = report.read_text(encoding="utf-8")
    assert f"python -m skdeep {' '.join(arguments)} --baseline sklearn:dummy" in text
    assert "iris.csv: 150 rows" in text
    assert "http" not in text
    assert str(report) in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' names are text")
def test_a_file_whose_name_is_no_text_has_a_report(iris, tmp_path):
    odd = tmp_path / os.fsdecode(b"odd\xff.csv")
    os.rename(iris, odd)
    report = tmp_path / "report.html"
    arguments = ["compare", str(odd), "--target", "y", *FAST, "--report", str(report)]
    assert main(arguments) == 0
    assert "y from odd?.csv" in report.read_text(encoding="utf-8")


def test_a_failing_estimator_is_a_row(iris, capsys):
    arguments = ["compare", iris, "--target", "y", "--cv", "3", "--quiet", "--estimators"]
    assert main([*arguments, "knn,sklearn:multinomial_nb"]) == 0
    shown = capsys.readouterr()
    assert "Negative values in data" in shown.out
    assert shown.err == ""
    assert main([*arguments, "sklearn:multinomial_nb"]) == 1


def test_warnings_are_counted_and_said_once(iris, capsys):
    arguments = ["compare", iris, "--target", "y", "--estimators", "mlp", "--set"]
    assert main([*arguments, "mlp.max_iter=2"]) == 0
    err = capsys.readouterr().err
    assert err.count("ConvergenceWarning") == 1
    assert "(mlp: in 5 of 5 fits)" in err


def test_the_report_tells_of_warnings(iris, tmp_path):
    report = tmp_path / "report.html"
    arguments = ["compare", iris, "--target", "y", "--estimators", "mlp", "--report", str(report)]
    assert main([*arguments, "--set", "mlp.max_iter=2"]) == 0
    assert "Maximum iterations (2) reached" in report.read_text(encoding="utf-8")
    assert main([*arguments, "--set", "mlp.learning_rate=cosine"]) == 0
    assert "<dt>warnings" not in report.read_text(encoding="utf-8")


def test_columns_that_stand_for_a_category_are_no_reason_for_a_warning(diabetes, capsys):
    assert main(["compare", diabetes, "--target", "y", "--estimators", "least_squares"]) == 0
    assert "1 categorical" in (err := capsys.readouterr().err)
    assert "warning" not in err


def test_a_reader_that_leaves_early_sees_no_traceback():
    command = [sys.executable, "-m", "skdeep", "estimators"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare", "missing.csv", "--target", "y"], "missing.csv cannot be read: No such file"),
        (["compare", "IRIS", "--target", "z"], "--target 'z' is no column"),
        (["compare", "IRIS", "--target", "y", "--cv", "1"], "--cv must be at least 2. Got 1"),
        (["compare", "IRIS", "--target", "y", "--repeats", "0"], "--repeats must be at least 1"),
        (["compare", "IRIS", "--target", "y", "--cv", "51"], "--cv 51 needs 51 rows of a class"),
        (["compare", "IRIS", "--target", "y", "--n-jobs", "0"], "--n-jobs"),
        (["compare", "IRIS", "--target", "y", "--random-state", "-1"], "--random-state must be"),
        (["compare", "IRIS", "--target", "y", "--baseline", "svm"], "'baseline'.*Got 'svm'"),
        (["compare", "IRIS", "--target", "y", "--scoring", "f1macro"], "mean f1_macro"),
        (["compare", "IRIS", "--target", "y", "--scoring", "r2,f1macro"], "mean f1_macro"),
        (["compare", "IRIS", "--target", "y", "--scoring", ""], "--scoring '' is no metric"),
        (["compare", "IRIS", "--target", "y", "--drop", "x"], "--drop 'x' is no column"),
        (["compare", "IRIS", "--target", "y", "--save", "/no/where.skops"], "no such folder"),
        (["compare", "IRIS", "--target", "y", "--estimators", "mpl"], "mean mlp"),
        (["compare", "IRIS", "--target", "y", "--report", "/no/where.html"], "no such folder"),
        (["compare", "IRIS"], "required: --target"),
        (["compare", "IRIS", "--target", "y", "--task", "x"], "invalid choice: 'x'"),
        (["contrast"], "invalid choice: 'contrast'"),
    ],
)
def test_what_cannot_be_done_is_said_with_status_2(arguments, message, iris, capsys):
    assert main([iris if word == "IRIS" else word for word in arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.search(message, shown.err), shown.err


def test_without_a_command_help_is_shown(capsys):
    assert main([]) == 0
    assert "compare" in capsys.readouterr().out
    assert main(["compare", "--help"]) == 0
    assert "--report FILE" in capsys.readouterr().out


def test_all_names_are_listed(capsys):
    assert main(["estimators"]) == 0
    listed = capsys.readouterr().out.split()
    assert {"classification:", "mlp", "sklearn:random_forest", "least_squares"} <= set(listed)


def test_ctrl_c_ends_it_with_a_word(iris, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("skdeep.cli.command_compare.compare", interrupted)
    assert main(["compare", iris, "--target", "y", "--quiet"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_python_dash_m_runs_it(iris, tmp_path):
    command = [sys.executable, "-m", "skdeep", "compare", iris, "--target", "y", *FAST]
    done = subprocess.run(
        [*command, "--report", "out.html"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "sklearn:dummy" in done.stdout
    assert (tmp_path / "out.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert subprocess.run([*command, "--cv", "0"], capture_output=True).returncode == 2


def test_without_pandas_the_command_names_what_brings_it(iris, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert main(["compare", str(iris), "--target", "species"]) == 2
    assert 'pip install "skdeep[cli]" brings it' in capsys.readouterr().err
