"""scikit-learn's own tests of the namesakes, run on the estimators here.

The test modules of the installed scikit-learn are loaded, the namesake's name in them is bound to
our class, and every test that mentions it runs. What is left out stands below, with its reason.
"""

import importlib.util
import inspect

import pytest

from skdeep import LeastSquaresRegressor

BASE = {
    "test_inplace_data_preprocessing": "demands that copy_X=False overwrites X; we never do",
}


@pytest.fixture
def global_random_seed():
    return 42


def borrowed(module, namesake, estimator, left_out):
    """Return the tests of a module of scikit-learn that mention `namesake`, by new names."""
    spec = importlib.util.find_spec(module)
    copy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(copy)
    setattr(copy, namesake, estimator)
    chosen = {
        name: test
        for name, test in vars(copy).items()
        if name.startswith("test_") and inspect.isfunction(test) and mentions(test, namesake)
    }
    unknown = set(left_out) - set(chosen)
    assert not unknown, f"no such tests in {module}: {unknown}"
    prefix = module.split(".")[-1]
    return {f"{prefix}__{name}": test for name, test in chosen.items() if name not in left_out}


def mentions(test, name):
    return name in inspect.getsource(test)


globals().update(
    borrowed(
        "sklearn.linear_model.tests.test_base", "LinearRegression", LeastSquaresRegressor, BASE
    )
)
