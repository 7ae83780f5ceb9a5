"""Features in extreme units: probabilities that are numbers, or one clear refusal."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_iris

from skdeep import SoftmaxClassifier, SoftmaxClassifierCV, SVMClassifier

MODELS = {
    "softmax": SoftmaxClassifier(),
    "lasso": SoftmaxClassifier(l1_ratio=1.0),
    "elastic net": SoftmaxClassifier(l1_ratio=0.5),
    "class means": SoftmaxClassifier(weight_init="class_means"),
    "mini-batches": SoftmaxClassifier(solver="sgd", max_iter=3, random_state=0),
    "chosen": SoftmaxClassifierCV(Cs=2, cv=2),
    "squared hinge": SVMClassifier(),
    "hinge": SVMClassifier(loss="hinge"),
}
FORMS = {
    "all": lambda X, scale: X * scale,
    "one column": lambda X, scale: X * [scale, 1, 1, 1],
    "sparse": lambda X, scale: sparse.csr_matrix(X * scale),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("dtype", "scales"),
    [
        (np.float64, [1e-310, 1e-160, 1e-120, 1e-30, 1e30, 1e160, 1e300]),
        (np.float32, [1e-40, 1e-20, 1e19, 1e30, 1e37]),
    ],
)
@pytest.mark.parametrize("kind", MODELS)
def test_no_unit_gives_nan_or_a_warning_of_numpy(kind, dtype, scales, form):
    X, y = load_iris(return_X_y=True)
    for scale in scales:
        rows = FORMS[form](X, scale).astype(dtype)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", RuntimeWarning)
            try:
                model = MODELS[kind].fit(rows, y)
            except ValueError as error:
                assert "cale the features" in str(error) or "Scale them" in str(error)  # noqa: PT017
                continue
            assert np.isfinite(model.decision_function(rows)).all()
            if hasattr(model, "predict_proba"):
                assert np.isfinite(model.predict_proba(rows)).all()
