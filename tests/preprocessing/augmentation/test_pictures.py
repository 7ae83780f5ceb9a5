"""What augmentation does to pictures, beside SciPy's and results by hand."""

import pickle

import numpy as np
import pytest
from scipy import ndimage

from skdeep.preprocessing import Brightness, Contrast, Crop, Erasing, Flip, Rotation, Shift
from skdeep.preprocessing.augmentation.resampling import _turning, resampled

RANDOM = np.random.RandomState(0)
PICTURES = RANDOM.normal(size=(6, 7, 9, 3))
OF_PICTURES = [Flip(), Flip(0.5, 0.5), Shift(), Shift(2, 3, fill="edge"), Crop(0.5), Rotation(90.0)]
OF_PICTURES += [Brightness(), Contrast(0.9), Erasing(1.0)]


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_flip_turns_left_for_right_and_upside_down(channels):
    x = PICTURES[..., :channels]
    horizontal = np.array([True, False, True, False, False, True])
    vertical = np.array([True, True, False, False, True, False])
    y = Flip().apply(x, (horizontal, vertical))
    for i in range(6):
        expected = x[i, ::-1] if vertical[i] else x[i]
        np.testing.assert_array_equal(y[i], expected[:, ::-1] if horizontal[i] else expected)


@pytest.mark.parametrize(
    ("fill", "mode"), [(0.0, "constant"), (2.5, "constant"), ("edge", "nearest")]
)
def test_a_shift_is_that_of_scipy(fill, mode):
    down, right = np.array([0, 1, -1, 2, 0, -2]), np.array([0, -3, 3, 1, -1, 0])
    y = Shift(fill=fill).apply(PICTURES, (down, right))
    value = 0.0 if fill == "edge" else fill
    for i in range(6):
        expected = ndimage.shift(
            PICTURES[i], (down[i], right[i], 0), order=0, mode=mode, cval=value
        )
        np.testing.assert_array_equal(y[i], expected)


@pytest.mark.parametrize(
    ("shift", "shape", "reach"),
    [
        (Shift(), (32, 16, 3), (4, 2)),
        (Shift(1, 0), (5, 5, 1), (1, 0)),
        (Shift(0.5, 99), (6, 4, 1), (3, 4)),
        (Shift(), (7, 7, 1), (0, 0)),
    ],
)
def test_a_shift_reaches_as_far_as_it_says_and_each_way_alike(shift, shape, reach):
    steps = shift.draw(20000, shape, rng())
    for found, limit in zip(steps, reach, strict=True):
        assert set(found.tolist()) == set(range(-limit, limit + 1))
        assert abs(found.mean()) < 0.05 * (limit + 1)


@pytest.mark.parametrize(
    ("fill", "mode"), [(0.0, "grid-constant"), (-1.5, "grid-constant"), ("edge", "nearest")]
)
def test_resampling_is_the_affine_transform_of_scipy(fill, mode):
    matrix = np.eye(2) + RANDOM.normal(scale=0.4, size=(6, 2, 2))
    offset = RANDOM.normal(scale=3, size=(6, 2))
    y = resampled(Rotation(), PICTURES, matrix, offset, fill)
    value = 0.0 if fill == "edge" else fill
    for i in range(6):
        for channel in range(3):
            expected = ndimage.affine_transform(
                PICTURES[i, :, :, channel], matrix[i], offset[i], order=1, mode=mode, cval=value
            )
            np.testing.assert_allclose(y[i, :, :, channel], expected, atol=1e-12)


@pytest.mark.parametrize("shape", [(6, 9, 9, 3), (3, 70, 80, 1)], ids=str)
@pytest.mark.parametrize(
    ("fill", "mode"), [(0.0, "grid-constant"), (-1.5, "grid-constant"), ("edge", "nearest")]
)
def test_pictures_of_one_angle_turn_together_as_each_turns_alone(shape, fill, mode):
    x = RANDOM.normal(size=shape)
    degrees = np.sort(np.resize([33.0, -90.0], shape[0]))
    turned = Rotation(90.0, fill=fill).apply(x, (np.deg2rad(degrees),))
    value = 0.0 if fill == "edge" else fill
    for picture, seen, angle in zip(x, turned, degrees, strict=True):
        expected = ndimage.rotate(picture, angle, reshape=False, order=1, mode=mode, cval=value)
        np.testing.assert_allclose(seen, expected, atol=1e-12)


