"""What augmentation does to rows of a table, and to targets of samples that are mixed."""

import pickle

import numpy as np
import pytest

from skdeep.nn import Batch
from skdeep.preprocessing import CutMix, Flip, MixUp, Noise, Shift, SwapNoise
from skdeep.preprocessing.augmentation import AUGMENTATIONS, Augmenter
from skdeep.preprocessing.augmentation.mixing import partners

ROWS = np.random.RandomState(0).normal(size=(300, 4)) * [1, 10, 1e-3, 0] + [0, 5, 0, 3]
LABELS = np.arange(300) % 3


def rng(seed=0):
    return np.random.default_rng(seed)


def test_noise_is_in_the_units_of_each_feature():
    noise = Noise(0.5)
    weight = np.r_[np.ones(200), np.zeros(100)]
    noise.learn(ROWS, weight)
    np.testing.assert_allclose(noise.deviation, ROWS[:200].std(axis=0), atol=1e-12)
    many = np.repeat(ROWS[:1], 20000, axis=0)
    added = noise.apply(many, noise.draw(20000, (4,), rng())) - many
    np.testing.assert_allclose(added.std(axis=0), 0.5 * noise.deviation, rtol=0.03)
    np.testing.assert_allclose(added.mean(axis=0) / [1, 10, 1e-3, 1], 0, atol=0.02)
    assert (added[:, 3] == 0).all()  # a constant stays one


def test_the_moments_of_noise_are_those_of_the_normal_distribution():
    noise = Noise(1.0)
    noise.learn(np.array([[-1.0], [1.0]]), None)
    (z,) = noise.draw(2**20, (1,), rng())
    moments = [(z**k).mean() for k in range(1, 5)]
    np.testing.assert_allclose(moments, [0, 1, 0, 3], atol=0.03)
    assert 4.2 < np.abs(z).max() < 6.1


def test_noise_of_features_and_of_samples_is_independent():
    noise = Noise(1.0)
    noise.learn(np.array([[-1.0] * 40, [1.0] * 40]), None)
    (z,) = noise.draw(20000, (40,), rng())
    assert np.abs(np.corrcoef(z.T) - np.eye(40)).max() < 0.04
    assert np.abs((z[1:] * z[:-1]).mean(axis=0)).max() < 0.04
    assert len(np.unique(z[:, 0] * 1e3 + z[:, 1])) > 19900


@pytest.mark.parametrize("size", [2**14, 2**14 + 1])
def test_noise_of_many_features_does_not_come_again(size):
    noise = Noise(1.0)
    noise.learn(np.array([[-1.0], [1.0]]), None)
    first, second = noise.draw(2, (size,), rng())[0]
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05
    assert abs(first.std() - 1) < 0.02
    assert len(np.unique(first)) > 0.8 * size


def test_swapped_entries_come_from_the_same_feature_at_the_rate_that_it_says():
    X = np.arange(4000.0).reshape(1000, 4)
    swap = SwapNoise(0.3)
    seen = swap.apply(X, swap.draw(1000, (4,), rng()))
    assert ((seen - X) % 4 == 0).all()
    assert abs((seen != X).mean() - 0.3) < 0.03
    np.testing.assert_array_equal(SwapNoise(0.0).sample(X), X)
    assert (SwapNoise(1.0).sample(X, random_state=0) != X).mean() > 0.99


def test_rows_of_weight_zero_give_nothing_to_others():
    weight = np.r_[np.zeros(100), np.ones(200)]
    swap, X = SwapNoise(0.5), np.arange(300.0)[:, None]
    seen = swap.apply(X, swap.draw(300, (1,), rng(), weight))
    assert (seen[seen != X] >= 100).all()
    assert partners(300, rng(), weight).min() >= 100


def test_partners_are_taken_once_each_or_as_often_as_they_count():
    np.testing.assert_array_equal(np.sort(partners(50, rng())), np.arange(50))
    found = partners(40000, rng(), np.tile([1.0, 0.0, 3.0, 0.0], 10000)) % 4
    np.testing.assert_allclose(
        np.bincount(found, minlength=4) / 40000, [0.25, 0, 0.75, 0], atol=0.02
    )
    np.testing.assert_array_equal(partners(3, rng(), np.zeros(3)), np.arange(3))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mixup_lies_between_two_samples_and_two_targets(dtype):
    x = ROWS.astype(dtype)
    mixup = MixUp(alpha=1.0)
    mixup.n_classes = 3
    mixup.settle(np, dtype)
    drawn = mixup.draw(300, (4,), rng())
    batch = mixup.of_batch(Batch(x, LABELS), drawn)
    partner, share = drawn
    assert batch.x.dtype == batch.target.dtype == dtype
    for i in (0, 7, 299):
        own, j = share[i], partner[i]
        np.testing.assert_allclose(batch.x[i], own * x[i] + (1 - own) * x[j], rtol=1e-5)
        expected = np.zeros(3)
        expected[LABELS[i]] += own
        expected[LABELS[j]] += 1 - own
        np.testing.assert_allclose(batch.target[i], expected, rtol=1e-5)


def test_mixup_of_numbers_and_of_several_outputs_mixes_them():
    for target in (ROWS[:, :1], ROWS):
        mixup = MixUp(alpha=0.5)
        drawn = mixup.draw(300, (4,), rng())
        mixed = mixup.of_batch(Batch(ROWS, target), drawn).target
        share = drawn[1][:, None]
        np.testing.assert_allclose(mixed, share * target + (1 - share) * target[drawn[0]])


