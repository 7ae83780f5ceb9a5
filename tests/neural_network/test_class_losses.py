"""The classifiers' losses: hinges, which learn margins, and the focal loss."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import check_estimator

from skdeep import (
    ConvNetClassifier,
    MLPClassifier,
    RecurrentClassifier,
    SVMClassifier,
    TransformerClassifier,
)
from tests.data import cancer, digits, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL = {"hidden_layer_sizes": (8,), "max_iter": 20, "learning_rate_init": 0.02, "random_state": 0}
HINGES = ["hinge", "squared_hinge"]


@pytest.mark.parametrize(("data", "C"), [(cancer, 0.01), (iris, 1.0)], ids=["two", "three"])
def test_a_linear_network_with_a_squared_hinge_is_the_support_vector_machine(data, C):
    X, y = data()
    svm = SVMClassifier(C=C, loss="squared_hinge", tol=1e-7).fit(X, y)
    params = {"solver": "newton", "alpha": 1 / C, "max_iter": 200, "tol": 1e-10}
    net = MLPClassifier((), loss="squared_hinge", random_state=0, **params).fit(X, y)
    np.testing.assert_allclose(net.coefs_[0].T, svm.coef_, atol=1e-5)
    margins = net.decision_function(X)
    shift = 0.0 if margins.ndim == 1 else (margins - svm.decision_function(X)).mean()
    np.testing.assert_allclose(margins, svm.decision_function(X) + shift, atol=1e-4)
    np.testing.assert_array_equal(net.predict(X), svm.predict(X))


@pytest.mark.parametrize("data", [cancer, iris], ids=["two", "three"])
def test_a_linear_network_with_a_hinge_comes_close_to_the_support_vector_machine(data):
    X, y = data()

    def objective(weights, margins):
        if margins.ndim == 1:
            losses = np.maximum(0, 1 - np.where(y == 1, 1, -1) * margins)
        else:
            each = np.maximum(0, 1 + margins - margins[np.arange(len(y)), y][:, None])
            losses = each.sum(axis=1) - 1
        return 0.5 * (weights**2).sum() + 0.1 * losses.sum()

    svm = SVMClassifier(C=0.1, loss="hinge").fit(X, y)
    params = {
        "alpha": 10.0,
        "learning_rate": "cosine",
        "learning_rate_init": 0.1,
        "batch_size": len(X),
        "n_iter_no_change": 1000,
    }
    net = MLPClassifier((), loss="hinge", max_iter=1000, tol=0, **params, random_state=0).fit(X, y)
    least = objective(svm.coef_, svm.decision_function(X))
    assert least <= objective(net.coefs_[0], net.decision_function(X)) < 1.01 * least


@pytest.mark.parametrize("loss", HINGES)
def test_margins_are_no_probabilities(loss):
    X, y = iris()
    model = MLPClassifier(**SMALL, loss=loss)
    for net in (model, model.fit(X, y)):
        assert hasattr(net, "decision_function")
        for method in ("predict_proba", "predict_log_proba"):
            assert not hasattr(net, method)
            with pytest.raises(AttributeError) as error:
                getattr(net, method)
            assert "learns margins. Use decision_function" in str(error.value.__cause__)
    margins = model.decision_function(X)
    assert margins.shape == (150, 3)
    np.testing.assert_array_equal(model.predict(X), margins.argmax(axis=1))
    assert model.out_activation_ == "identity"
    assert model.score(X, y) > 0.8


def test_probabilities_are_no_margins():
    X, y = iris()
    for net in (MLPClassifier(), MLPClassifier(**SMALL, loss="focal").fit(X, y)):
        assert hasattr(net, "predict_proba")
        with pytest.raises(AttributeError) as error:
            _ = net.decision_function
        assert "learns probabilities. Use predict_proba" in str(error.value.__cause__)


def test_what_a_network_says_is_by_the_loss_that_it_learned_with():
    X, y = iris()
    net = MLPClassifier(**SMALL, loss="hinge").fit(X, y)
    margins = net.decision_function(X)
    net.set_params(loss="log_loss")
    np.testing.assert_array_equal(net.decision_function(X), margins)
    assert not hasattr(net, "predict_proba")


def test_two_classes_have_one_margin_above_zero_for_the_second():
    X, y = cancer()
    labels = np.array(["ill", "well"])[y]
    net = MLPClassifier(**SMALL, loss="hinge").fit(X, labels)
    margins = net.decision_function(X)
    assert margins.shape == (569,)
    np.testing.assert_array_equal(net.predict(X), np.where(margins > 0, "well", "ill"))
    assert net.score(X, labels) > 0.95


def test_a_label_is_there_where_its_margin_is_above_zero():
    X, y = make_multilabel_classification(n_classes=4, random_state=0)
    net = MLPClassifier(**SMALL, loss="squared_hinge").fit(X / 10, y)
    margins = net.decision_function(X / 10)
    assert margins.shape == y.shape
    np.testing.assert_array_equal(net.predict(X / 10), margins > 0)


@pytest.mark.parametrize("params", [{}, {"focal_gamma": 3.0}], ids=["two", "three"])
def test_confident_samples_count_less_in_the_focal_loss(params):
    """So that probabilities stay away from zero and one."""
    X, y = cancer()
    params |= {"hidden_layer_sizes": (20,), "max_iter": 100, "random_state": 0}
    plain = MLPClassifier(**params).fit(X, y).predict_proba(X)
    focal = MLPClassifier(**params, loss="focal").fit(X, y).predict_proba(X)
    assert np.median(focal.max(axis=1)) < np.median(plain.max(axis=1)) - 0.02
    assert (focal.argmax(axis=1) == y).mean() > 0.97


@pytest.mark.parametrize("data", [cancer, iris], ids=["two", "three"])
@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
def test_the_focal_loss_of_gamma_zero_is_log_loss(data, label_smoothing):
    X, y = data()
    params = SMALL | {"label_smoothing": label_smoothing}
    plain = MLPClassifier(**params).fit(X, y)
    focal = MLPClassifier(**params, loss="focal", focal_gamma=0.0).fit(X, y)
    np.testing.assert_allclose(focal.predict_proba(X), plain.predict_proba(X), rtol=1e-9)
    np.testing.assert_allclose(focal.loss_curve_, plain.loss_curve_, rtol=1e-10)


@pytest.mark.parametrize("loss", [*HINGES, "focal"])
def test_weights_of_samples_and_classes_multiply_as_everywhere(loss):
    X, y = iris()
    params = {"hidden_layer_sizes": (8,), "loss": loss, "solver": "lbfgs", "max_iter": 5}
    params["random_state"] = 0
    counts = np.random.RandomState(0).randint(1, 4, len(X))
    outputs = [
        model.network_.outputs(X)
        for model in (
            MLPClassifier(**params, class_weight={1: 2.0}).fit(X, y, counts),
            MLPClassifier(**params).fit(X, y, counts * np.where(y == 1, 2.0, 1.0)),
        )
    ]
    np.testing.assert_array_equal(*outputs)
    repeated = MLPClassifier(**params, alpha=0.0).fit(X.repeat(counts, 0), y.repeat(counts))
    weighted = MLPClassifier(**params, alpha=0.0).fit(X, y, counts)
    np.testing.assert_allclose(
        weighted.network_.outputs(X), repeated.network_.outputs(X), rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize("loss", [*HINGES, "focal"])
def test_early_stopping_streams_pickles_and_warm_starts(loss):
    X, y = iris()
    early = MLPClassifier(**SMALL, loss=loss, early_stopping=True).fit(X, y)
    assert early.best_validation_score_ == max(early.validation_scores_)
    stream = MLPClassifier(**SMALL, loss=loss)
    for _ in range(30):
        stream.partial_fit(X, y, classes=[0, 1, 2])
    assert stream.score(X, y) > 0.85
    copy = pickle.loads(pickle.dumps(stream))
    np.testing.assert_array_equal(copy.predict(X), stream.predict(X))
    np.testing.assert_array_equal(
        copy.partial_fit(X, y).network_.params, stream.partial_fit(X, y).network_.params
    )
    warm = clone(early).set_params(warm_start=True, early_stopping=False).fit(X, y)
    before = warm.loss_
    assert warm.fit(X, y).loss_ < before


def test_a_network_of_margins_does_not_go_on_with_probabilities():
    X, y = iris()
    model = MLPClassifier(**SMALL, loss="hinge", warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match=r"learned margins. Got loss='focal'"):
        model.set_params(loss="focal").fit(X, y)
    model.set_params(loss="squared_hinge").fit(X, y)
    model = MLPClassifier(**SMALL).partial_fit(X, y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"learned probabilities. Got loss='hinge'"):
        model.set_params(loss="hinge").partial_fit(X, y)
    model.set_params(loss="focal").partial_fit(X, y)


def test_a_hinge_has_no_smoothed_labels():
    X, y = iris()
    with pytest.raises(ValueError, match=r"label_smoothing=0.1 or loss='hinge', not both"):
        MLPClassifier(**SMALL, loss="hinge", label_smoothing=0.1).fit(X, y)


def test_losses_can_be_searched_and_calibrated():
    X, y = iris()
    losses = ["log_loss", "hinge", "squared_hinge", "focal"]
    search = GridSearchCV(MLPClassifier(**SMALL), {"loss": losses}, cv=3).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    calibrated = CalibratedClassifierCV(MLPClassifier(**SMALL, loss="hinge"), cv=3).fit(X, y)
    assert log_loss(y, calibrated.predict_proba(X)) < 0.5


@pytest.mark.parametrize("loss", [*HINGES, "focal"])
def test_mixed_samples_have_mixed_losses(loss):
    X, y = digits(300)
    net = MLPClassifier((20,), loss=loss, augment="mixup", max_iter=60, random_state=0).fit(X, y)
    assert net.score(X, y) > 0.8


@pytest.mark.parametrize("loss", ["hinge", "focal"])
@pytest.mark.parametrize(
    "model",
    [
        ConvNetClassifier("8 | 16", max_iter=15, random_state=0),
        ConvNetClassifier("8 | 16", max_iter=15, random_state=0, augment="shift"),
        RecurrentClassifier((8,), sequence_shape=(8, 8), max_iter=10, random_state=0),
        TransformerClassifier(8, n_heads=2, sequence_shape=(8, 8), max_iter=10, random_state=0),
    ],
    ids=["pictures", "augmented", "recurrent", "transformer"],
)
def test_every_network_takes_them(model, loss):
    X, y = digits(200)
    net = clone(model).set_params(loss=loss).fit(X, y)
    outputs = net.decision_function(X) if loss == "hinge" else net.predict_proba(X)
    assert outputs.shape == (200, 10)
    np.testing.assert_array_equal(net.predict(X), outputs.argmax(axis=1))
    assert net.score(X, y) > 0.2


def test_a_class_for_every_step_is_the_one_of_the_largest_margin():
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 2)) for n in rng.integers(2, 6, 60)]
    y = [(x[:, 0] > 0).astype(int) for x in X]
    params = {"per_step": True, "loss": "hinge", "max_iter": 40, "random_state": 0}
    net = RecurrentClassifier((6,), **params).fit(X, y)
    assert net.score(X, y) > 0.9
    margins = net.decision_function(X[:1])
    assert margins.shape == (1, len(X[0]))
    np.testing.assert_array_equal(net.predict(X[:1])[0], margins[0] > 0)


def test_a_network_with_a_hinge_is_a_classifier_as_scikit_learn_wants_it():
    results = check_estimator(
        MLPClassifier((20,), loss="hinge", max_iter=100), on_skip=None, on_fail=None
    )
    assert [r["check_name"] for r in results if r["status"] == "failed"] == []
