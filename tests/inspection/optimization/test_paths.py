"""Paths of optimizers on a function of two variables."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from skdeep.inspection import OptimizerPathDisplay
from skdeep.nn import SGD, Adam, Momentum

matplotlib.use("Agg")

CURVATURE = np.array([1.0, 20.0])


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def valley(w):
    return CURVATURE @ w**2 / 2, CURVATURE * w


def draw(optimizers, **keywords):
    return OptimizerPathDisplay.from_function(valley, optimizers, (2.0, 1.0), **keywords)


def test_a_path_is_where_the_optimizer_goes():
    display = draw({"descent": (SGD(), 0.03), "adam": (Adam(), 0.1)}, n_steps=25)
    steps = np.arange(26)[:, None]
    expected = np.array([2.0, 1.0]) * (1 - 0.03 * CURVATURE) ** steps
    np.testing.assert_allclose(display.paths["descent"], expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(display.paths["adam"][1], [1.9, 0.9], atol=1e-6)
    values = [valley(w)[0] for w in display.paths["descent"]]
    np.testing.assert_allclose(display.values["descent"], values)


def test_optimizers_stay_as_they_are():
    optimizer = Momentum(0.5)
    first, again = (draw({"momentum": (optimizer, 0.01)}, n_steps=10) for _ in range(2))
    assert optimizer.t == 0
    np.testing.assert_array_equal(first.paths["momentum"], again.paths["momentum"])


def test_a_path_of_another_method_is_drawn_as_it_is():
    path = [[2.0, 1.0], [1.0, 0.5], [0.0, 0.0]]
    display = draw({"by hand": path})
    np.testing.assert_array_equal(display.paths["by hand"], path)
    assert display.values["by hand"][-1] == 0.0


def test_a_walk_ends_before_it_leaves_finite_numbers():
    with np.errstate(over="ignore", invalid="ignore"):
        display = draw({"wild": (SGD(), 1e80)}, n_steps=50, bounds=((-3, 3), (-2, 2)))
    assert 1 < len(display.paths["wild"]) < 51
    assert np.isfinite(display.paths["wild"]).all()


def test_the_grid_covers_the_bounds_or_all_paths():
    x, y, heights = draw({"descent": (SGD(), 0.03)}, bounds=((-3, 3), (-2, 2))).grid
    assert (x[0], x[-1], y[0], y[-1]) == (-3, 3, -2, 2)
    assert heights.shape == (len(y), len(x))
    assert heights[0, 3] == pytest.approx(valley(np.array([x[3], y[0]]))[0])
    x, y, _ = draw({"descent": (SGD(), 0.03)}).grid
    assert x[0] < 0.5
    assert x[-1] > 2.0


def test_the_picture_names_every_path_start_and_minimum():
    _, ax = plt.subplots()
    names = {f"rule {i}": (SGD(), 0.001 * (i + 1)) for i in range(9)}
    display = draw(names, n_steps=5, minimum=(0, 0), ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == [*names, "start", "minimum"]
    looks = {(line.get_color(), line.get_linestyle()) for line in ax.get_lines()[:18:2]}
    assert len(looks) == 9
    assert len(display.colors) == 9


def test_a_start_that_is_no_point_of_the_plane_is_refused():
    with pytest.raises(
        ValueError, match=r"start must be a point of shape \(2,\), got shape \(3,\)"
    ):
        OptimizerPathDisplay.from_function(valley, {}, [1.0, 2.0, 3.0])
