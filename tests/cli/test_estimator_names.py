"""Short names of estimators."""

import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression

import skdeep
from skdeep.cli.errors import UsageError
from skdeep.cli.estimator_names import make_estimators, names_by_task


def make(specs, settings=(), task="classification"):
    return make_estimators(list(specs), list(settings), task, random_state=3)


def test_every_public_estimator_has_a_name():
    names = names_by_task()
    ours = [name for task in names.values() for name in task if ":" not in name]
    classes = [name for name in skdeep.__all__ if name.endswith(("Classifier", "Regressor", "CV"))]
    assert len(ours) == len(classes) > 8
    assert {"mlp", "softmax", "svm", "knn", "knn_cv", "tabular"} <= set(names["classification"])
    assert {"mlp", "least_squares", "knn", "tabular"} <= set(names["regression"])


def test_the_task_chooses_between_classifier_and_regressor():
    assert isinstance(make(["mlp"])["mlp"], skdeep.MLPClassifier)
    assert isinstance(make(["mlp"], task="regression")["mlp"], skdeep.MLPRegressor)


@pytest.mark.parametrize(
    ("name", "task", "kind"),
    [
        ("sklearn:hist_gradient_boosting", "classification", HistGradientBoostingClassifier),
        ("sklearn:random_forest", "regression", RandomForestRegressor),
        ("sklearn:LogisticRegression", "classification", LogisticRegression),
        ("MLPClassifier", "classification", skdeep.MLPClassifier),
    ],
)
def test_names_of_scikit_learn_and_of_classes_are_understood(name, task, kind):
    assert type(make([name], task=task)[name]) is kind


@pytest.mark.filterwarnings("ignore::FutureWarning")  # some of scikit-learn's are going away
def test_every_name_makes_an_estimator():
    for task, names in names_by_task().items():
        assert list(make(names, task=task)) == names


def test_parameters_are_set_by_label():
    made = make(["mlp", "wide=mlp"], ["wide.hidden_layer_sizes=(9,)", "mlp.solver=sgd"])
    assert made["wide"].hidden_layer_sizes == (9,)
    assert (made["mlp"].solver, made["wide"].solver) == ("sgd", "adam")
    assert made["mlp"].random_state == 3


@pytest.mark.parametrize(
    ("specs", "settings", "message"),
    [
        (["mpl"], [], "no estimator 'mpl' for classification. Did you mean mlp"),
        (["least_squares"], [], "no estimator 'least_squares' for classification"),
        (["sklearn:voting"], [], "no estimator 'sklearn:voting'"),
        (["mlp", "mlp"], [], "'mlp' twice"),
        (["mlp"], ["knn.n_neighbors=3"], r"'knn', which --estimators does not: \['mlp'\]"),
        (["mlp"], ["dropout=3"], "NAME.PARAMETER=VALUE.*Got 'dropout=3'"),
        (["mlp"], ["mlp.drop=3"], "Invalid parameter 'drop'"),
    ],
)
def test_a_name_or_setting_that_is_not_known_is_said(specs, settings, message):
    with pytest.raises(UsageError, match=message):
        make(specs, settings)
