"""The hinge by interior points, held against quadratic programs that SciPy solves."""

import numpy as np
import pytest
from scipy.optimize import minimize

from skdeep.linear_model.losses.crammer_singer import CrammerSinger
from skdeep.linear_model.losses.hinge import BinaryHinge, WestonWatkins
from skdeep.linear_model.solvers.interior_point import minimize_maxima
from skdeep.linear_model.solvers.newton_steps import DirectSteps
from tests.linear_model.solvers.problems import objective, value

LOSSES = {
    "binary": lambda y, n_classes, weight: BinaryHinge(y, weight, 1),
    "weston_watkins": lambda y, n_classes, weight: WestonWatkins(y, n_classes, weight, 1),
    "crammer_singer": lambda y, n_classes, weight: CrammerSinger(y, n_classes, weight, 1),
}


def program(F):
    """Minimise the penalty and the bounds of the maxima under linear constraints."""
    size, weight = int(np.prod(F.shape)), F.loss.group_weight
    start = F.loss.margins(F.logits(np.zeros(F.shape)))
    columns = [F.loss.margins(F.logits(unit.reshape(F.shape)), offset=0.0) for unit in np.eye(size)]
    linear = np.stack(columns, axis=-1)
    n_alternatives, n_groups = start.shape
    bounds = np.tile(np.eye(n_groups), (n_alternatives, 1))
    matrix = np.hstack((-linear.reshape(-1, size), bounds))
    l2 = np.append(F.l2, 0.0)
    # Beside the maxima the loss may have a term that is linear in the logits.
    term = F.gradient_from(np.zeros(F.shape), F.loss.slopes(np.zeros_like(start)))

    def function(x):
        theta, xi = x[:size].reshape(F.shape), x[size:]
        gradient = np.concatenate(((l2 * theta + term).ravel(), weight))
        return F.penalty(theta) + np.vdot(term, theta) + weight @ xi, gradient

    found = minimize(
        function,
        np.concatenate((np.zeros(size), start.max(axis=0))),
        jac=True,
        method="SLSQP",
        constraints={
            "type": "ineq",
            "fun": lambda x: matrix @ x - start.ravel(),
            "jac": lambda x: matrix,
        },
        options={"maxiter": 1000, "ftol": 1e-12},
    )
    return found.x[:size].reshape(F.shape)


def minimized(F, tol=1e-8, max_iter=200, start=None):
    return minimize_maxima(
        F,
        np.zeros(F.shape) if start is None else start,
        DirectSteps(F),
        tol=tol,
        max_iter=max_iter,
        after_step=lambda theta, value: False,
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", LOSSES)
def test_the_optimum_is_that_of_the_quadratic_program(kind, seed):
    n_classes = 2 if kind == "binary" else 3
    F = objective(14, 2, n_classes, l2=1.0, loss=LOSSES[kind], seed=seed)
    found = minimized(F)
    assert found.converged
    assert found.value == pytest.approx(value(F, found.theta), rel=1e-9)
    best = value(F, program(F))
    assert found.value == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("kind", LOSSES)
def test_the_tolerance_is_how_far_the_objective_can_fall(kind):
    F = objective(60, 3, 2 if kind == "binary" else 4, loss=LOSSES[kind])
    best = minimized(F, tol=1e-10).value
    for tol in (1e-2, 1e-4):
        rough = minimized(F, tol=tol)
        assert rough.converged
        assert best * (1 - 1e-9) <= rough.value <= best * (1 + tol)


def test_hundreds_of_weights_start_from_the_rounded_loss_and_end_at_the_same_place():
    F = objective(200, 99, 3, l2=1.0, loss=LOSSES["weston_watkins"])
    cold = 0.01 * np.random.RandomState(0).standard_normal(F.shape)  # taken as it is
    cold -= cold.mean(axis=0)
    assert minimized(F).value == pytest.approx(minimized(F, start=cold).value, rel=1e-7)
    assert F.loss.temperature == 0.0


def test_too_few_steps_are_told():
    F = objective(60, 3, 2, loss=LOSSES["binary"])
    assert not minimized(F, max_iter=2).converged