def test_angles_reach_to_both_ends_and_no_batch_has_but_a_few():
    rotation, limit = Rotation(20.0), np.deg2rad(20.0)
    found = np.concatenate([rotation.draw(200, (4, 4, 1), rng(i))[0] for i in range(200)])
    assert found.min() == -limit
    assert found.max() == limit
    assert abs(found.mean()) < 0.05 * limit
    assert abs(found.std() / limit - 1 / np.sqrt(3)) < 0.05
    for n in (8, 32, 200):
        n_angles = len(np.unique(rotation.draw(n, (4, 4, 1), rng(0))[0]))
        assert n_angles >= 5  # of six or more, that chance may make equal
    assert len(np.unique(rotation.draw_copies(40, (4, 4, 1), rng(0))[0])) > 20


def test_what_is_kept_for_turns_stays_small_and_out_of_files():
    rotation = Rotation(45.0)
    size = len(pickle.dumps(rotation))
    for side in (5, 6, 7):
        pictures = RANDOM.normal(size=(400, side, side, 1))
        for seed in range(8):
            rotation.apply(pictures, rotation.draw(400, pictures.shape[1:], rng(seed)))
    assert _turning.cache_info().currsize <= 65
    assert len(pickle.dumps(rotation)) <= size + 10


@pytest.mark.parametrize("degrees", [0.0, 7.0, -33.0, 90.0, 180.0])
def test_a_rotation_is_that_of_scipy(degrees):
    y = Rotation().apply(PICTURES, (np.full(6, np.deg2rad(degrees)),))
    expected = ndimage.rotate(
        PICTURES, degrees, axes=(1, 2), reshape=False, order=1, mode="grid-constant"
    )
    np.testing.assert_allclose(y, expected, atol=1e-12)


def test_a_crop_is_the_affine_transform_of_scipy():
    share, down, right = RANDOM.uniform(0.3, 1, 6), RANDOM.uniform(size=6), RANDOM.uniform(size=6)
    seen = Crop().apply(PICTURES, (share, down, right))
    size = np.array(PICTURES.shape[1:3])
    for i in range(6):
        start = (1 - share[i]) * np.array([down[i], right[i]]) * size + (share[i] - 1) / 2
        for channel in range(3):
            expected = ndimage.affine_transform(
                PICTURES[i, :, :, channel], share[i] * np.eye(2), start, order=1, mode="nearest"
            )
            np.testing.assert_allclose(seen[i, :, :, channel], expected, atol=1e-12)


def test_a_crop_of_the_whole_is_the_picture_and_one_of_a_half_its_corner():
    one = np.ones(6)
    np.testing.assert_allclose(Crop().apply(PICTURES, (one, 0 * one, one)), PICTURES, atol=1e-12)
    ramp = np.tile(np.arange(8.0)[:, None, None], (1, 1, 8, 1))
    seen = Crop().apply(ramp, (np.array([0.5]), np.array([0.0]), np.array([1.0])))
    # Each pixel of the upper half becomes two, whose centres lie a quarter to both sides.
    expected = [0.0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3.25]
    np.testing.assert_allclose(seen[0, :, 3, 0], expected)


@pytest.mark.parametrize("kind", [Brightness, Contrast])
def test_light_stays_within_the_range_of_the_training_data(kind):
    change = kind(1.0)
    change.learn(PICTURES, None)
    y = change.apply(PICTURES, change.draw(6, PICTURES.shape[1:], rng()))
    assert PICTURES.min() <= y.min() < y.max() <= PICTURES.max()
    assert not np.allclose(y, PICTURES)


def test_brightness_adds_a_share_of_the_range_and_stays_within_it():
    change = Brightness(0.3)
    change.low, change.high = -2.0, 3.0
    (added,) = change.draw(6, PICTURES.shape[1:], rng())
    assert added.tolist() == (5 * rng().uniform(-0.3, 0.3, 6)).tolist()
    expected = np.clip(PICTURES + added[:, None, None, None], -2.0, 3.0)
    np.testing.assert_array_equal(change.apply(PICTURES, (added,)), expected)


