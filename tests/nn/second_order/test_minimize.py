"""Solvers that take all data at once: they find minima, tell what they did, and stop when told."""

import numpy as np
import pytest
import scipy.optimize

from skdeep.nn import (
    L2,
    AbsoluteError,
    BatchNorm,
    Dense,
    Mode,
    Network,
    Objective,
    Sequence,
    SoftmaxCrossEntropy,
    SquaredError,
    Tanh,
    hessian,
    minimize,
)
from skdeep.nn.second_order import check_size, newton
from tests.data import normal

SOLVERS = ("lbfgs", "bfgs", "cg", "newton")
each_solver = pytest.mark.parametrize("solver", SOLVERS)


def run(objective, solver, after_iteration=lambda value: False, **options):
    options = {"max_iter": 500, "max_fun": 5000, "tol": 1e-7} | options
    return minimize(objective, solver, after_iteration=after_iteration, **options)


def classes(n=30, d=5, k=3):
    random = np.random.RandomState(0)
    return random.normal(size=(n, d)), random.randint(k, size=n)


def classifier(*norm):
    network = Network(Sequence(Dense(4), *norm, Tanh(), Dense(3)), (5,), random_state=0)
    return Objective(network, SoftmaxCrossEntropy(), *classes(), None, L2(0.01))


@each_solver
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_ridge_solution_is_found(dtype, solver):
    random = np.random.RandomState(0)
    x = random.normal(size=(50, 4)).astype(dtype)
    y = (x @ [1.0, -2.0, 0.5, 3.0] + 0.7 + 0.1 * random.normal(size=50)).astype(dtype)[:, None]
    network = Network(Dense(1), (4,), dtype=dtype, random_state=0)
    losses = []
    result = run(Objective(network, SquaredError(), x, y, None, L2(0.3)), solver, losses.append)
    centred = x - x.mean(axis=0)
    exact = np.linalg.solve(centred.T @ centred / 50 + 0.3 * np.eye(4), centred.T @ y / 50)
    atol = 1e-4 if dtype == np.float64 else 1e-3
    np.testing.assert_allclose(network.root.weight, exact, atol=atol)
    np.testing.assert_allclose(network.root.bias, y.mean() - x.mean(axis=0) @ exact, atol=atol)
    assert losses == sorted(losses, reverse=True)
    assert len(losses) == result.nit
    assert network.params.dtype == dtype


@each_solver
def test_the_end_is_a_minimum_with_a_gradient_as_small_as_asked(solver):
    objective = classifier()
    result = run(objective, solver, tol=1e-6, max_iter=3000, max_fun=30000)
    assert result.success, result.message
    # SciPy's L-BFGS-B is also content where the loss hardly falls any more.
    asked = 1e-5 if solver == "lbfgs" else 1e-6
    assert abs(objective(objective.network.params * 1.0)[1]).max() < asked
    assert np.linalg.eigvalsh(hessian(objective)).min() > -1e-8


@each_solver
def test_the_solver_stops_when_told_to_with_the_parameters_of_that_iteration(solver):
    objective, seen = classifier(), []

    def stop(value):
        seen.append((value, objective.network.params.copy()))
        return len(seen) == 3

    result = run(objective, solver, stop, tol=1e-12)
    assert len(seen) == result.nit == 3
    assert result.status == 99
    np.testing.assert_array_equal(objective.network.params, seen[-1][1])
    assert objective(seen[-1][1])[0] == pytest.approx(seen[-1][0])


@each_solver
def test_iterations_and_evaluations_have_limits(solver):
    objective, losses = classifier(), []
    result = run(objective, solver, losses.append, max_iter=2, tol=0.0)
    assert (result.nit, len(losses), result.success) == (2, 2, False)
    objective, losses = classifier(), []
    result = run(objective, solver, losses.append, max_fun=6, tol=0.0)
    assert not result.success
    assert len(losses) == result.nit < 7
    assert result.fun == losses[-1]
    assert objective(objective.network.params * 1.0)[0] == pytest.approx(result.fun)


