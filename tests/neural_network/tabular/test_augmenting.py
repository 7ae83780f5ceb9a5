"""`augment` and `test_time_augmentation` of networks on raw tables."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skdeep import TabularNetClassifier, TabularNetRegressor
from skdeep.neural_network.tabular.rows.augmenting import TableAugmenter
from skdeep.nn import Batch
from skdeep.preprocessing import Noise, Shift, SwapNoise

CHEAP = {"preset": "fast", "max_iter": 4, "random_state": 0}
RANDOM = np.random.default_rng(0)
N = 120
TABLE = pd.DataFrame(
    {
        "number": RANDOM.normal(size=N),
        "holes": np.where(RANDOM.random(N) < 0.3, np.nan, RANDOM.normal(size=N)),
        "kind": RANDOM.choice(["a", "b", "c", "d"], N),
        "two": RANDOM.choice(["yes", "no"], N),
    }
)
LABEL = np.where(TABLE.number + (TABLE.kind == "a") > 0, "high", "low")
NETWORKS = [TabularNetClassifier(**CHEAP), TabularNetRegressor(**CHEAP)]


def name(estimator):
    return type(estimator).__name__


def predict(estimator, X=TABLE):
    return getattr(estimator, "predict_proba", estimator.predict)(X)


def targets(estimator):
    return LABEL if "Classifier" in name(estimator) else TABLE.number


@pytest.mark.parametrize("network", NETWORKS, ids=name)
@pytest.mark.parametrize("augment", ["noise", "swap", (Noise(0.3), SwapNoise(0.2))], ids=str)
def test_training_sees_other_rows_by_the_seed_alone(network, augment):
    y = targets(network)
    plain = clone(network).fit(TABLE, y)
    one, other = (clone(network).set_params(augment=augment).fit(TABLE, y) for _ in range(2))
    np.testing.assert_array_equal(predict(one), predict(other))
    assert not np.allclose(predict(one), predict(plain))
    np.testing.assert_array_equal(predict(pickle.loads(pickle.dumps(one))), predict(one))


def changed(steps, n_rows=N):
    """Return a batch of all rows of an augmented view beside what came in."""
    network = clone(NETWORKS[0]).set_params(augment=steps).fit(TABLE, LABEL)
    architecture = network._architectures[0]
    features = network._features(TABLE)
    inputs = architecture.inputs_of_members(features)
    x = tuple(part.astype(np.float32) if part.dtype.kind == "f" else part for part in inputs)
    weight = np.ones((N, x[0].shape[1]))
    weight[n_rows:] = 0
    batch = Batch(x, None, weight if n_rows < N else None)
    of_view = network._augmenter.of(architecture)
    return x, of_view(batch, np.random.default_rng(0)).x, of_view.sources


def test_noise_moves_numbers_alone_in_units_of_their_deviations():
    before, after, _ = changed(Noise(0.5))
    moved = after[0] - before[0]
    np.testing.assert_allclose(moved.std(axis=(0, 1)), 0.5 * before[0][:, 0].std(axis=0), rtol=0.1)
    for old, new in zip(before[1:], after[1:], strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("n_rows", [N, 10])
def test_a_swapped_cell_is_that_of_another_row_with_all_that_belongs_to_it(n_rows):
    before, after, sources = changed(SwapNoise(0.4), n_rows)
    joined = [np.concatenate(parts, axis=2) for parts in (before, after)]
    source = np.concatenate(sources)
    assert set(source) == {0, 1, 2, 3}
    assert (source == 1).sum() == 2  # the number, and whether it is missing
    for column in range(4):
        old, new = (part[:, :, source == column] for part in joined)
        known = {row.tobytes() for row in old[:n_rows].reshape(-1, old.shape[2])}
        differs = (old != new).any(axis=2)
        assert {row.tobytes() for row in new[differs]} <= known
        if column == 0 and n_rows == N:
            assert 0.33 < differs.mean() < 0.45


@pytest.mark.parametrize("network", NETWORKS, ids=name)
def test_copies_are_averaged_and_no_row_depends_on_the_others(network):
    averaged = clone(network).set_params(augment=("swap", Noise(0.5)), test_time_augmentation=4)
    found = predict(averaged.fit(TABLE, targets(network)))
    copies = averaged._augmenter.copies(averaged._features(TABLE), 4)
    expected = averaged._of_average(sum(map(averaged._mixed_of, copies)) / 4)
    if "Regressor" in name(network):
        expected = averaged._targets.decode(expected).clip(*averaged._range)
    np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(predict(averaged, TABLE[7:9]), found[7:9])
    assert not np.allclose(found, predict(averaged.set_params(test_time_augmentation=1)))


def test_streams_and_warm_starts_go_on():
    stream = clone(NETWORKS[0]).set_params(augment=("noise", "swap"))
    for start in (0, 60):
        rows = slice(start, start + 60)
        stream.partial_fit(TABLE[rows], LABEL[rows], classes=["high", "low"])
    assert stream.n_iter_ == 2
    warm = clone(NETWORKS[0]).set_params(augment="noise", warm_start=True)
    assert warm.fit(TABLE, LABEL).fit(TABLE, LABEL).score(TABLE, LABEL) > 0.7


def test_a_table_without_numbers_takes_noise_that_does_nothing():
    kinds = TABLE[["kind", "two"]]
    still = clone(NETWORKS[0]).set_params(augment="noise").fit(kinds, LABEL)
    assert np.isfinite(still.predict_proba(kinds)).all()


def test_they_work_in_a_grid_search():
    grid = {"augment": [None, "noise", SwapNoise(0.05)]}
    search = GridSearchCV(NETWORKS[0], grid, cv=2).fit(TABLE, LABEL)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_what_makes_no_sense_is_refused():
    for wrong in ("flip", Shift(1), [], 3, ("noise", "mixup")):
        if wrong != []:
            with pytest.raises(ValueError, match="The 'augment' parameter of TabularNetClassifier"):
                clone(NETWORKS[0]).set_params(augment=wrong).fit(TABLE, LABEL)
    with pytest.raises(ValueError, match="copies that `augment` makes, which is None"):
        clone(NETWORKS[0]).set_params(test_time_augmentation=3).fit(TABLE, LABEL)
    fitted = clone(NETWORKS[0]).fit(TABLE, LABEL).set_params(test_time_augmentation=3)
    with pytest.raises(ValueError, match="which was None in fit"):
        fitted.predict(TABLE)


def test_the_users_noise_stays_as_it_is():
    noise = Noise(0.2)
    network = clone(NETWORKS[0]).set_params(augment=noise).fit(TABLE, LABEL)
    assert noise.deviation is None
    assert isinstance(network._augmenter, TableAugmenter)