@pytest.mark.parametrize("kind", [MixUp, CutMix])
def test_classes_keep_what_they_count_together(kind):
    weight = np.where(LABELS == 0, 5.0, 1.0)
    x = np.zeros((300, 8, 8, 1))
    mixing, shares = kind(), []
    mixing.n_classes = 3
    for seed in range(200):
        drawn = mixing.draw(300, x.shape[1:], rng(seed), weight)
        batch = mixing.of_batch(Batch(x, LABELS, weight), drawn)
        np.testing.assert_allclose(batch.target.sum(axis=1), 1)
        shares.append(weight @ batch.target / weight.sum())
    np.testing.assert_allclose(np.mean(shares, axis=0), [5 / 7, 1 / 7, 1 / 7], atol=0.01)


def test_the_share_of_a_mixture_is_that_of_beta_or_all():
    shares = MixUp(alpha=0.3, probability=0.5).draw(20000, (4,), rng())[1]
    assert abs((shares == 1).mean() - 0.5) < 0.02
    drawn = shares[shares < 1]
    assert abs(drawn.mean() - 0.5) < 0.02
    assert abs(drawn.var() - 0.25 / 1.6) < 0.01  # of Beta(a, a): 1 / (4 (2 a + 1))


def test_cutmix_counts_the_pixels_of_both_pictures():
    cutmix = CutMix()
    cutmix.n_classes = 300
    place = np.arange(60).reshape(6, 10, 1) / 60
    x = np.arange(300.0)[:, None, None, None] + place
    drawn = cutmix.draw(300, x.shape[1:], rng())
    batch = cutmix.of_batch(Batch(x, np.arange(300)), drawn)
    np.testing.assert_allclose(batch.x % 1, np.broadcast_to(place, x.shape), atol=1e-12)
    for i in range(300):
        counts = np.bincount(batch.x[i].astype(int).ravel(), minlength=300) / 60
        np.testing.assert_allclose(batch.target[i], counts, atol=1e-12)
    own = batch.target[np.arange(300), np.arange(300)]
    assert own.min() < 0.3
    assert 0.45 < own.mean() < 0.75  # more than a half: rectangles are cut at the border


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_the_same_seed_gives_the_same_bits_and_the_data_stay(name):
    x = np.random.RandomState(0).uniform(size=(20, 8, 8, 1))
    given = x.copy()
    found = []
    for seed in (0, 0, 1):
        augmenter = Augmenter([name], (8, 8, 1), n_classes=3)
        augmenter.learn(x, None)
        batch = augmenter(Batch(x, LABELS[:20]), rng(seed))
        found.append((batch.x.copy(), np.array(batch.target)))
    np.testing.assert_array_equal(x, given)
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])
    assert not np.array_equal(found[0][0], found[2][0])


@pytest.mark.parametrize("name", AUGMENTATIONS)
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("channels_first", [False, True])
def test_pictures_may_be_rows_and_have_their_channels_first(name, flat, channels_first):
    x = np.random.RandomState(0).uniform(size=(10, 5, 7, 3))
    plain = Augmenter([name], (5, 7, 3), n_classes=3)
    plain.learn(x, None)
    expected = plain(Batch(x, LABELS[:10]), rng()).x
    outside = np.moveaxis(x, 3, 1).copy() if channels_first else x
    augmenter = Augmenter([name], (5, 7, 3), channels_first=channels_first, n_classes=3)
    outside = outside.reshape(10, -1) if flat else outside
    augmenter.learn(outside, None)
    seen = augmenter(Batch(outside, LABELS[:10]), rng()).x
    assert seen.shape == outside.shape
    seen = seen.reshape((10, 3, 5, 7) if channels_first else (10, 5, 7, 3))
    np.testing.assert_array_equal(np.moveaxis(seen, 1, 3) if channels_first else seen, expected)


def test_several_work_one_after_the_other_and_functions_among_them():
    x = np.arange(9.0).reshape(1, 9)

    def negative(batch, rng):
        return batch._replace(x=-batch.x)

    augmenter = Augmenter([Flip(1.0), negative, Flip(0.0, 1.0)], (3, 3, 1))
    seen = augmenter(Batch(x, None), rng()).x
    np.testing.assert_array_equal(seen, -x[:, ::-1])


def test_copies_begin_with_the_samples_and_leave_out_what_mixes():
    x = np.random.RandomState(0).uniform(size=(4, 6, 6, 1))
    augmenter = Augmenter(["flip", "mixup", "cutmix", "swap", "erasing"], (6, 6, 1), n_classes=2)
    seen = [copy.copy() for copy in augmenter.copies(x, 4)]
    for copy, flipped in zip(seen, (False, True, False, True), strict=True):
        np.testing.assert_array_equal(copy, x[:, :, ::-1] if flipped else x)


def test_an_augmenter_is_pickled_with_what_it_has_learned():
    augmenter = Augmenter([Noise(0.2), "brightness", Shift(1)], (2, 2, 1), seed=3)
    augmenter.learn(ROWS, None)
    twin = pickle.loads(pickle.dumps(augmenter))
    for one, other in zip(augmenter.copies(ROWS, 3), twin.copies(ROWS, 3), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MixUp(0), "MixUp takes an alpha above 0, got 0"),
        (lambda: CutMix(1.0, 2.0), r"CutMix takes a probability of a number in \[0, 1\], got 2.0"),
        (lambda: Noise(-1), "Noise takes a scale of 0 or more, got -1"),
        (lambda: SwapNoise(1.1), "SwapNoise takes a rate"),
        (lambda: Noise().sample(np.ones(3)), r"Noise takes rows, got an array of shape \(3,\)"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
