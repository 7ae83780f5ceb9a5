"""Penalties chosen by cross-validation: the choice of explicit loops and of scikit-learn."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import StandardScaler

from skdeep import SoftmaxClassifier, SoftmaxClassifierCV


@pytest.mark.parametrize("scoring", ["accuracy", "neg_log_loss"])
@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer])
def test_the_choice_is_that_of_logistic_regression_cv(load, scoring):
    X, y = load(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    Cs = np.logspace(-3, 1, 4)
    ours = SoftmaxClassifierCV(Cs=Cs, scoring=scoring).fit(X, y)
    theirs = LogisticRegressionCV(
        Cs=Cs, scoring=scoring, l1_ratios=(0,), use_legacy_attributes=False, max_iter=5000, tol=1e-7
    ).fit(X, y)
    assert theirs.C_ == ours.C_
    assert_allclose(ours.scores_, theirs.scores_[:, 0], atol=1e-4)
    assert_allclose(ours.coef_, theirs.coef_, atol=2e-4)


def test_the_path_is_that_of_separate_fits():
    X, y = load_wine(return_X_y=True)
    Cs = [1.0, 0.01, 0.1]
    folds = list(KFold(3, shuffle=True, random_state=0).split(X))
    model = SoftmaxClassifierCV(Cs=Cs, cv=folds, n_jobs=2).fit(X, y)
    for i, (train, test) in enumerate(folds):
        for j, C in enumerate(Cs):
            alone = SoftmaxClassifier(C=C).fit(X[train], y[train])
            assert_allclose(model.scores_[i, j], alone.score(X[test], y[test]))
    assert Cs[int(model.scores_.mean(axis=0).argmax())] == model.C_
    best = SoftmaxClassifier(C=model.C_).fit(X, y)
    assert_allclose(model.predict_proba(X), best.predict_proba(X), atol=1e-7)


def test_weights_count_in_fits_and_scores():
    X, y = load_iris(return_X_y=True)
    weight = np.where(y == 1, 1.0, 0.0) + np.where(y == 2, 1.0, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        weighted = SoftmaxClassifierCV(Cs=[0.1], cv=4).fit(X, y, sample_weight=weight)
        without = SoftmaxClassifierCV(Cs=[0.1], cv=4).fit(X[50:], y[50:])
    assert_allclose(weighted.scores_, without.scores_, atol=0.05)


@pytest.mark.parametrize("params", [{"Cs": [0.0]}, {"Cs": 0}, {"scoring": 3}, {"l1_ratio": 2.0}])
def test_bad_parameters_name_themselves(params):
    with pytest.raises(ValueError, match=f"'{next(iter(params))}' parameter"):
        SoftmaxClassifierCV(**params).fit([[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize("scoring", [None, "neg_brier_score", "balanced_accuracy"])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.filterwarnings("ignore")
def test_folds_without_a_class_are_scored_as_by_logistic_regression_cv(n_classes, scoring):
    X, y = load_iris(return_X_y=True)
    X, y = X[: 50 * n_classes], np.array(["a", "b", "c"])[y[: 50 * n_classes]]
    keywords = {"Cs": [1e-3, 0.1, 10.0], "cv": KFold(n_classes), "scoring": scoring}
    ours = SoftmaxClassifierCV(**keywords).fit(X, y)
    theirs = LogisticRegressionCV(
        **keywords, l1_ratios=(0,), use_legacy_attributes=False, max_iter=5000, tol=1e-10
    ).fit(X, y)
    assert ours.C_ == theirs.C_
    assert_allclose(ours.scores_, theirs.scores_[:, 0], atol=0.02)


def test_two_rows_of_a_class_in_five_folds_are_no_trouble_for_scores_of_probabilities():
    random = np.random.RandomState(0)
    X, y = random.standard_normal((60, 2)), np.repeat(["a", "b", "c"], [30, 28, 2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for scoring in ("neg_log_loss", "neg_brier_score"):
            model = SoftmaxClassifierCV(Cs=3, cv=5, scoring=scoring).fit(X, y)
            assert np.isfinite(model.scores_).all()
            assert model.C_ == 1e-4


def test_folds_whose_score_is_not_a_number_are_told_and_not_counted():
    X, y = load_iris(return_X_y=True)
    X, y = X[50:], y[50:]
    good = list(StratifiedKFold(3).split(X, y))
    bad = np.flatnonzero(y == 1), np.flatnonzero(y == 2)  # one class alone to judge by
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone = SoftmaxClassifierCV(Cs=4, cv=good, scoring="roc_auc").fit(X, y)
    with pytest.warns(UserWarning, match="not finite in 1 of 4 folds"):
        model = SoftmaxClassifierCV(Cs=4, cv=[bad, *good], scoring="roc_auc").fit(X, y)
    assert model.C_ == alone.C_
    assert np.isnan(model.scores_[0]).all()
    with pytest.warns(UserWarning, match="in 1 of 1 folds.*the first C is taken"):
        assert SoftmaxClassifierCV(Cs=[2.0, 1.0], cv=[bad], scoring="roc_auc").fit(X, y).C_ == 2.0


@pytest.mark.parametrize("scoring", [None, "neg_log_loss"])
@pytest.mark.parametrize("part", ["train on", "judge by"])
def test_a_fold_without_weight_is_named(part, scoring):
    X, y = load_iris(return_X_y=True)
    folds = list(KFold(3, shuffle=True, random_state=0).split(X))[:2]
    weight = np.ones(150)
    weight[folds[1][0 if part == "train on" else 1]] = 0.0
    folds = folds[1:] if part == "train on" else folds
    with pytest.raises(ValueError, match=f"Fold . has no row of any weight to {part}"):
        SoftmaxClassifierCV(Cs=2, cv=folds, scoring=scoring).fit(X, y, sample_weight=weight)


def test_folds_that_do_not_converge_are_counted_in_one_warning():
    X, y = load_iris(return_X_y=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        SoftmaxClassifierCV(Cs=[0.1, 10.0, 1e4], cv=4, max_iter=1).fit(X, y)
    texts = [str(warning.message) for warning in caught]
    assert [text.split(":")[0] for text in texts] == [
        "lbfgs failed to converge in 12 of 12 fits on folds",
        "lbfgs failed to converge after 1 iteration(s)",
    ]
    assert {warning.filename for warning in caught} == {__file__}
