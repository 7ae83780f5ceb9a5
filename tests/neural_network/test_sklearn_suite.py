"""scikit-learn's own tests of its networks, with these classes in place of its own."""

import inspect

import numpy as np
import pytest
import sklearn.neural_network.tests.test_mlp as suite

from skdeep import MLPClassifier, MLPRegressor

# What reads private attributes of scikit-learn's implementation; nothing else is left out.
PRIVATE = {
    "test_fit": "writes weights and private state into an unfitted estimator",
    "test_gradient": "calls _loss_grad_lbfgs",
    "test_learning_rate_warmstart": "reads _optimizer.learning_rate",
    "test_adaptive_learning_rate": "reads _optimizer.learning_rate",
}

TESTS = sorted(
    name for name, item in vars(suite).items() if name.startswith("test_") and callable(item)
)


@pytest.fixture(autouse=True)
def stand_in(monkeypatch):
    """Put skdeep's classes where scikit-learn's tests look for their own."""
    monkeypatch.setattr(suite, "MLPClassifier", MLPClassifier)
    monkeypatch.setattr(suite, "MLPRegressor", MLPRegressor)


def cases():
    """Yield every test of the suite with every combination of its parameters."""
    ours = {
        suite.MLPClassifier: MLPClassifier,
        suite.MLPRegressor: MLPRegressor,
    }
    for name in TESTS:
        if name in PRIVATE:
            continue
        test = getattr(suite, name)
        combinations = [{}]
        for mark in getattr(test, "pytestmark", []):
            if mark.name != "parametrize":
                continue
            names, values = mark.args
            names = [part.strip() for part in names.split(",")] if isinstance(names, str) else names
            combinations = [
                {**known, **dict(zip(names, value if len(names) > 1 else [value], strict=True))}
                for known in combinations
                for value in values
            ]
        for i, known in enumerate(combinations):
            known = {
                key: ours.get(value, value) if isinstance(value, type) else value
                for key, value in known.items()
            }
            yield pytest.param(test, known, id=f"{name}-{i}" if known else name)


@pytest.mark.parametrize(("test", "arguments"), list(cases()))
@pytest.mark.filterwarnings("ignore")
def test_of_scikit_learn(test, arguments, capsys, tmp_path):
    available = {"capsys": capsys, "tmp_path": tmp_path, "global_random_seed": 42, **arguments}
    wanted = inspect.signature(test).parameters
    test(**{name: available[name] for name in wanted})


def test_the_suite_is_whole():
    assert len(TESTS) >= 40
    assert set(PRIVATE) <= set(TESTS)
    assert np.isin(list(PRIVATE), TESTS).all()
