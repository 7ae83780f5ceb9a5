"""Validation samples, early stopping, and the record of every epoch."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import (
    log_loss,
    make_scorer,
    mean_absolute_error,
    r2_score,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import MLPClassifier, MLPRegressor
from tests import data

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

COLUMNS = [
    "epoch",
    "loss",
    "learning_rate",
    "gradient_norm",
    "seconds",
]
VALIDATION_COLUMNS = [*COLUMNS, "validation_loss", "validation_score"]


def cancer():
    X, y = data.cancer()
    return X[:300], y[:300], X[300:450], y[300:450]


def diabetes():
    X, y = data.diabetes()
    return X[:250], y[:250], X[250:], y[250:]


SMALL = {"hidden_layer_sizes": (8,), "max_iter": 12, "random_state": 0}


# Samples of one's own


@pytest.mark.parametrize("params", [{}, {"batch_norm": True, "dropout": 0.2}], ids=str)
def test_validation_is_the_loss_and_score_of_each_epochs_network(params):
    X, y, X_val, y_val = cancer()
    model = MLPClassifier(**SMALL | params).fit(X, y, X_val=X_val, y_val=y_val)
    assert len(model.validation_loss_curve_) == len(model.validation_scores_) == model.n_iter_ == 12
    assert model.validation_scores_[-1] == model.score(X_val, y_val)
    loss = log_loss(y_val, model.predict_proba(X_val))
    assert model.validation_loss_curve_[-1] == pytest.approx(loss)
    assert model.best_validation_score_ == max(model.validation_scores_)


def test_validation_changes_nothing_in_the_training():
    X, y, X_val, y_val = cancer()
    alone = MLPClassifier(**SMALL).fit(X, y)
    watched = MLPClassifier(**SMALL).fit(X, y, X_val=X_val, y_val=y_val)
    np.testing.assert_array_equal(alone.coefs_[0], watched.coefs_[0])
    assert alone.loss_curve_ == watched.loss_curve_
    assert alone.best_loss_ == watched.best_loss_
    assert alone.validation_scores_ is None
    assert alone.validation_loss_curve_ is None


def test_validation_weights_count_in_loss_and_score():
    X, y, X_val, y_val = cancer()
    times = np.random.RandomState(0).randint(0, 3, len(y_val))
    weighted = MLPClassifier(**SMALL).fit(X, y, X_val=X_val, y_val=y_val, sample_weight_val=times)
    repeated = MLPClassifier(**SMALL).fit(
        X, y, X_val=np.repeat(X_val, times, axis=0), y_val=np.repeat(y_val, times)
    )
    np.testing.assert_allclose(weighted.validation_loss_curve_, repeated.validation_loss_curve_)
    np.testing.assert_allclose(weighted.validation_scores_, repeated.validation_scores_)


def test_a_regressors_validation_is_in_the_units_of_the_target():
    X, y, X_val, y_val = diabetes()
    model = MLPRegressor(**SMALL, standardize_target=True).fit(X, y, X_val=X_val, y_val=y_val)
    assert model.validation_scores_[-1] == pytest.approx(r2_score(y_val, model.predict(X_val)))
    z = (y_val - model.predict(X_val)) / model.target_scale_
    assert model.validation_loss_curve_[-1] == pytest.approx((z**2).mean() / 2)


def test_they_go_through_a_pipeline():
    X, y, X_val, y_val = cancer()
    X, X_val = 100 + 50 * X, 100 + 50 * X_val
    weight = np.linspace(0, 2, len(y_val))
    with config_context(enable_metadata_routing=True):
        mlp = MLPClassifier(**SMALL, early_stopping=True).set_fit_request(
            X_val=True, y_val=True, sample_weight_val=True
        )
        model = Pipeline(
            [("scale", StandardScaler()), ("mlp", mlp)], transform_input=["X_val"]
        ).fit(X, y, X_val=X_val, y_val=y_val, sample_weight_val=weight)
    scaler = StandardScaler().fit(X)
    direct = MLPClassifier(**SMALL, early_stopping=True).fit(
        scaler.transform(X),
        y,
        X_val=scaler.transform(X_val),
        y_val=y_val,
        sample_weight_val=weight,
    )
    assert model["mlp"].validation_loss_curve_ == direct.validation_loss_curve_
    np.testing.assert_array_equal(model.predict_proba(X), direct.predict_proba(scaler.transform(X)))


def test_early_stopping_takes_them_and_trains_on_all_of_X():
    X, y, X_val, y_val = cancer()
    model = MLPClassifier(**SMALL, early_stopping=True).fit(X, y, X_val=X_val, y_val=y_val)
    assert model.t_ == len(X) * model.n_iter_
    own_part = MLPClassifier(**SMALL, early_stopping=True).fit(X, y)
    assert own_part.t_ == 270 * own_part.n_iter_


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (lambda X, y: {"X_val": X}, "X_val is provided, but y_val was not"),
        (lambda X, y: {"y_val": y}, "y_val is provided, but X_val was not"),
        (lambda X, y: {"sample_weight_val": np.ones(len(y))}, "sample_weight_val is provided"),
        (lambda X, y: {"X_val": X[:, 1:], "y_val": y}, "29 features.*30 features"),
        (lambda X, y: {"X_val": X[1:], "y_val": y}, "inconsistent numbers of samples"),
        (lambda X, y: {"X_val": X, "y_val": y + 1}, r"`y_val` has classes not in.*\[2\]"),
        (lambda X, y: {"X_val": X * np.nan, "y_val": y}, "NaN"),
        (
            lambda X, y: {"X_val": X, "y_val": y, "sample_weight_val": -np.ones(len(y))},
            "sample_weight_val must not be negative",
        ),
        (
            lambda X, y: {"X_val": X, "y_val": y, "sample_weight_val": np.zeros(len(y))},
            "sample_weight_val.*zero",
        ),
    ],
)
def test_validation_samples_that_do_not_fit_are_refused(given, message):
    X, y, X_val, y_val = cancer()
    model = MLPClassifier(**SMALL)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y, **given(X_val, y_val))
    assert vars(model) == model.get_params()


def test_validation_targets_have_as_many_outputs():
    X, y, X_val, y_val = diabetes()
    with pytest.raises(ValueError, match=r"2 outputs.*1"):
        MLPRegressor(**SMALL).fit(X, y, X_val=X_val, y_val=np.column_stack([y_val, y_val]))


def test_data_frames_keep_their_names():
    X, y, X_val, y_val = cancer()
    names = [f"x{i}" for i in range(30)]
    frame, frame_val = pd.DataFrame(X, columns=names), pd.DataFrame(X_val, columns=names)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        MLPClassifier(**SMALL, scoring="roc_auc").fit(frame, y, X_val=frame_val, y_val=y_val)
        with pytest.raises(ValueError, match="feature names should match"):
            MLPClassifier(**SMALL).fit(
                frame, y, X_val=frame_val.rename(columns={"x3": "other"}), y_val=y_val
            )


# Early stopping


def mean_absolute(estimator, X, y):
    return -np.abs(estimator.predict(X) - y).mean()


@pytest.mark.parametrize(
    ("scoring", "score"),
    [
        (None, r2_score),
        ("neg_mean_absolute_error", lambda y, p: -mean_absolute_error(y, p)),
        (mean_absolute, lambda y, p: -np.abs(p - y).mean()),
        (make_scorer(mean_absolute_error, greater_is_better=False), None),
    ],
)
def test_progress_is_measured_by_any_scorer(scoring, score):
    X, y, X_val, y_val = diabetes()
    model = MLPRegressor(
        **SMALL | {"max_iter": 60, "learning_rate_init": 0.05},
        standardize_target=True,
        early_stopping=True,
        n_iter_no_change=3,
        scoring=scoring,
    ).fit(X, y, X_val=X_val, y_val=y_val)
    score = score or (lambda y, p: -mean_absolute_error(y, p))
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert score(y_val, model.predict(X_val)) == pytest.approx(
        model.best_validation_score_, rel=1e-12
    )
    assert model.n_iter_ < 60


def test_progress_is_measured_by_probabilities_too():
    X, y, X_val, y_val = cancer()
    model = MLPClassifier(**SMALL, early_stopping=True, scoring="neg_log_loss")
    model.fit(X, y, X_val=X_val, y_val=y_val)
    np.testing.assert_allclose(
        model.validation_scores_, -np.array(model.validation_loss_curve_), rtol=1e-6
    )


def test_validation_samples_may_lack_classes_that_a_score_of_probabilities_needs():
    X, y, X_val, y_val = cancer()
    y, y_val = np.where(np.arange(300) < 3, 2, y), y_val[:50]
    model = MLPClassifier(**SMALL, early_stopping=True, scoring="neg_log_loss")
    model.fit(X, y, X_val=X_val[:50], y_val=y_val)
    expected = -log_loss(y_val, model.predict_proba(X_val[:50]), labels=[0, 1, 2])
    assert model.best_validation_score_ == pytest.approx(expected, rel=1e-6)
    model.set_params(scoring=lambda net, X, y: -log_loss(y, net.predict_proba(X)))
    with pytest.raises(ValueError, match=r"lack some of the classes, which scoring=.*: .*X_val"):
        model.fit(X, y, X_val=X_val[:50], y_val=y_val)


def test_by_the_loss_the_best_epoch_is_the_one_of_lowest_loss():
    X, y, X_val, y_val = diabetes()
    model = MLPRegressor(
        hidden_layer_sizes=(50,),
        standardize_target=True,
        early_stopping=True,
        scoring="loss",
        tol=0.0,
        learning_rate_init=0.05,
        n_iter_no_change=4,
        random_state=0,
    ).fit(X, y, X_val=X_val, y_val=y_val)
    losses = np.array(model.validation_loss_curve_)
    assert model.best_validation_score_ == -losses.min()
    assert model.n_iter_ == losses.argmin() + 6 < 200
    z = (y_val - model.predict(X_val)) / model.target_scale_
    assert (z**2).mean() / 2 == pytest.approx(losses.min(), rel=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "params",
    [{}, {"batch_norm": True}, {"batch_norm": True, "dropout": 0.3, "batch_size": 16}],
    ids=str,
)
def test_the_best_epochs_network_is_restored_whole(params, dtype):
    X, y = data.digits(600)
    X, y, X_val, y_val = X[:300], y[:300], X[300:], y[300:]
    model = MLPClassifier(
        (20,), early_stopping=True, learning_rate_init=0.05, n_iter_no_change=5, max_iter=40,
        random_state=0, dtype=dtype, **params,
    ).fit(X, y, X_val=X_val, y_val=y_val)  # fmt: skip
    scores = model.validation_scores_
    assert np.argmax(scores) < len(scores) - 1  # there is something to restore
    assert model.score(X_val, y_val) == model.best_validation_score_ == max(scores)
    of_right_class = model.predict_proba(X_val)[np.arange(300), y_val]
    assert -np.log(of_right_class).mean() == pytest.approx(
        model.validation_loss_curve_[int(np.argmax(scores))], rel=1e-5
    )


def test_a_best_epoch_whose_network_was_not_kept_is_no_score_to_beat():
    """The best epoch of a fit without early stopping is gone; the next fit must not go by it."""
    random = np.random.RandomState(0)
    X = random.standard_normal((200, 5))
    y = X[:, 0] + 0.5 * random.standard_normal(200)
    validation = {"X_val": X[100:], "y_val": y[100:]}
    model = MLPRegressor(hidden_layer_sizes=(50,), max_iter=150, random_state=0, warm_start=True)
    model.set_params(learning_rate_init=0.02, tol=0, n_iter_no_change=1000)
    model.fit(X[:60], y[:60], **validation)
    lost, last = model.best_validation_score_, model.validation_scores_[-1]
    assert last < lost
    model.set_params(early_stopping=True, alpha=50.0, max_iter=20)
    model.fit(X[:60], y[:60], **validation)
    kept = max(model.validation_scores_[-20:])
    assert last < kept < lost
    assert model.score(X[100:], y[100:]) == model.best_validation_score_ == kept
    assert model.best_loss_ is None


def test_with_a_scorer_that_knows_nothing_the_trained_network_is_kept():
    X, y, X_val, y_val = cancer()
    model = MLPClassifier(
        **SMALL | {"max_iter": 60}, early_stopping=True, scoring=lambda estimator, X, y: np.nan
    ).fit(X, y, X_val=X_val, y_val=y_val)
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize("scoring", ["acuracy", 3, ["accuracy"]], ids=str)
def test_a_scorer_that_does_not_exist_is_refused_before_any_work(scoring):
    X, y, *_ = cancer()
    model = MLPClassifier(**SMALL, scoring=scoring)
    with pytest.raises(ValueError, match=r"'scoring' parameter of MLPClassifier.*get_scorer_names"):
        model.fit(X, y)
    assert vars(model) == model.get_params()


@pytest.mark.filterwarnings("ignore:.*solver='lbfgs'")
def test_lbfgs_records_but_does_not_stop():
    X, y, X_val, y_val = cancer()
    params = SMALL | {"solver": "lbfgs", "max_iter": 20}
    plain = MLPClassifier(**params).fit(X, y)
    for early_stopping in (False, True):
        model = MLPClassifier(**params, early_stopping=early_stopping, n_iter_no_change=1, tol=1e-4)
        model.fit(X, y, X_val=X_val, y_val=y_val)
        np.testing.assert_array_equal(model.coefs_[0], plain.coefs_[0])
        assert len(model.validation_scores_) == len(model.loss_curve_) == 20
        assert model.validation_scores_[-1] == model.score(X_val, y_val)
        assert model.validation_loss_curve_[-1] == pytest.approx(
            log_loss(y_val, model.predict_proba(X_val))
        )
    normalized = MLPClassifier(**params, batch_norm=True).fit(X, y, X_val=X_val, y_val=y_val)
    assert normalized.validation_loss_curve_[-1] == pytest.approx(
        log_loss(y_val, normalized.predict_proba(X_val))
    )


@pytest.mark.parametrize("weight", [None, "held out"])
def test_a_part_set_aside_is_neither_trained_on_nor_without_weight(weight):
    X, y, *_ = cancer()
    if weight is None:
        with pytest.raises(ValueError, match="validation set is too small"):
            MLPRegressor(**SMALL, early_stopping=True, validation_fraction=0.1).fit(X[:8], y[:8])
        return
    rows = np.zeros(len(X))
    rows[0] = 1.0
    with pytest.raises(ValueError, match=r"All samples of the (training|validation) part"):
        MLPRegressor(**SMALL, early_stopping=True).fit(X, y, rows)


def test_early_stopping_wants_a_part_to_stop_by():
    X, y, *_ = cancer()
    with pytest.raises(ValueError, match="'validation_fraction' above 0"):
        MLPClassifier(**SMALL, early_stopping=True, validation_fraction=0.0).fit(X, y)


def test_weights_that_a_scorer_does_not_take_are_not_dropped_silently():
    X, y, X_val, y_val = cancer()
    model = MLPRegressor(**SMALL, scoring=mean_absolute)
    with pytest.raises(ValueError, match=r"scoring=<function .* takes no sample_weight"):
        model.fit(X, y, X_val=X_val, y_val=y_val, sample_weight_val=np.ones(len(y_val)))
    assert vars(model) == model.get_params()


# The record


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("validated", [False, True])
def test_history_is_a_table_of_the_epochs(solver, validated):
    X, y, X_val, y_val = cancer()
    given = {"X_val": X_val, "y_val": y_val} if validated else {}
    model = MLPClassifier(**SMALL, solver=solver).fit(X, y, **given)
    table = pd.DataFrame(model.history_)
    assert list(table) == (VALIDATION_COLUMNS if validated else COLUMNS)
    assert list(table["epoch"]) == list(range(1, 13))
    assert list(table["loss"]) == model.loss_curve_
    assert (table["gradient_norm"] > 0).all()
    assert (table["seconds"] >= 0).all()
    if validated:
        assert list(table["validation_loss"]) == model.validation_loss_curve_
        assert list(table["validation_score"]) == model.validation_scores_


def test_a_warm_start_goes_on_in_the_same_table():
    X, y, X_val, y_val = cancer()
    model = MLPClassifier(**SMALL | {"max_iter": 3}, warm_start=True)
    model.fit(X, y)
    model.fit(X, y, X_val=X_val, y_val=y_val)
    model.fit(X, y)
    table = pd.DataFrame(model.history_)
    assert list(table["epoch"]) == list(range(1, 10))
    assert list(table["validation_loss"].isna()) == [True] * 3 + [False] * 3 + [True] * 3
    assert len(model.validation_scores_) == len(model.validation_loss_curve_) == 3
    assert len(model.loss_curve_) == 9
    assert model.n_iter_ == 3


def test_partial_fit_goes_on_in_the_same_table():
    X, y, *_ = cancer()
    model = MLPClassifier(**SMALL)
    for _ in range(4):
        model.partial_fit(X, y, classes=[0, 1])
    assert list(pd.DataFrame(model.history_)["epoch"]) == [1, 2, 3, 4]
    assert len(model.loss_curve_) == 4


def test_a_new_fit_starts_a_new_table():
    X, y, X_val, y_val = cancer()
    model = MLPClassifier(**SMALL).fit(X, y, X_val=X_val, y_val=y_val)
    model.fit(X, y)
    assert list(model.history_) == COLUMNS
    assert model.validation_scores_ is None
    assert len(model.loss_curve_) == 12


def test_the_gradient_norm_is_of_the_last_batch():
    X, y, *_ = diabetes()
    params = SMALL | {"solver": "sgd", "momentum": 0.0, "alpha": 0.0, "max_iter": 1}
    params |= {"batch_size": len(X), "learning_rate_init": 1e-8}
    model = MLPRegressor(**params).fit(X, y)
    start = MLPRegressor(**params | {"learning_rate_init": 1e-300}).fit(X, y)
    step = model.network_.params - start.network_.params
    assert np.linalg.norm(step) / 1e-8 == pytest.approx(
        model.history_["gradient_norm"][0], rel=1e-4
    )


def test_validation_samples_that_a_pipeline_has_not_scaled_are_noticed():
    X, y, X_val, y_val = cancer()
    model = MLPClassifier(**SMALL)
    with pytest.warns(
        UserWarning, match=r"X_val is on another scale than X in \d+ of 30.*transform_"
    ):
        model.fit(X, y, X_val=10 * X_val + 100, y_val=y_val)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y, X_val=X_val, y_val=y_val)
        model.fit(X, y, X_val=X_val[:3] + 100, y_val=y_val[:3])  # too few to tell


def test_too_few_samples_for_early_stopping_name_the_fraction():
    X = cancer()[0]
    with pytest.raises(ValueError, match=r"validation_fraction=0\.1 of 8 samples: .* X_val"):
        MLPClassifier(early_stopping=True).fit(X[:8], [0, 1] * 4)
