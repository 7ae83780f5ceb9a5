"""A diagnosis names the illness, and says nothing about the healthy."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_linnerud, load_wine
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import (
    CharacterLanguageModel,
    ConvNetClassifier,
    GenerativeAdversarialNetwork,
    MLPClassifier,
    MLPRegressor,
    RecurrentClassifier,
    TabularNetClassifier,
    TransformerClassifier,
)
from skdeep.inspection import diagnose
from tests.data import cancer, diabetes, digits, iris, normal

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.RandomState


def diverging():
    X, y = diabetes()
    net = MLPRegressor(
        activation="tanh",
        solver="sgd",
        learning_rate_init=1.0,
        max_iter=10,
        random_state=0,
        standardize_target=True,
    )
    return net, X, y


def rate_too_high():
    X, y = digits(500)
    net = MLPClassifier((50,), learning_rate_init=0.1, max_iter=40, batch_size=20, random_state=0)
    return net, X, y


def rate_too_low():
    X, y = digits(500)
    return MLPClassifier(learning_rate_init=1e-5, max_iter=30, random_state=0), X, y


def stopped_early():
    X, y = digits(500)
    return MLPClassifier((50,), max_iter=40, random_state=0), X, y


def dead_units():
    X, y = digits(500)
    net = MLPClassifier((100, 100), learning_rate_init=0.1, max_iter=30, random_state=0)
    return net, X, y


def saturated_units():
    X, y = load_breast_cancer(return_X_y=True)
    return MLPClassifier((50,), activation="tanh", max_iter=100, random_state=0), X, y


def unscaled_features():
    X, y = load_wine(return_X_y=True)
    return MLPClassifier(max_iter=200, random_state=0), X, y


def constant_predictions():
    X, y = digits(500)
    net = MLPClassifier((30,) * 10, activation="logistic", max_iter=30, random_state=0)
    return net, X, y


def vanishing_gradients():
    X, y = digits(500)
    net = MLPClassifier((30,) * 8, activation="logistic", max_iter=30, random_state=0)
    return net, X, y


def exploding_gradients():
    X, y = digits(500)
    net = MLPClassifier((100,) * 5, weight_init=None, max_iter=2, random_state=0)
    net.fit(X, y)
    for weights in net.coefs_:
        weights *= 20  # as large steps leave them
    return net, X, y


def class_imbalance():
    X = normal((1000, 4))
    y = ((X[:, 0] > 1.5) & (rng(0).uniform(size=1000) < 0.6)).astype(int)
    X[:, 0] += 1.5 * normal(1000, seed=1)
    return MLPClassifier((20,), max_iter=150, tol=1e-3, random_state=0), X, y


def underfitting():
    X, y = diabetes()
    return MLPRegressor(hidden_layer_sizes=(20,), max_iter=150, random_state=0), X, y


def ring(n=1000):
    """Return points round eight centres."""
    angle = np.arange(n) * np.pi / 4
    return 2 * np.c_[np.cos(angle), np.sin(angle)] + 0.1 * normal((n, 2))


def a_lost_mode():
    X = ring()
    net = GenerativeAdversarialNetwork(2, (32, 32), batch_size=50, max_iter=30, random_state=0)
    return net.fit(X[X[:, 0] < 1]), X, None


def a_generator_without_a_chance():
    net = GenerativeAdversarialNetwork(
        1, (32, 32), gradient_penalty=0, batch_size=50, max_iter=60, random_state=0
    )
    return net, normal((200, 20)), None


ILL = {
    "diverging": diverging,
    "learning rate too high": rate_too_high,
    "learning rate too low": rate_too_low,
    "stopped too early": stopped_early,
    "dead units": dead_units,
    "saturated units": saturated_units,
    "unscaled features": unscaled_features,
    "constant predictions": constant_predictions,
    "vanishing gradients": vanishing_gradients,
    "exploding gradients": exploding_gradients,
    "class imbalance ignored": class_imbalance,
    "underfitting": underfitting,
    "discriminator won": a_generator_without_a_chance,
    "samples off the data": a_lost_mode,
}


@pytest.mark.parametrize("name", ILL)
def test_an_illness_is_named(name):
    net, X, y = ILL[name]()
    if not hasattr(net, "network_"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            net.fit(X, y)
    found = diagnose(net, X, y)
    assert name in found.names, found
    mine = found[found.names.index(name)]
    assert mine.advice
    assert all(np.isfinite(value) for value in mine.evidence.values())
    assert name in str(found)
    assert name in found._repr_html_()


def test_overfitting_is_seen_by_a_validation_loss_and_by_held_out_samples():
    X, y = cancer()
    y = np.where(rng(0).uniform(size=len(y)) < 0.25, 1 - y, y)  # a quarter is wrong
    X, X_val, y, y_val = train_test_split(X, y, random_state=0)
    net = MLPClassifier((200,), learning_rate_init=0.01, max_iter=100, random_state=0)
    net.fit(X, y, X_val=X_val, y_val=y_val)
    assert diagnose(net).names == ["overfitting"]
    assert "overfitting" in diagnose(net.fit(X, y), X, y, X_val=X_val, y_val=y_val).names
    net.set_params(early_stopping=True).fit(X, y, X_val=X_val, y_val=y_val)
    assert "overfitting" not in diagnose(net).names


def scaled(load):
    X, y = load(return_X_y=True)
    return StandardScaler().fit_transform(X), y


WELL = {
    "a game on a ring": lambda: (
        GenerativeAdversarialNetwork(
            2, gradient_penalty=0.1, batch_size=50, max_iter=40, random_state=0
        ),
        ring(),
        None,
    ),
    "iris": lambda: (MLPClassifier((16,), max_iter=1000, random_state=0), *iris()),
    "cancer": lambda: (MLPClassifier((30,), max_iter=300, random_state=0), *cancer()),
    "wine, tanh": lambda: (
        MLPClassifier((20,), activation="tanh", max_iter=500, random_state=0),
        *scaled(load_wine),
    ),
    "digits": lambda: (MLPClassifier(max_iter=200, random_state=0), *digits(800)),
    "digits, deep": lambda: (
        MLPClassifier((64, 64, 64), weight_init="he_normal", max_iter=100, random_state=0),
        *digits(800),
    ),
    "digits, dropout and a cosine": lambda: (
        MLPClassifier(
            (64,),
            dropout=0.2,
            batch_norm=True,
            learning_rate="cosine",
            learning_rate_init=0.01,
            max_iter=30,
            random_state=0,
        ),
        *digits(800),
    ),
    "diabetes": lambda: (
        MLPRegressor(
            hidden_layer_sizes=(20,),
            standardize_target=True,
            early_stopping=True,
            learning_rate_init=0.01,
            max_iter=300,
            random_state=0,
        ),
        *diabetes(),
    ),
    "diabetes, L-BFGS": lambda: (
        MLPRegressor(
            hidden_layer_sizes=(5,),
            solver="lbfgs",
            standardize_target=True,
            alpha=1.0,
            max_iter=1000,
            random_state=0,
        ),
        *diabetes(),
    ),
    "pictures": lambda: (
        ConvNetClassifier("8, 16 | 32", max_iter=15, random_state=0),
        *digits(600),
    ),
    "sequences": lambda: (
        RecurrentClassifier(
            (16,),
            cell="gru",
            sequence_shape=(8, 8),
            learning_rate="cosine",
            max_iter=25,
            random_state=0,
        ),
        *digits(500),
    ),
    "attention": lambda: (
        TransformerClassifier(
            16,
            n_heads=2,
            n_layers=1,
            sequence_shape=(8, 8),
            learning_rate="cosine",
            max_iter=30,
            learning_rate_init=0.005,
            random_state=0,
        ),
        *digits(500),
    ),
}


@pytest.mark.parametrize("name", WELL)
def test_the_healthy_hear_nothing(name):
    net, X, y = WELL[name]()
    net.fit(X, y)
    found = diagnose(net, X, y)
    assert found.ok, found
    assert "Nothing looks wrong" in str(found)
    assert list(found) == []


def test_a_pipeline_is_judged_by_what_its_network_sees():
    X, y = load_wine(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), MLPClassifier((32,), max_iter=500, random_state=0))
    assert "unscaled features" not in diagnose(pipeline.fit(X, y), X, y).names


def test_the_estimator_stays_as_it_is_and_the_record_is_enough():
    net, X, y = stopped_early()
    net.fit(X, y)
    before = net.network_.params.copy(), set(vars(net))
    assert diagnose(net).names == ["stopped too early"]
    diagnose(net, X, y)
    np.testing.assert_array_equal(net.network_.params, before[0])
    assert set(vars(net)) == before[1]


def test_several_targets_and_texts_are_looked_at_as_far_as_they_go():
    X, y = load_linnerud(return_X_y=True)
    net = MLPRegressor(standardize_target=True, max_iter=20).fit(X, y)
    assert "unscaled features" in diagnose(net, X, y).names
    model = CharacterLanguageModel((8,), max_iter=3).fit(["hello", "help"] * 10)
    assert "2 findings" not in str(diagnose(model, ["hello", "help"] * 10))


def test_a_target_for_every_step_and_a_matrix_of_labels_are_no_obstacle():
    sequences = [normal((n, 2), seed) for seed, n in enumerate([3, 5, 4, 6] * 10)]
    tags = [(one[:, 0] > 0).astype(int) for one in sequences]
    net = RecurrentClassifier((8,), per_step=True, max_iter=20, random_state=0)
    assert "constant predictions" not in diagnose(net.fit(sequences, tags), sequences, tags).names
    X = normal((100, 4))
    labels = (X[:, :3] > 0).astype(int)
    many = MLPClassifier((20,), max_iter=300, random_state=0).fit(X, labels)
    assert "constant predictions" not in diagnose(many, X, labels).names


def test_networks_for_raw_tables_are_judged_by_their_views_and_predictions():
    X, y = iris()
    net = TabularNetClassifier("fast", max_iter=30, random_state=0).fit(X, y)
    assert diagnose(net, X, y).ok
    found = diagnose(net, X, y, X_val=X, y_val=np.random.RandomState(0).permutation(y))
    assert found.names == ["overfitting"]
    assert "weight_decay" in found[0].advice
    X, y = normal((60, 20)), np.random.RandomState(0).randint(0, 2, 60)
    chance = TabularNetClassifier("fast", random_state=0).fit(X, y)
    assert diagnose(chance, X, y).names == ["constant predictions"]
    losses = [1.0, 2.0, 3.0, 4.0, 5.0]
    chance.history_ = {"plain": {"loss": losses}, "binned": {"loss": losses[::-1]}}
    assert diagnose(chance).names == ["diverging"]
    assert "view 'plain'" in diagnose(chance)[0].what


def test_what_cannot_be_judged_is_refused():
    X, y = load_diabetes(return_X_y=True)
    with pytest.raises(NotFittedError):
        diagnose(MLPRegressor(), X, y)
    with pytest.raises(TypeError, match="got LogisticRegression"):
        diagnose(LogisticRegression(max_iter=10).fit(X[:50], y[:50] > 100))
    assert issubclass(ConvergenceWarning, UserWarning)


def test_tables_of_arrow_are_diagnosed():
    arrow = pytest.importorskip("pyarrow")
    X, y = iris()
    table = arrow.table({f"x{i}": X[:, i] for i in range(4)})
    net = MLPClassifier((3,), max_iter=3, random_state=0).fit(table, y)
    assert str(diagnose(net, table, y)) == str(diagnose(net, table.to_pandas(), y))
