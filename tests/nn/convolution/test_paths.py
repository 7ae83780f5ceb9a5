"""Every fast path computes what the reference does, and the reference what its formula says."""

import math

import numpy as np
import pytest

from skdeep.nn.convolution.choice import path_for
from skdeep.nn.convolution.columns import Columns
from skdeep.nn.convolution.depthwise import Depthwise
from skdeep.nn.convolution.geometry import fit
from skdeep.nn.convolution.narrow import Narrow
from skdeep.nn.convolution.pointwise import Pointwise
from skdeep.nn.convolution.reference import Reference
from skdeep.nn.convolution.strips import Strips
from skdeep.nn.convolution.winograd import Winograd

BORDERS = [
    {},
    {"padding": "same"},
    {"padding": 2},
    {"padding": ((1, 0), (2, 3))},
    {"padding": "same", "dilation": (2, 1)},
]
STRIDES = [
    {"padding": "same", "stride": (2, 3)},
    {"padding": "same", "stride": (3, 2)},
    {"padding": "same", "stride": (4, 1)},
    {"padding": ((1, 0), (0, 1)), "stride": (2, 2)},
]
# of one picture: shape, window, filters
SOME = [
    ((7, 5, 4), (3, 2), 6),
    ((9, 7, 3), (3, 3), 5),
    ((5, 7, 1), (2, 4), 2),
    ((11, 13, 3), (5, 4), 2),
]
# A block of everything, of a picture or two, and of less than a row.
TARGETS = [2**20, 3000, 10]


def cases(shapes, *options):
    """List those geometries that fit."""
    found = []
    for shape, kernel, filters in shapes:
        for option in (option for group in options for option in group):
            try:
                found.append(fit("test", shape, kernel, filters=filters, **option))
            except ValueError:
                continue
    return found


def data(geometry, n=5, dtype=np.float64):
    random = np.random.RandomState(0)
    shapes = (
        (n, *geometry.input_shape),
        geometry.weight_shape,
        (geometry.filters,),
        (n, *geometry.output_shape),
    )
    return [random.normal(size=shape).astype(dtype) for shape in shapes]


def everything(path, x, weight, bias, grad_y):
    """Return all that a path computes, by name; what it leaves unwritten is not a number."""

    def unwritten(like):
        return np.full_like(like, np.nan)

    found = {"y": unwritten(grad_y), "y rectified": unwritten(grad_y)}
    path.forward(x, weight, found["y"])
    path.forward(x, weight, found["y rectified"], bias, True)
    for name, wants_x, wants_weight in (("both", 1, 1), ("input", 1, 0), ("weight", 0, 1)):
        for y in (None, found["y rectified"]):
            key = f"{name} {'' if y is None else 'rectified'}"
            grad_x = unwritten(x) if wants_x else None
            grad_weight = unwritten(weight) if wants_weight else None
            grad_bias = unwritten(bias) if wants_weight else None
            given = x if wants_weight else None
            path.backward(given, weight, grad_y.copy(), grad_x, grad_weight, grad_bias, y)
            for what, array in (("x", grad_x), ("weight", grad_weight), ("bias", grad_bias)):
                if array is not None:
                    found[f"{key} {what}"] = array
    return found


def assert_equal_to_the_reference(path, geometry, tolerance=1e-12, n=5, dtype=np.float64):
    arrays = data(geometry, n, dtype)
    expected = everything(Reference(geometry), *(array.astype(np.float64) for array in arrays))
    for name, found in everything(path, *arrays).items():
        scale = max(np.abs(expected[name]).max(initial=0), 1e-30)
        error = np.abs(found - expected[name]).max(initial=0) / scale
        assert error <= tolerance, f"{name} of {geometry}: {error}"


@pytest.mark.parametrize("option", BORDERS + STRIDES, ids=str)
@pytest.mark.parametrize("groups", [1, 2])
def test_the_reference_is_its_formula(option, groups):
    for geometry in cases([((7, 6, 4), (3, 2), 6)], [option | {"groups": groups}]):
        x, weight, bias, _ = data(geometry, n=2)
        (above, below), (left, right) = geometry.padding
        padded = np.pad(x, ((0, 0), (above, below), (left, right), (0, 0)))
        expected = np.tile(bias, (2, *geometry.places, 1))
        of_group, filters = 4 // groups, 6 // groups
        for p, q in np.ndindex(geometry.places):
            for i, j in np.ndindex(geometry.kernel):
                row = p * geometry.stride[0] + i * geometry.dilation[0]
                column = q * geometry.stride[1] + j * geometry.dilation[1]
                for g in range(groups):
                    mine = slice(g * filters, (g + 1) * filters)
                    pixel = padded[:, row, column, g * of_group : (g + 1) * of_group]
                    expected[:, p, q, mine] += pixel @ weight[i, j, :, mine]
        y = np.empty_like(expected)
        Reference(geometry).forward(x, weight, y, bias)
        np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("option", BORDERS + STRIDES, ids=str)
