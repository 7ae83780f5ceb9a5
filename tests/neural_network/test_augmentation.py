"""`augment` and `test_time_augmentation` of networks on pictures and on rows of a table."""

import pickle

import numpy as np
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_digits
from sklearn.model_selection import GridSearchCV

from skdeep import ConvNetClassifier, ConvNetRegressor, MLPClassifier, MLPRegressor
from skdeep.preprocessing import MixUp, Noise, Shift
from skdeep.preprocessing.augmentation import AUGMENTATIONS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_digits(return_X_y=True)
X, Y = X[:200] / 16, Y[:200]
NETWORKS = [
    MLPClassifier((16,), max_iter=3, random_state=0),
    ConvNetClassifier("4 | 8", max_iter=2, random_state=0),
    MLPRegressor(hidden_layer_sizes=(16,), max_iter=3, random_state=0),
    ConvNetRegressor(architecture="4 | 8", max_iter=2, random_state=0),
]


def name(estimator):
    return type(estimator).__name__


def small(**keywords):
    return MLPClassifier((16,), max_iter=3, random_state=0, **keywords)


@pytest.mark.parametrize("network", NETWORKS, ids=name)
@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_training_changes_follow_the_seed_and_predictions_see_samples_as_they_are(
    network, augmentation
):
    plain = clone(network).fit(X, Y)
    one, other = (clone(network).set_params(augment=augmentation).fit(X, Y) for _ in range(2))
    np.testing.assert_array_equal(one.network_.params, other.network_.params)
    assert not np.array_equal(one.network_.params, plain.network_.params)
    one.network_.params[...] = plain.network_.params
    one.network_.statistics[...] = plain.network_.statistics
    np.testing.assert_array_equal(one.predict(X), plain.predict(X))


@pytest.mark.parametrize("network", NETWORKS, ids=name)
def test_several_copies_are_averaged_the_same_way_each_time(network):
    averaged = clone(network).set_params(augment=("flip", "shift", "noise"))
    averaged.fit(X, Y)
    predict = getattr(averaged, "predict_proba", averaged.predict)
    plain = predict(X)
    averaged.set_params(test_time_augmentation=5)
    expected = 0.0
    x = averaged._inputs(averaged._check_X(X, reset=False))[0]
    for copy in averaged._augmenter.copies(x.astype(averaged.network_.dtype), 5):
        averaged.set_params(test_time_augmentation=1)
        expected = expected + predict(copy.reshape(X.shape)) / 5
    averaged.set_params(test_time_augmentation=5)
    found = predict(X)
    assert not np.allclose(found, plain)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_array_equal(found, predict(X))
    np.testing.assert_allclose(predict(X[50:60]), found[50:60], atol=1e-6)  # whatever the others
    stored = pickle.loads(pickle.dumps(averaged))
    np.testing.assert_array_equal(found, getattr(stored, predict.__name__)(X))


def test_early_stopping_goes_by_samples_as_they_are_whatever_scores_them():
    params = {"augment": "noise", "early_stopping": True, "validation_fraction": 0.5}
    scores = [
        small(**params, test_time_augmentation=n, scoring=scoring)
        .fit(X, Y)
        .history_["validation_score"]
        for n, scoring in ((1, None), (3, None), (3, "accuracy"))
    ]
    assert scores[0] == scores[1] == scores[2]


def test_training_alone_sees_changes_and_other_ones_each_epoch():
    seen = []

    def look(batch, rng):
        seen.append(batch.x.copy())
        return batch

    network = small(augment=("shift", look), shuffle=False, batch_size=200).fit(X, Y)
    assert len(seen) == 3
    assert not any(np.array_equal(x, X) for x in seen)
    assert not np.array_equal(seen[0], seen[1])
    network.predict(X)
    assert len(seen) == 3


def test_an_augmentation_that_does_nothing_changes_no_more_than_the_random_numbers():
    still = small(augment=Shift(0, 0), shuffle=False).fit(X, Y)
    plain = small(shuffle=False).fit(X, Y)
    np.testing.assert_allclose(still.coefs_[0], plain.coefs_[0], atol=1e-12)


def test_mixed_targets_go_with_weights_and_smoothing_and_with_two_classes():
    weight = np.random.RandomState(0).randint(0, 3, len(X)).astype(float)
    for y in (Y, Y % 2):
        for mixing in ("mixup", "cutmix"):
            network = small(augment=mixing, label_smoothing=0.1, class_weight="balanced")
            assert np.isfinite(network.fit(X, y, sample_weight=weight).loss_)
    several = np.stack([Y % 2, Y % 3 == 0], axis=1)
    assert small(augment="mixup").fit(X, several).predict(X).shape == (200, 2)


