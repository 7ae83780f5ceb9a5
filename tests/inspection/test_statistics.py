"""What layers do: traced without touching the network, and kept epoch by epoch."""

import numpy as np
import pytest
from sklearn.base import clone

from skdeep import ConvNetClassifier, MLPClassifier, MLPRegressor, Seq2SeqTranslator
from skdeep.inspection import ActivationMonitor, activation_statistics
from skdeep.inspection.trace import trace
from skdeep.nn import Dense, Network, ReLU, Residual, Sequence
from tests.data import diabetes, digits, iris, normal

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_a_trace_has_the_outputs_of_all_layers_and_leaves_the_network_alone():
    body = Sequence(Dense(4), ReLU(), Dense(4))
    network = Network(Sequence(Residual(body), ReLU(), Dense(2)), (4,), random_state=0)
    x = normal((6, 4))
    before = network.params.copy()
    outputs, layers = trace(network, x, grad_of=np.ones_like)
    assert [one.name for one in layers] == [
        "0.body.0 Dense",
        "0.body.1 ReLU",
        "0.body.2 Dense",
        "1 ReLU",
        "2 Dense",
    ]
    np.testing.assert_array_equal(outputs, network.forward(x))
    first = x @ body.layers[0].weight + body.layers[0].bias
    np.testing.assert_allclose(layers[0].output, first)
    np.testing.assert_array_equal(layers[1].output, np.maximum(first, 0))
    assert all(one.gradient.shape == one.output.shape for one in layers)
    np.testing.assert_array_equal(network.params, before)
    assert "forward" not in vars(network.layers()[0])


def test_statistics_are_those_of_the_outputs():
    X, y = iris()
    clf = MLPClassifier((12,), activation="tanh", max_iter=5, random_state=0).fit(X, y)
    hidden, out = activation_statistics(clf, X, y)
    values = np.tanh(X @ clf.coefs_[0] + clf.intercepts_[0])
    assert hidden.mean == pytest.approx(values.mean())
    assert hidden.deviation == pytest.approx(values.std())
    assert hidden.saturated == pytest.approx((np.abs(values) > 0.98).mean())
    assert hidden.counts.sum() == values.size
    assert np.isnan(hidden.dead)
    probabilities = clf.predict_proba(X)
    errors = probabilities - np.eye(3)[y]
    assert out.gradient == pytest.approx(np.sqrt((errors**2).mean()))
    assert np.isnan(activation_statistics(clf, X)[0].gradient)


def test_dead_units_are_counted_in_dense_and_in_convolutional_layers():
    X, y = digits(200)
    clf = MLPClassifier((10,), max_iter=2, random_state=0).fit(X, y)
    clf.intercepts_[0][:4] = -100
    assert activation_statistics(clf, X)[0].dead >= 0.4
    net = ConvNetClassifier("6 | 8", batch_norm=False, max_iter=1, random_state=0).fit(X, y)
    first = activation_statistics(net, X)[0]
    assert 0 <= first.dead < 1
    assert first.gradient != first.gradient


def test_the_monitor_keeps_every_epoch_and_changes_nothing():
    X, y = diabetes()
    plain = MLPRegressor(
        hidden_layer_sizes=(6,), max_iter=7, standardize_target=True, random_state=0
    )
    monitor = ActivationMonitor(n_samples=50, every=3)
    watched = clone(plain).set_callbacks(monitor).fit(X, y)
    np.testing.assert_array_equal(watched.network_.params, plain.fit(X, y).network_.params)
    assert monitor.epochs == [1, 4, 7]
    assert [len(layers) for layers in monitor.statistics] == [2, 2, 2]
    assert (
        monitor.statistics[-1][0].mean == activation_statistics(watched, X, y, n_samples=50)[0].mean
    )
    watched.fit(X, y)
    assert monitor.epochs == [1, 4, 7]


def test_wrong_numbers_are_refused_and_a_translator_needs_its_targets():
    for wrong in ({"every": 0}, {"n_samples": "many"}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))}.*must be an integer in"):
            ActivationMonitor(**wrong)
    words = ["ab", "ba", "aab"]
    model = Seq2SeqTranslator((4,), max_iter=1).fit(words, words)
    with pytest.raises(ValueError, match="y is missing"):
        activation_statistics(model, words)
    assert activation_statistics(model, words, words)