@pytest.mark.parametrize("groups", [1, 2])
def test_the_gradients_of_the_reference_are_those_of_a_linear_map(option, groups):
    """Of a map linear in x and in W: <grad_y, conv(x, W)> = <grad_x, x> = <grad_W, W>."""
    for geometry in cases([((7, 6, 4), (3, 2), 6)], [option | {"groups": groups}]):
        x, weight, bias, grad_y = data(geometry, n=3)
        path = Reference(geometry)
        y, grad_x = np.empty_like(grad_y), np.empty_like(x)
        grad_weight, grad_bias = np.empty_like(weight), np.empty_like(bias)
        path.forward(x, weight, y)
        path.backward(x, weight, grad_y, grad_x, grad_weight, grad_bias)
        value = (grad_y * y).sum()
        assert (grad_x * x).sum() == pytest.approx(value, rel=1e-10)
        assert (grad_weight * weight).sum() == pytest.approx(value, rel=1e-10)
        np.testing.assert_allclose(grad_bias, grad_y.sum(axis=(0, 1, 2)))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("geometry", cases(SOME, BORDERS, STRIDES), ids=str)
def test_columns_are_the_reference(geometry, target):
    assert Columns.suits(geometry)
    assert_equal_to_the_reference(Columns(geometry, target), geometry)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "geometry",
    cases([((7, 6, 1), (3, 2), 6), ((9, 8, 3), (3, 3), 9)], BORDERS, STRIDES),
    ids=str,
)
def test_narrow_pictures_are_the_reference(geometry, target):
    assert Narrow.suits(geometry)
    assert_equal_to_the_reference(Narrow(geometry, target), geometry)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("geometry", cases(SOME, BORDERS[:4]), ids=str)
def test_strips_are_the_reference(geometry, target):
    for length in range(1, 1 + geometry.places[1]):
        if geometry.places[1] % length == 0:
            assert_equal_to_the_reference(Strips(geometry, length, target), geometry, n=3)


@pytest.mark.parametrize(
    ("wide", "kernel", "filters", "length"),
    [(28, 5, 6, 4), (10, 5, 16, 5), (28, 3, 8, 4), (14, 3, 64, 2), (13, 3, 64, 1), (8, 1, 4, 1)],
)
def test_strips_are_about_as_long_as_the_window(wide, kernel, filters, length):
    geometry = fit("test", (8, wide, 4), (kernel, kernel), filters=filters, padding="same")
    assert Strips.fastest(geometry) == length


def test_strips_are_for_few_channels_with_many_filters_around_or_few():
    def suits(channels, filters, **option):
        geometry = fit("test", (8, 8, channels), (3, 3), filters=filters, **option)
        return Strips.suits(geometry)

    assert suits(6, 24, padding=1)
    assert not suits(6, 16, padding=1)
    assert suits(6, 16)  # as many numbers, for there are fewer places
    assert not suits(9, 64)
    assert suits(3, 8)
    assert not suits(5, 8)
    assert not suits(6, 24, padding="same", stride=(2, 2))
    assert not suits(6, 24, padding=2, dilation=(2, 2))
    assert not suits(6, 24, padding=1, groups=2)


@pytest.mark.parametrize("target", TARGETS)
def test_a_window_of_one_pixel_is_the_reference(target):
    for geometry in cases([((5, 6, 3), (1, 1), 4), ((1, 1, 1), (1, 1), 1)], [{}]):
        assert Pointwise.suits(geometry)
        assert_equal_to_the_reference(Pointwise(geometry, target), geometry)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("option", BORDERS, ids=str)
def test_single_channels_are_the_reference(option, target):
    for channels, kernel in ((3, (3, 3)), (2, (5, 4)), (1, (3, 2))):
        shape = (9, 8, channels)
        for geometry in cases([(shape, kernel, channels)], [option | {"groups": channels}]):
            assert Depthwise.suits(geometry)
            assert_equal_to_the_reference(Depthwise(geometry, target), geometry)


BY_TWO = [
    {"padding": "same", "stride": (2, 2)},
    {"padding": ((1, 0), (2, 1)), "stride": (2, 2)},
    {"padding": ((0, 3), (3, 0)), "stride": (2, 2)},
]
SQUARES = [
    ((7, 6, 4), (3, 3), 6),
    ((8, 8, 3), (3, 3), 5),
    ((5, 5, 1), (5, 5), 2),
    ((11, 13, 3), (5, 5), 2),
    ((1, 2, 2), (3, 3), 3),
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "geometry",
    cases(SQUARES, BORDERS[:4], [{"padding": 1}], BY_TWO),
    ids=str,
)
@pytest.mark.parametrize("m", [2, 3, 4])
def test_winograds_products_are_the_reference(m, geometry, target):
    if not Winograd.suits(geometry):
        return
    # In float64, where the transforms cost no digits that would hide an error.
    assert_equal_to_the_reference(Winograd(geometry, m, target), geometry, tolerance=1e-10)