def test_mixup_of_one_class_with_itself_is_the_loss_of_that_class():
    same = np.repeat(X[:1], 60, axis=0)
    y = np.r_[np.zeros(59), 1.0]
    weight = np.r_[np.ones(59), 0.0]  # the other class counts nothing, and gives nothing
    mixed = small(augment=MixUp(1.0), shuffle=False, alpha=0.0).fit(same, y, sample_weight=weight)
    plain = small(shuffle=False, alpha=0.0).fit(same, y, sample_weight=weight)
    np.testing.assert_allclose(mixed.loss_curve_, plain.loss_curve_, rtol=1e-10)


def test_a_grid_search_chooses_among_augmentations():
    grid = {"augment": [None, "noise", ("shift", Noise(0.2)), Shift(1, 1, fill="edge")]}
    search = GridSearchCV(small(), grid, cv=2, n_jobs=2).fit(X, Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert "augment" in search.best_params_


def test_parameters_stay_as_given_and_show_themselves():
    given = ("flip", Shift(0.25))
    network = small(augment=given).fit(X, Y)
    assert network.get_params()["augment"] is given
    assert "augment=('flip', Shift(height=0.25, width=0.125, fill=0.0))" in repr(network)
    assert repr(clone(network)) == repr(network)


def test_streams_and_warm_starts_go_on():
    stream = small(augment=("shift", "noise"))
    for start in range(0, 200, 50):
        stream.partial_fit(X[start : start + 50], Y[start : start + 50], classes=range(10))
    assert stream.t_ == 200
    warm = small(augment="shift", warm_start=True).fit(X, Y)
    loss = warm.loss_
    assert warm.fit(X, Y).loss_ < loss
    assert warm.set_params(augment=None).fit(X, Y).n_iter_ == 3
    stored = pickle.loads(pickle.dumps(stream))
    stored.partial_fit(X, Y)
    stream.partial_fit(X, Y)
    np.testing.assert_array_equal(stored.network_.params, stream.network_.params)


def test_units_are_learned_from_the_samples_that_are_trained_on():
    x_val = np.vstack([X, 50 * X])
    y_val = np.r_[Y, Y]
    network = small(augment="brightness", early_stopping=True, validation_fraction=0.5)
    network.fit(x_val, y_val, sample_weight=np.r_[np.ones(200), np.full(200, 1e-9)])
    assert network._augmenter.steps[0].high > 1
    zero = small(augment="brightness").fit(
        x_val, y_val, sample_weight=np.r_[np.ones(200), np.zeros(200)]
    )
    assert zero._augmenter.steps[0].high == 1


def test_pixels_of_whole_numbers_are_changed_as_floats():
    pixels = (X * 255).astype(np.uint8).reshape(-1, 8, 8)
    network = ConvNetClassifier(
        "4 | 8", max_iter=2, random_state=0, augment=["rotation", "contrast"]
    )
    assert network.fit(pixels, Y).predict_proba(pixels).dtype == np.float32
    assert network.set_params(test_time_augmentation=3).score(pixels, Y) > 0


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"augment": "rotate"}, "The 'augment' parameter of MLPClassifier must be .*'rotation'"),
        ({"augment": ("flip", "up")}, "The 'augment' parameter of MLPClassifier"),
        ({"augment": Shift}, "such as Shift\\(0.2\\)"),
        ({"test_time_augmentation": 0}, "'test_time_augmentation' parameter"),
        ({"test_time_augmentation": 2}, "test_time_augmentation=2 copies that `augment` makes"),
        ({"augment": "flip", "solver": "lbfgs"}, "solver='lbfgs' sees the same data"),
        ({"augment": "flip", "image_shape": (3, 3)}, r"3 \* 3 \* 1 = 9 numbers a picture, but X"),
        ({"augment": "flip", "image_shape": (0, 3)}, "'image_shape' parameter"),
    ],
)
def test_what_makes_no_sense_is_refused(params, message):
    with pytest.raises(ValueError, match=message):
        small(**params).fit(X, Y)


def test_rows_that_are_no_pictures_and_sparse_rows_are_refused():
    rows, numbers = load_diabetes(return_X_y=True)
    with pytest.raises(ValueError, match="10 features, which make no square picture"):
        MLPRegressor(augment="shift").fit(rows, numbers)
    MLPRegressor(augment="shift", image_shape=(2, 5), max_iter=1).fit(rows, numbers)
    with pytest.raises(ValueError, match="cannot change a sparse X"):
        small(augment="noise").fit(scipy.sparse.csr_matrix(X), Y)


def test_copies_are_refused_where_fit_had_nothing_to_make_them():
    network = small().fit(X, Y).set_params(test_time_augmentation=3, augment="flip")
    with pytest.raises(ValueError, match="which was None in fit"):
        network.predict(X)
