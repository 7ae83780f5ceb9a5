"""What an estimator holds, as values that can be compared."""

import copy

import numpy as np


def state(estimator):
    """Return all that the estimator holds, down to its numbers, apart from the estimator."""
    attributes = copy.deepcopy({**vars(estimator), "_skl_callbacks": None})
    return attributes


def plain(value):
    """Return nested containers that compare by value."""
    if isinstance(value, np.ndarray):  # bytes of objects are only where they are
        return (value.shape, plain(value.tolist()) if value.dtype == object else value.tobytes())
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, np.random.RandomState):
        return repr(value.get_state())
    if hasattr(value, "params") and hasattr(value, "statistics"):
        return plain([value.params, value.statistics])
    if hasattr(value, "__getstate__") and type(value).__module__.startswith("skdeep"):
        return plain(value.__getstate__())
    return value if isinstance(value, (int, float, str, type(None))) else repr(value)


_ANSWERS = ("predict_proba", "decision_function", "predict", "transform", "kneighbors")


def answers(estimator, X):
    """Return what a fitted estimator says of some data, as a list of arrays."""
    name = next((name for name in _ANSWERS if hasattr(estimator, name)), None)
    said = getattr(estimator, name)(X) if name else estimator.sample(5, random_state=0)
    return [
        np.ascontiguousarray(part) for part in (said if type(said) in (tuple, list) else [said])
    ]


def assert_as_it_was(estimator, before):
    """Fail if the estimator holds something else than `state` found before."""
    assert plain(state(estimator)) == plain(before)