@pytest.mark.parametrize("solver", ["bfgs", "cg", "newton"])
def test_a_single_evaluation_is_one_of_the_start(solver):
    objective = classifier()
    start = objective.network.params.copy()
    result = run(objective, solver, max_fun=1)
    np.testing.assert_array_equal(objective.network.params, start)
    assert (result.nit, result.success, result.fun) == (0, False, objective(start)[0])


@each_solver
def test_running_statistics_are_those_of_the_data(solver):
    objective = classifier(BatchNorm())
    network, (x, _) = objective.network, classes()
    run(objective, solver, max_iter=20, max_fun=100, tol=1e-9)
    dense, norm = network.layers()[:2]
    hidden = x @ dense.weight + dense.bias
    np.testing.assert_allclose(norm.running_mean, hidden.mean(axis=0), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(norm.running_variance, hidden.var(axis=0, ddof=1), rtol=1e-7)
    trained = network.forward(x, Mode(training=True)).copy()
    assert np.abs(network.forward(x) - trained).max() < 0.2 * np.abs(trained).max()


@each_solver
def test_on_a_single_sample_the_running_statistics_are_the_first_ones(solver):
    """One sample has no variance, and one of zero would blow up every prediction."""
    network = Network(Sequence(Dense(3), BatchNorm(), Dense(1)), (5,), random_state=0)
    before = network.statistics.copy()
    objective = Objective(network, SquaredError(), classes()[0][:1], np.ones((1, 1)))
    run(objective, solver, max_iter=5, max_fun=100)
    np.testing.assert_array_equal(network.statistics, before)


# Newton's method


def test_a_quadratic_is_minimized_in_one_step():
    x, y = normal((40, 6)), normal((40, 3), seed=1)
    for penalty in (None, L2(0.2)):
        network = Network(Dense(3), (6,), random_state=0)
        result = run(Objective(network, SquaredError(), x, y, None, penalty), "newton", tol=1e-12)
        assert (result.nit, result.success) == (1, True)
    exact = np.linalg.lstsq(np.column_stack([x, np.ones(40)]), y)[0]
    network = Network(Dense(3), (6,), random_state=0)
    run(Objective(network, SquaredError(), x, y), "newton", max_iter=1)
    np.testing.assert_allclose(
        np.vstack([network.root.weight, network.root.bias]), exact, atol=1e-12
    )


def test_the_digits_double_near_the_minimum():
    objective, lengths = classifier(), []
    best = run(classifier(), "newton", tol=1e-13).x

    def keep(value):
        lengths.append(np.linalg.norm(objective.network.params - best))

    run(objective, "newton", keep, tol=1e-10)
    near = [length for length in lengths if 1e-13 < length < 1e-2]
    assert len(near) >= 2
    assert near[1] < 20 * near[0] ** 2


def test_damping_leads_away_from_a_saddle_that_newtons_step_would_go_to():
    """(w1 w2 x - x)^2 / 2 has a saddle at zero, where plain Newton steps from nearby end."""
    network = Network(Sequence(Dense(1, use_bias=False), Dense(1, use_bias=False)), (1,))
    objective = Objective(network, SquaredError(), np.ones((1, 1)), np.ones((1, 1)))
    network.params[...] = 0.1, 0.12
    assert np.linalg.eigvalsh(hessian(objective)).min() < 0
    gradient = objective(network.params * 1.0)[1]
    plain = network.params - np.linalg.solve(hessian(objective), gradient)
    assert abs(plain).max() < 0.01
    result = run(objective, "newton", tol=1e-10)
    assert result.fun < 1e-18
    assert np.prod(network.params) == pytest.approx(1.0)


def test_at_a_saddle_newtons_method_stays():
    network = Network(Sequence(Dense(1, use_bias=False), Dense(1, use_bias=False)), (1,))
    network.params[...] = 0.0
    result = run(Objective(network, SquaredError(), np.ones((1, 1)), np.ones((1, 1))), "newton")
    assert (result.nit, result.fun) == (0, 0.5)


def test_a_singular_hessian_is_no_obstacle():
    """Twice the same feature: many minima, all as deep as SciPy's least squares."""
    x = np.repeat(normal((20, 2)), 2, axis=1)
    y = normal((20, 1), seed=1)
    network = Network(Dense(1), (4,), random_state=0)
    result = run(Objective(network, SquaredError(), x, y), "newton", tol=1e-10)
    columns = np.column_stack([x, np.ones(20)])
    residual = y - columns @ scipy.optimize.lsq_linear(columns, y[:, 0]).x[:, None]
    assert result.success
    assert result.nit <= 3
    assert result.fun == pytest.approx((residual**2).mean() / 2)


def test_newton_finds_the_minimum_that_scipys_trust_region_finds_next_to_it():
    objective = classifier()
    start = run(objective, "lbfgs").x + normal(objective.network.n_parameters) / 20
    objective.network.params[...] = start
    mine = run(objective, "newton", tol=1e-9)

    def curvature(vector):
        objective.network.params[...] = vector
        return hessian(objective)

    def fun(vector):
        value, gradient = objective(vector)
        return value, gradient.copy()

    theirs = scipy.optimize.minimize(
        fun, start, jac=True, hess=curvature, method="trust-exact", options={"gtol": 1e-9}
    )
    assert mine.nit <= theirs.nit
    assert mine.fun == pytest.approx(theirs.fun, rel=1e-12)
    # But for the three biases of the output, which softmax lets move together.
    np.testing.assert_allclose(mine.x[:-3], theirs.x[:-3], atol=1e-6)


@pytest.mark.parametrize(
    ("solver", "method"), [("lbfgs", "L-BFGS-B"), ("bfgs", "BFGS"), ("cg", "CG")]
)
def test_the_way_is_that_of_scipy(solver, method):
    objective, values = classifier(), []
    start = objective.network.params.copy()
    mine = run(objective, solver, values.append, max_iter=30)

    def fun(vector):
        value, gradient = objective(vector)
        return value, gradient.copy()

    seen = []
    theirs = scipy.optimize.minimize(
        fun,
        start,
        jac=True,
        method=method,
        callback=lambda intermediate_result: seen.append(intermediate_result.fun),
        options={"gtol": 1e-7, "maxiter": 30},
    )
    assert mine.nit == theirs.nit == 30
    np.testing.assert_allclose(values, seen, rtol=1e-12)
    np.testing.assert_allclose(mine.x, theirs.x, rtol=1e-9, atol=1e-12)


def test_a_loss_without_curvature_ends_where_no_step_helps():
    network = Network(Dense(1), (2,), random_state=0)
    objective = Objective(network, AbsoluteError(), normal((15, 2)), normal((15, 1), seed=1))
    first = objective(network.params * 1.0)[0]
    result = run(objective, "newton", tol=1e-12, max_iter=300)
    assert result.fun < first
    assert result.status in (1, 3)
    assert objective(network.params * 1.0)[0] == result.fun


# Size


def test_a_matrix_that_is_too_large_is_refused_with_the_arithmetic():
    for solver in ("bfgs", "newton"):
        check_size(solver, 11_585)
        with pytest.raises(ValueError, match=r"101,770 x 101,770 numbers of 8 bytes are 82\.9 GB"):
            check_size(solver, 101_770)
        with pytest.raises(ValueError, match=r"up to 11,585 parameters.*'lbfgs' or 'cg'"):
            check_size(solver, 11_586)
    for solver in ("lbfgs", "cg"):
        check_size(solver, 10**9)


@pytest.mark.parametrize("entry", [np.inf, np.nan, 1e305])
def test_newton_ends_where_second_derivatives_leave_the_range_of_floats(entry):
    result = newton(
        lambda w: (1.0, np.ones(2)),
        lambda w: np.diag([1.0, entry]),
        np.zeros(2),
        max_iter=5,
        tol=1e-9,
        after_iteration=lambda w, value: False,
    )
    assert (result.status, result.nit) == (3, 0)
    assert "second derivatives leave the range" in result.message