def test_the_range_is_that_of_the_samples_that_count():
    change = Brightness()
    change.learn(np.array([[1.0], [5.0], [100.0]]), np.array([1.0, 2.0, 0.0]))
    assert (change.low, change.high) == (1.0, 5.0)


def test_contrast_keeps_the_mean_and_multiplies_the_deviations():
    change = Contrast()
    change.low, change.high = -99.0, 99.0
    y = change.apply(PICTURES, (np.full(6, 1.5),))
    mean = PICTURES.mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(y - mean, 1.5 * (PICTURES - mean), atol=1e-12)


def test_erasing_covers_one_rectangle_of_the_share_that_it_says():
    ones = np.ones((400, 20, 30, 2))
    erasing = Erasing(0.75, smallest=0.1, largest=0.2, fill=-7.0)
    y = erasing.apply(ones, erasing.draw(400, (20, 30, 2), rng()))
    covered = y[..., 0] == -7.0
    np.testing.assert_array_equal(y, np.where(covered[..., None], -7.0, ones))
    share = covered.mean(axis=(1, 2))
    assert 0.65 < (share > 0).mean() < 0.85
    assert 0.08 < share[share > 0].min() < share.max() < 0.22
    for one in covered[share > 0]:
        rows, columns = np.flatnonzero(one.any(1)), np.flatnonzero(one.any(0))
        assert one[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()


@pytest.mark.parametrize("augmentation", OF_PICTURES, ids=repr)
def test_pictures_stay_as_they_were_given(augmentation):
    given = PICTURES.copy()
    seen = augmentation.sample(given, random_state=0)
    np.testing.assert_array_equal(given, PICTURES)
    assert not np.allclose(seen, PICTURES)
    np.testing.assert_array_equal(seen, augmentation.sample(given, random_state=0))
    assert not np.array_equal(seen, augmentation.sample(given, random_state=1))


@pytest.mark.parametrize("augmentation", OF_PICTURES, ids=repr)
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.bool_, np.float32])
def test_every_type_of_pixel_keeps_its_type_and_bounds(augmentation, dtype):
    pixels = np.random.RandomState(0).randint(256, size=(5, 8, 8))
    pixels[:, 0] = 0  # what fills gaps is there
    pictures = (pixels > 99) if dtype is np.bool_ else pixels.astype(dtype)
    seen = augmentation.sample(pictures, random_state=0)
    assert seen.dtype == dtype
    assert seen.shape == pictures.shape
    assert pictures.min() <= seen.min() <= seen.max() <= pictures.max()


@pytest.mark.parametrize("augmentation", OF_PICTURES, ids=repr)
def test_one_draw_for_all_samples_changes_them_alike(augmentation):
    augmentation.learn(PICTURES, None)
    drawn = augmentation.draw(1, PICTURES.shape[1:], rng(3))
    together = augmentation.apply(PICTURES, drawn).copy()
    for i in range(6):
        np.testing.assert_array_equal(
            augmentation.apply(PICTURES[i : i + 1], drawn)[0], together[i]
        )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Flip(1.5), r"Flip takes a horizontal of a number in \[0, 1\], got 1.5"),
        (lambda: Flip(True), "Flip takes a horizontal"),
        (lambda: Shift(1.5), r"Shift takes a height of a number in \[0, 1\], got 1.5"),
        (lambda: Shift(-1), "Shift takes a height of 0 or more, got -1"),
        (lambda: Shift(fill="zero"), "Shift takes a fill of 'edge' or a number, got 'zero'"),
        (lambda: Shift(fill=np.nan), "got nan"),
        (lambda: Crop(0), "Crop takes a smallest part above 0"),
        (lambda: Rotation(360), r"Rotation takes a degrees of a number in \[0, 180\]"),
        (lambda: Brightness("much"), "Brightness takes a strength"),
        (lambda: Erasing(smallest=0.3), r"Erasing takes a smallest of a number in \[0, 0.25\]"),
        (lambda: Flip().sample(np.ones((3, 4))), r"Flip is for pictures .* of shape \(3, 4\)"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
