"""Penalties chosen by cross-validation: the choice of explicit loops and of scikit-learn."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import KFold
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