@pytest.mark.parametrize(("m", "stride", "tolerance"), [(2, 1, 3e-6), (4, 1, 3e-5), (2, 2, 3e-6)])
def test_winograds_products_are_as_exact_as_is_said(m, stride, tolerance):
    for shape, filters in (((14, 14, 32), 64), ((8, 8, 128), 128), ((13, 11, 16), 24)):
        option = {"padding": "same", "stride": (stride, stride)}
        geometry = fit("test", shape, (3, 3), filters=filters, **option)
        path = Winograd(geometry, m)
        assert_equal_to_the_reference(path, geometry, tolerance, n=4, dtype=np.float32)


def test_exact_paths_are_as_exact_as_a_product():
    for shape, kernel, option in (
        ((14, 14, 32), (3, 3), {"padding": 1}),
        ((14, 14, 32), (3, 3), {"padding": "same", "stride": (2, 2)}),
        ((14, 14, 32), (1, 1), {}),
        ((14, 14, 1), (5, 5), {}),
        ((14, 14, 32), (3, 3), {"padding": 1, "groups": 32}),
    ):
        geometry = fit("test", shape, kernel, filters=32, **option)
        path = path_for(geometry, np, np.float32, exact=True)
        assert_equal_to_the_reference(path, geometry, 3e-6, n=4, dtype=np.float32)


@pytest.mark.parametrize(
    ("shape", "kernel", "filters", "option", "path"),
    [
        ((8, 8, 16), (1, 1), 32, {}, Pointwise),
        ((8, 8, 16), (1, 1), 32, {"stride": (2, 2), "padding": "same"}, Columns),
        ((8, 8, 16), (3, 3), 16, {"groups": 16}, Depthwise),
        ((8, 8, 16), (3, 3), 32, {"groups": 16}, Reference),
        ((8, 8, 3), (3, 3), 16, {}, Narrow),
        ((8, 8, 3), (3, 3), 16, {"padding": 1, "stride": (3, 1), "dilation": (3, 1)}, Reference),
        ((8, 8, 6), (5, 5), 16, {}, Strips),
        ((28, 28, 1), (5, 5), 6, {"padding": 2}, Strips),
        ((27, 27, 1), (5, 5), 6, {"padding": 2}, Strips),
        ((29, 29, 1), (5, 5), 6, {"padding": 2}, Narrow),
        ((28, 28, 1), (3, 3), 6, {"padding": 1}, Narrow),
        ((28, 28, 3), (9, 9), 64, {"padding": 4}, Strips),
        ((8, 8, 6), (5, 5), 8, {"padding": 2}, Columns),
        ((8, 8, 16), (3, 3), 16, {"padding": 1}, Winograd),
        ((8, 8, 16), (3, 3), 16, {"padding": 1, "dilation": (2, 2)}, Columns),
        ((8, 8, 16), (3, 3), 16, {"padding": "same", "stride": (2, 2)}, Winograd),
        ((8, 8, 128), (3, 3), 128, {"padding": "same", "stride": (2, 2)}, Columns),
    ],
)
def test_the_fastest_path_is_chosen(shape, kernel, filters, option, path, monkeypatch):
    monkeypatch.setattr("skdeep.nn.convolution.choice.unpacked", lambda: 10**6)
    geometry = fit("test", shape, kernel, filters=filters, **option)
    assert type(path_for(geometry, np, np.float32)) is path
    inexact = path is Winograd
    assert type(path_for(geometry, np, np.float64)) is (Columns if inexact else path)
    assert type(path_for(geometry, np, np.float32, exact=True)) is (Columns if inexact else path)
    assert type(path_for(geometry, math, np.float32)) is Reference


@pytest.mark.parametrize(("limit", "path"), [(10**6, Winograd), (0, Columns)])
def test_by_two_winograds_products_pay_only_where_small_ones_do(limit, path, monkeypatch):
    monkeypatch.setattr("skdeep.nn.convolution.choice.unpacked", lambda: limit)
    geometry = fit("test", (8, 8, 16), (3, 3), filters=16, padding="same", stride=(2, 2))
    assert type(path_for(geometry, np, np.float32)) is path


@pytest.mark.parametrize(
    ("size", "m"), [(28, 4), (14, 4), (7, 4), (8, 4), (6, 2), (5, 2), (2, 2), (1, 2)]
)
def test_the_tile_is_the_one_with_the_fewest_products(size, m):
    geometry = fit("test", (size, size, 16), (3, 3), padding=1, filters=16)
    assert path_for(geometry, np, np.float32).m == m


def test_no_pictures_are_no_work():
    for kernel, option in (((3, 3), {"padding": 1}), ((1, 1), {}), ((3, 3), {"groups": 16})):
        geometry = fit("test", (6, 6, 16), kernel, filters=16, **option)
        for path in (path_for(geometry, np, np.float32), Reference(geometry)):
            found = everything(path, *data(geometry, n=0, dtype=np.float32))
            assert found["y"].shape == (0, *geometry.output_shape)
            assert not found["both  weight"].any()
            assert not found["weight  bias"].any()
