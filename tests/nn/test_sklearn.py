"""Equality with scikit-learn's networks on the same weights: predictions, losses, gradients.

One step of plain descent at rate 1 without momentum moves scikit-learn's weights by minus the
gradient, so that its gradient can be read off its public attributes.
"""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from skdeep.nn import (
    ACTIVATIONS,
    L2,
    Dense,
    LogisticCrossEntropy,
    Network,
    Objective,
    Poisson,
    Sequence,
    SoftmaxCrossEntropy,
    SquaredError,
)
from tests.data import batch

ALPHA = 0.3


def targets(kind):
    random = np.random.RandomState(1)
    return {
        "three classes": random.randint(3, size=20),
        "two classes": random.randint(2, size=20),
        "many labels": random.randint(2, size=(20, 3)),
        "one number": random.normal(size=20),
        "three numbers": random.normal(size=(20, 3)),
        "counts": random.poisson(1.0, size=20).astype(float),
    }[kind]


KINDS = {
    "three classes": (MLPClassifier, {}, SoftmaxCrossEntropy),
    "two classes": (MLPClassifier, {}, LogisticCrossEntropy),
    "many labels": (MLPClassifier, {}, LogisticCrossEntropy),
    "one number": (MLPRegressor, {}, SquaredError),
    "three numbers": (MLPRegressor, {}, SquaredError),
    "counts": (MLPRegressor, {"loss": "poisson"}, Poisson),
}


def peer(kind, activation, **params):
    """Return scikit-learn's network after one step, to have weights to start from."""
    estimator, config, _ = KINDS[kind]
    common = {"solver": "sgd", "momentum": 0.0, "alpha": ALPHA, "batch_size": 20, "shuffle": False}
    common |= {"hidden_layer_sizes": (6, 4), "activation": activation, "random_state": 0}
    model = estimator(**(common | config | params))
    return step(model, batch(20), targets(kind))


def step(model, x, y, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if isinstance(model, MLPClassifier):
            kwargs["classes"] = np.unique(y) if y.ndim == 1 else np.arange(y.shape[1])
        return model.partial_fit(x, y, **kwargs)


def weights_of(model):
    """Return the weights first and then the biases, as one vector, which is our order."""
    return np.concatenate([part.reshape(-1) for part in (*model.coefs_, *model.intercepts_)])


def network_of(model):
    layers = []
    for width in (6, 4):
        layers += [Dense(width), ACTIVATIONS[model.activation]()]
    network = Network(Sequence(*layers, Dense(model.n_outputs_)), (5,))
    network.params[...] = weights_of(model)
    return network


def encoded(y, loss):
    return y if loss is SoftmaxCrossEntropy else y.reshape(len(y), -1).astype(float)


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("kind", KINDS)
def test_loss_and_gradient_are_those_of_scikit_learn(kind, activation, weighted):
    model = peer(kind, activation, learning_rate_init=1e-3)
    network = network_of(model)
    x, y = batch(20, seed=3), targets(kind)
    weight = np.random.RandomState(2).uniform(0.1, 2.0, size=20) if weighted else None
    total = weight.sum() if weighted else 20
    before = weights_of(model)
    step(model, x, y, **({"sample_weight": weight} if weighted else {}))
    theirs = (before - weights_of(model)) / 1e-3

    loss = KINDS[kind][2]
    share = weight / total if weighted else None
    penalty = L2(ALPHA / total)
    objective = Objective(network, loss(), x, encoded(y, loss), share, penalty)
    value, gradient = objective(before)
    np.testing.assert_allclose(gradient, theirs, rtol=1e-7, atol=1e-10)
    if kind == "three numbers":
        # scikit-learn differentiates the sum over outputs, as we do, but reports their average.
        of_weights = penalty.value(before[: network.n_penalized])
        value = (value - of_weights) / 3 + of_weights
    assert value == pytest.approx(model.loss_, rel=1e-9)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("kind", KINDS)
def test_predictions_are_those_of_scikit_learn(kind, activation):
    model = peer(kind, activation)
    network = network_of(model)
    loss = KINDS[kind][2]()
    loss.settle(np, np.float64)
    ours = loss.predict(network.forward(batch(20, seed=5)).copy())
    if isinstance(model, MLPRegressor):
        theirs = model.predict(batch(20, seed=5)).reshape(20, -1)
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)
    else:
        theirs = model.predict_proba(batch(20, seed=5))
        theirs = theirs[:, 1:] if kind == "two classes" else theirs
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)
