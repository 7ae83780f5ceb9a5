"""Where windows lie: the arithmetic of the lectures, and errors that show it."""

import numpy as np
import pytest

from skdeep.nn.convolution.geometry import check_padding, fit, pair


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "places"),
    [
        (32, 5, 1, "valid", 28),
        (28, 2, 2, "valid", 14),
        (14, 5, 1, "valid", 10),
        (227, 11, 4, "valid", 55),
        (55, 3, 2, "valid", 27),
        (32, 3, 1, 1, 32),
        (7, 3, 2, "valid", 3),
        (7, 3, 1, "same", 7),
        (32, 3, 2, "same", 16),
        (7, 2, 2, "same", 4),
        (224, 7, 2, "same", 112),
    ],
)
def test_the_places_are_those_of_the_lectures(size, kernel, stride, padding, places):
    found = fit("test", (size, size, 3), (kernel, kernel), stride=(stride, stride), padding=padding)
    assert found.places == (places, places)


@pytest.mark.parametrize(
    ("shape", "kernel", "options", "message"),
    [
        ((224, 224, 3), (11, 11), {"stride": (4, 4)}, r"\(224 - 11 \+ 0\) / 4 \+ 1 = 54.25"),
        (
            (7, 7, 3),
            (3, 3),
            {"stride": (3, 3)},
            r"7 - 3 \+ 0\) / 3 \+ 1 = 2.33333 is not",
        ),
        ((32, 32, 3), (3, 3), {"stride": (2, 2), "padding": 1}, r"\(32 - 3 \+ 2\) / 2 \+ 1 = 16.5"),
        ((4, 9, 3), (5, 5), {}, r"a height of 4: .* = 0 leaves it no place"),
        ((9, 4, 3), (3, 3), {"dilation": (1, 2)}, r"a window of 5 .* a width of 4"),
        ((9, 9, 3), (4, 4), {"stride": (2, 1), "padding": ((1, 2), (0, 0))}, "padding 1 and 2"),
        ((9, 9), (3, 3), {}, r"samples of shape \(height, width, channels\); .* shape \(9, 9\)"),
    ],
)
def test_what_does_not_fit_is_an_error_with_the_arithmetic(shape, kernel, options, message):
    if kernel == (4, 4):
        fit("Conv2D", shape, kernel, **(options | {"stride": (2, 1)}))
        options = options | {"stride": (3, 1)}
    with pytest.raises(ValueError, match=message):
        fit("Conv2D", shape, kernel, **options)


def test_same_makes_as_many_places_as_pixels_divided_by_the_stride():
    for size in range(1, 12):
        for kernel in range(1, 6):
            for stride in range(1, 5):
                for dilation in (1, 2):
                    found = fit(
                        "test",
                        (size, size, 1),
                        (kernel, kernel),
                        stride=(stride, stride),
                        dilation=(dilation, dilation),
                        padding="same",
                    )
                    assert found.places[0] == -(-size // stride)
                    before, after = found.padding[0]
                    assert 0 <= after - before <= 1


@pytest.mark.parametrize("value", [0, -1, 1.5, "3", (1,), (1, 2, 3), (1, 0), None, True])
def test_numbers_that_are_none_are_refused(value):
    with pytest.raises(ValueError, match="Conv2D takes as stride a whole number of 1 or more"):
        pair("Conv2D", "stride", value)


def test_numbers_of_numpy_are_numbers():
    assert pair("Conv2D", "stride", np.int64(3)) == (3, 3)
    check_padding("Conv2D", (np.int64(3), (1, 2)))


@pytest.mark.parametrize("value", ["full", -1, 1.5, (1,), ((1, 2, 3), 1), (1, -1), None])
def test_a_padding_that_is_none_is_refused(value):
    with pytest.raises(ValueError, match=r"Conv2D takes as padding 'valid' .* got"):
        check_padding("Conv2D", value)
