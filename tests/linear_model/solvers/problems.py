"""Small objectives whose optimum other solvers know."""

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

from skdeep.linear_model.losses.cross_entropy import LogisticLoss, SoftmaxLoss
from skdeep.linear_model.solvers.objective import LinearObjective


def objective(
    n_samples=80, n_features=5, n_classes=3, *, l2=0.1, l1=0.0, as_sparse=False, loss=None, seed=0
):
    random = np.random.RandomState(seed)
    X = random.standard_normal((n_samples, n_features))
    y = (X @ random.standard_normal((n_features, n_classes))).argmax(axis=1)
    y = np.where(random.uniform(size=n_samples) < 0.2, random.randint(n_classes, size=n_samples), y)
    weight = random.uniform(0.5, 2, n_samples)
    if loss is None:
        loss = LogisticLoss(y, weight) if n_classes == 2 else SoftmaxLoss(y, n_classes, weight)
    else:
        loss = loss(y, n_classes, weight)
    rows = sparse.csr_matrix(X) if as_sparse else X
    ones = np.ones(n_features)
    return LinearObjective(rows, loss, l2 * ones, l1 * ones, True)


def value(F, theta):
    return F.loss.value(F.logits(theta)) + F.penalty(theta)


def minimum_by_scipy(F):
    """Return the least value that SciPy's BFGS finds for a smooth objective."""

    def function(flat):
        theta = flat.reshape(F.shape)
        point = F.loss.at(F.logits(theta))
        return point.value + F.penalty(theta), F.gradient(theta, point).ravel()

    found = minimize(function, np.zeros(F.shape).ravel(), jac=True, options={"gtol": 1e-9})
    return found.fun
