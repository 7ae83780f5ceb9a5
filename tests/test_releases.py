"""Files that earlier versions wrote are read, and say what they said."""

import pickle

import numpy as np
import pytest

import skdeep
from skdeep.neural_network.training.estimator import NetworkTraining
from tests.cheap import cheap_estimators
from tests.fixtures.write import FOLDER, fitted, names
from tests.state import answers

FILES = sorted(FOLDER.glob("*/*.skops"))
NETWORKS = [e for e in cheap_estimators() if isinstance(e, NetworkTraining)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_file_of_a_release_is_read_and_says_what_it_said(path):
    skops = pytest.importorskip("skops.io")
    with np.load(path.parent / "answers.npz") as stored:
        wanted = {name: stored[name] for name in stored.files if name.startswith(f"{path.stem}.")}
    X = wanted.pop(f"{path.stem}.X")
    estimator = skops.load(path, trusted=skdeep.TRUSTED_TYPES)
    said = answers(estimator, X if X.ndim == 2 else list(X))
    assert len(said) == len(wanted) > 0
    for i, part in enumerate(said):
        expected = wanted[f"{path.stem}.{i}"]
        if expected.dtype.kind == "f":
            np.testing.assert_allclose(part, expected, rtol=1e-5, atol=1e-7)
        else:
            np.testing.assert_array_equal(part, expected)


def test_this_version_has_files_of_every_kind_of_estimator_and_they_are_small():
    ours = [path for path in FILES if path.parent.name == skdeep.__version__]
    assert {path.stem for path in ours} == set(names())
    assert sum(path.stat().st_size for path in ours) < 300_000


# What makes networks so large that their parameters are most of a file.
_LARGE = {"hidden_layer_sizes": (300, 60), "architecture": "48 | 96", "width": 64, "n_layers": 2}


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: type(network).__name__)
def test_a_network_without_its_training_is_little_more_than_its_parameters(network):
    params = network.get_params()
    network.set_params(**{name: value for name, value in _LARGE.items() if name in params})
    estimator, X = fitted(network)
    other = pickle.loads(pickle.dumps(estimator))
    assert len(pickle.dumps(other)) <= 1.2 * other.network_.params.nbytes
    for part, same in zip(answers(estimator, X), answers(other, X), strict=True):
        np.testing.assert_array_equal(part, same)
