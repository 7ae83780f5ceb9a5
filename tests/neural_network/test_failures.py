"""Errors and interrupts: one clear sentence, and the estimator as it was."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning

from skdeep import MLPClassifier, MLPRegressor
from skdeep.neural_network.training.samples import Samples
from skdeep.nn import Network, Run, Trainer
from tests.data import iris
from tests.state import assert_as_it_was, state

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL = {"hidden_layer_sizes": (6,), "max_iter": 5, "random_state": 0}


# A loss that is not finite any more

DIVERGING = [
    {"solver": "sgd", "learning_rate_init": 1e4, "momentum": 0.0, "max_iter": 100},
    {"solver": "sgd", "learning_rate_init": 1e200, "batch_size": 1000},
    {"solver": "adam", "learning_rate_init": 1e308, "max_iter": 50},
]


@pytest.mark.parametrize("params", DIVERGING, ids=str)
@pytest.mark.filterwarnings("ignore:batch_size")
def test_divergence_names_epoch_loss_and_remedy(params):
    X, y = iris()
    model = MLPRegressor(**SMALL | params)
    with pytest.raises(ValueError, match="Solver produced non-finite") as error:
        model.fit(X, 10.0 * y)
    assert vars(model) == model.get_params()
    message = str(error.value)
    assert "in epoch " in message
    assert f"Lower learning_rate_init (now {params['learning_rate_init']:g})" in message
    if "in epoch 1." not in message:
        assert "after a loss of " in message


def test_the_epoch_and_the_loss_before_are_right():
    X, y = iris()
    params = SMALL | {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 1.5, "max_iter": 300}
    params |= {"activation": "identity", "batch_size": len(X), "tol": 0.0, "n_iter_no_change": 999}
    with pytest.raises(ValueError, match="non-finite") as error:
        MLPRegressor(**params).fit(X, 10.0 * y)
    epoch = int(str(error.value).split("in epoch ")[1].split()[0])
    before = MLPRegressor(**params | {"max_iter": epoch - 1}).fit(X, 10.0 * y)
    assert f"after a loss of {before.loss_:.6g} in the epoch before" in str(error.value)


def test_weights_that_burst_in_the_last_step_are_an_error():
    X, y = iris()
    model = MLPRegressor(
        **SMALL | {"max_iter": 1, "solver": "sgd", "learning_rate_init": 1e308}, batch_size=150
    )
    with pytest.raises(ValueError, match=r"not finite after epoch 1.*Lower learning_rate_init"):
        model.fit(X, 1e5 * y)


def test_statistics_that_overflow_are_an_error():
    X, y = iris()
    with pytest.raises(ValueError, match="not finite after epoch 2"):
        MLPClassifier(**SMALL | {"max_iter": 2}, batch_norm=True).fit(X * 1e200, y)


def test_lbfgs_names_what_became_of_the_loss():
    X, y = iris()
    with pytest.raises(ValueError, match=r"The loss became (nan|inf) in epoch 1.*Scale the feat"):
        MLPRegressor(**SMALL, solver="lbfgs").fit(X, 1e200 * y)


@pytest.mark.parametrize("method", ["fit", "warm start", "partial_fit"])
@pytest.mark.parametrize("params", [{}, {"batch_norm": True, "dropout": 0.2}], ids=str)
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_a_fitted_estimator_survives_divergence_as_it_was(method, params, solver):
    X, y = iris()
    model = MLPRegressor(**SMALL | params | {"solver": solver, "batch_size": 30})
    model.set_params(warm_start=method == "warm start", learning_rate="adaptive")
    (model.partial_fit if method == "partial_fit" else model.fit)(X, y)
    before, predictions = state(model), model.predict(X)
    with pytest.raises(ValueError, match="non-finite"):
        (model.partial_fit if method == "partial_fit" else model.fit)(X, 1e200 * y)
    assert_as_it_was(model, before)
    np.testing.assert_array_equal(model.predict(X), predictions)


def test_a_failed_partial_fit_leaves_no_trace_in_what_follows():
    X, y = iris()
    first, second = (
        MLPRegressor(**SMALL, dropout=0.3, batch_size=30).partial_fit(X, y) for _ in range(2)
    )
    with pytest.raises(ValueError, match="non-finite"):
        second.partial_fit(X, np.r_[y[:140], 1e200 * np.ones(10)])
    for model in (first, second):
        model.partial_fit(X, y)
    np.testing.assert_array_equal(first.predict(X), second.predict(X))


def test_early_stopping_keeps_the_best_network_with_a_warning():
    X, y = iris()
    params = SMALL | {"solver": "sgd", "momentum": 0.0, "max_iter": 300, "activation": "identity"}
    params |= {"n_iter_no_change": 999, "early_stopping": True, "learning_rate_init": 0.9}
    params |= {"batch_size": len(X)}
    model = MLPRegressor(**params)
    with pytest.warns(ConvergenceWarning, match=r"in epoch \d+ after a loss.*best epoch is kept"):
        model.fit(X, 10.0 * y, X_val=X, y_val=10.0 * y)
    assert np.isfinite(model.predict(X)).all()
    assert model.score(X, 10.0 * y) == pytest.approx(model.best_validation_score_, rel=1e-12)
    assert not np.isfinite(model.loss_curve_[-1])
    lengths = {len(column) for column in model.history_.values()}
    assert lengths == {model.n_iter_}


def test_early_stopping_without_any_good_epoch_is_an_error():
    X, y = iris()
    model = MLPRegressor(
        **SMALL | {"solver": "sgd", "learning_rate_init": 1e300}, batch_size=150,
        early_stopping=True,
    )  # fmt: skip
    with pytest.raises(ValueError, match="non-finite"):
        model.fit(X, 1e5 * y, X_val=X, y_val=y)
    assert vars(model) == model.get_params()


# Bad parameters

BAD = {
    "task_weights": [-1.0, "even", (1.0, -0.5), (), 2],
    "init_from": ["net", 3, np.ones(3)],
    "n_frozen_layers": [-1, 1.5, "two", None, True],
    "hidden_layer_sizes": [0, (5, -1), "ten", 2.5, None, (3.0,)],
    "activation": ["swishy", 3, None, ["relu", "swishy"]],
    "solver": ["sgdm", None, 1],
    "alpha": [-1e-9, "small", None, np.nan],
    "batch_size": [0, -5, "big", 2.5, None],
    "learning_rate": ["linear", None, 0.1],
    "learning_rate_init": [0, -1.0, "fast", None, np.nan],
    "power_t": [-1.0, "half", None],
    "max_iter": [0, 1.5, "many", None, True],
    "shuffle": ["yes", None, 1],
    "random_state": [-1, "seed", 1.5],
    "tol": [-1.0, "low", None],
    "verbose": [-1, "loud", None],
    "warm_start": ["yes", None, 1],
    "momentum": [-0.1, 1.1, "heavy", None],
    "nesterovs_momentum": ["yes", None],
    "early_stopping": ["yes", None, 1],
    "validation_fraction": [-0.1, 1.0, "tenth", None],
    "beta_1": [-0.1, 1.0, "b", None],
    "beta_2": [-0.1, 1.0, "b", None],
    "epsilon": [0.0, -1.0, "e", None],
    "n_iter_no_change": [0, -1, "few", None, 2.5, np.array([1, 2])],
    "max_fun": [0, "many", None, 1.5],
    "dropout": [1.0, -0.1, "half", None, (0.1, 1.0)],
    "input_dropout": [1.0, -0.1, "half", None, (0.1,)],
    "batch_norm": ["yes", None, 1],
    "layer_norm": ["yes", None, 1],
    "weight_init": ["kaiming", 0, -1.0, "ones", True],
    "tied_layers": ["yes", None, 1],
    "class_weight": ["even", 3, [1.0, 2.0], (1, 2)],
    "label_smoothing": [-0.1, 1.0, "soft", None],
    "dtype": ["float16", np.int64, 32, "f", np.array([1.0, 2.0])],
    "clip_norm": [0, -1.0, "short"],
    "clip_value": [0, -1.0, "short"],
    "decay": [-0.1, 1.0, "slow", None],
    "learning_rate_patience": [-1, 2.5, "long", None],
    "learning_rate_growth": [0, 1.5, "double", None],
    "average": ["mean", True, 0.9],
    "average_decay": [-0.1, 1.0, "slow", None],
    "average_start": [-0.1, 1.0, "late", None],
    "decoupled_weight_decay": [-0.1, "much", None],
    "scoring": ["acuracy", 3, ["accuracy"]],
    "learning_rate_decay": [0.0, 1.5, "half", None],
    "learning_rate_step": [0, 1.5, "one", None],
    "learning_rate_min": [-0.1, "low", None],
    "warmup_epochs": [-1, 1.5, "one", None],
    "loss": ["log-loss", None, 3],
    "focal_gamma": [-0.1, "much", None],
    "standardize_target": ["yes", None, 1],
    "huber_delta": [0.0, -1.0, "d", None],
    "quantile": [0.0, 1.0, "median", None],
    "quantiles": [0.5, (), (0.9, 0.1), (0.1, 1.0), (0.0, 0.5), "many"],
    "power": [0.5, "half", None, np.nan],
    "l1_ratio": [-0.1, 1.1, "half", None],
    "anchor": ["zero", 3],
    "orthogonality": [-0.1, "much", None],
    "max_norm": [0.0, -1.0, "long"],
    "activity_l1": [-0.1, "much", None],
    "augment": ["flop", 3],
    "test_time_augmentation": [0, 1.5, "two", None],
    "image_shape": ["square", (0, 8), (8,)],
    "channels_first": ["yes", None, 2],
}


def test_every_parameter_has_bad_values():
    assert set(BAD) == set(MLPClassifier().get_params()) | set(MLPRegressor().get_params())


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@settings(max_examples=120)
@given(data=st.data())
def test_a_bad_parameter_names_itself_and_nothing_happens(kind, data):
    X, y = iris()
    name = data.draw(st.sampled_from(sorted(set(BAD) & set(kind().get_params()))))
    value = data.draw(st.sampled_from(BAD[name]))
    model = kind(**{**SMALL, name: value})
    with pytest.raises(ValueError) as error:
        model.fit(X, y)
    assert f"The {name!r} parameter of {kind.__name__} must be " in str(error.value)
    assert f"Got {value!r} instead" in str(error.value)
    assert set(vars(model)) == set(model.get_params())


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@given(data=st.data())
def test_a_bad_parameter_leaves_a_fitted_estimator_as_it_was(kind, data):
    X, y = iris()
    model = kind(**SMALL | {"max_iter": 1}).fit(X, y)
    name = data.draw(st.sampled_from(sorted(set(BAD) & set(kind().get_params()))))
    model.set_params(**{name: data.draw(st.sampled_from(BAD[name]))})
    before = state(model)
    with pytest.raises(ValueError, match=f"The '{name}' parameter"):
        model.fit(X, y)
    assert_as_it_was(model, before)


# Bad data


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda X, y: (X[:, :2], y), "2 features.*4 features"),
        (lambda X, y: (X, y[:-1]), "inconsistent numbers of samples"),
        (lambda X, y: (np.where(X > 2, np.nan, X), y), "NaN"),
        (lambda X, y: (X, np.where(y == 2, 3, y)), r"classes not in.*\[3\]"),
        (lambda X, y: (X.ravel(), y), "2D array"),
        (lambda X, y: (X[:0], y[:0]), "0 sample"),
    ],
    ids=["features", "samples", "nan", "class", "1-D", "empty"],
)
def test_bad_data_for_partial_fit_leave_the_estimator_as_it_was(spoil, message):
    X, y = iris()
    model = MLPClassifier(**SMALL).fit(X, y)
    before = state(model)
    with pytest.raises(ValueError, match=message):
        model.partial_fit(*spoil(X, y))
    assert_as_it_was(model, before)


def test_a_warm_start_wants_the_same_classes():
    X, y = iris()
    model = MLPClassifier(**SMALL, warm_start=True).fit(X, y)
    before = state(model)
    for other in (y % 2, y + 1):
        with pytest.raises(ValueError, match="warm_start can only be used where"):
            model.fit(X, other)
        assert_as_it_was(model, before)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_layer_sizes": (9,)}, r"has, Sequence\(Dense\(units=6\), .*Dense\(units=9\)"),
        ({"activation": "tanh"}, r"ReLU\(\), .*Tanh\(\)"),
        ({"dropout": 0.5}, r"describe .*Dropout\(rate=0.5\)"),
        ({"batch_norm": True}, r"describe .*BatchNorm"),
        ({"dtype": "float32"}, "network of float64. Got dtype='float32'"),
        ({"standardize_target": True}, "Got standardize_target=True"),
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_fit_that_goes_on_keeps_its_network(method, change, message):
    X, y = iris()
    model = MLPRegressor(**SMALL, warm_start=True).fit(X, y)
    before = state(model)
    model.set_params(**change)
    with pytest.raises(ValueError, match=message):
        getattr(model, method)(X, y)
    model.set_params(**{name: getattr(MLPRegressor(**SMALL), name) for name in change})
    assert_as_it_was(model, before)
    model.set_params(hidden_layer_sizes=[np.int64(6)], dropout=[np.float32(0.0)], loss="huber")
    getattr(model, method)(X, y)


def test_partial_fit_wants_the_classes_first_and_the_same_later():
    X, y = iris()
    model = MLPClassifier(**SMALL)
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        model.partial_fit(X, y)
    with pytest.raises(ValueError, match=r"classes not in.*\[2\]"):
        model.partial_fit(X, y, classes=[0, 1])
    assert vars(model) == model.get_params()
    model.partial_fit(X, y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="is not the same as on last call"):
        model.partial_fit(X, y, classes=[0, 1, 2, 3])


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ((3,), (2,), "2 outputs.*3"),
        ((3,), (), "1 outputs.*3"),
        ((), (2,), "2 outputs.*1"),
    ],
)
def test_the_number_of_outputs_stays(first, second, message):
    X, _ = iris()
    rng = np.random.RandomState(0)
    model = MLPRegressor(**SMALL).partial_fit(X, rng.standard_normal((150, *first)))
    with pytest.raises(ValueError, match=message):
        model.partial_fit(X, rng.standard_normal((150, *second)))


def test_label_matrices_and_labels_are_not_mixed():
    X, y = iris()
    matrix = np.eye(3, dtype=int)[y]
    model = MLPClassifier(**SMALL).fit(X, matrix)
    with pytest.raises(ValueError, match="must be a label indicator matrix"):
        model.partial_fit(X, y)
    with pytest.raises(ValueError, match="must have 3 columns, as before; got 4"):
        model.partial_fit(X, np.eye(4, dtype=int)[y])
    for labels in (y, y > 0):
        model = MLPClassifier(**SMALL).fit(X, labels)
        for columns in (2, 3):
            with pytest.raises(ValueError, match=r"must be labels of shape \(n_samples,\)"):
                model.partial_fit(X, matrix[:, :columns])
            with pytest.raises(ValueError, match=r"must be labels of shape \(n_samples,\)"):
                model.fit(X, labels, X_val=X, y_val=matrix[:, :columns])


def test_parameters_changed_after_fit_do_not_change_predictions():
    X, y = iris()
    model = MLPRegressor(**SMALL, standardize_target=True).fit(X, y)
    before = model.predict(X)
    model.set_params(loss="poisson", standardize_target=False, activation="tanh", dropout=0.5)
    np.testing.assert_array_equal(model.predict(X), before)
    assert model.out_activation_ == "identity"


# Ctrl-C


class Interrupt:
    """Presses Ctrl-C at the end of an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch" and context.task_id + 1 == self.epoch:
            raise KeyboardInterrupt


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_an_interrupt_between_epochs_keeps_what_was_trained(solver, batch_norm):
    X, y = iris()
    params = SMALL | {"solver": solver, "batch_norm": batch_norm}
    model = MLPClassifier(**params).set_callbacks(Interrupt(3))
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(X, y)
    assert model.n_iter_ == len(model.loss_curve_) == 3
    short = MLPClassifier(**params | {"max_iter": 3}).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), short.predict_proba(X), rtol=1e-6)
    model.set_callbacks().fit(X, y)
    assert model.n_iter_ == 5


def test_an_interrupt_within_an_epoch_keeps_the_steps_so_far(monkeypatch):
    X, y = iris()
    steps, step = [], Trainer._step

    def interrupted(self, *args, **kwargs):
        steps.append(1)
        if len(steps) == 8:
            raise KeyboardInterrupt
        return step(self, *args, **kwargs)

    model = MLPClassifier(**SMALL, batch_size=30)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", interrupted)
        with pytest.warns(UserWarning, match="interrupted by user"):
            model.fit(X, y)
    assert model.n_iter_ == len(model.history_["loss"]) == 1
    after_one = MLPClassifier(**SMALL | {"max_iter": 1}, batch_size=30).fit(X, y)
    assert not np.allclose(model.coefs_[0], after_one.coefs_[0], rtol=1e-9)  # two steps more
    assert np.isfinite(model.predict_proba(X)).all()


def test_an_interrupt_before_the_first_epoch_ends_leaves_a_regressor(monkeypatch):
    X, y = iris()
    model = MLPRegressor(**SMALL)
    with monkeypatch.context() as patch:
        press_after(patch, Trainer, "_step")
        with pytest.warns(UserWarning, match="interrupted by user"):
            model.partial_fit(X, 1e3 * y)
    assert model.loss_curve_ == []
    assert np.isfinite(model.predict(X)).all()


def press_after(patch, owner, name, call=1):
    """Press Ctrl-C at the end of one of the calls of a function."""
    function, calls = getattr(owner, name), []

    def pressed(*args, **kwargs):
        result = function(*args, **kwargs)
        calls.append(1)
        if len(calls) == call:
            raise KeyboardInterrupt
        return result

    patch.setattr(owner, name, pressed)


def test_an_interrupt_in_the_last_pass_for_statistics_keeps_what_was_trained(monkeypatch):
    X, y = iris()
    model = MLPClassifier(**SMALL, batch_norm=True)
    whole = MLPClassifier(**SMALL, batch_norm=True).fit(X, y)
    with monkeypatch.context() as patch:
        press_after(patch, Network, "reset_statistics")
        with pytest.warns(UserWarning, match="interrupted by user"):
            model.fit(X, y)
    assert model.n_iter_ == 5
    np.testing.assert_array_equal(model.predict_proba(X), whole.predict_proba(X))


@pytest.mark.parametrize(("owner", "name"), [(Run, "settle"), (Samples, "evaluate")])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_an_interrupt_in_the_first_validation_keeps_the_steps_before(
    monkeypatch, owner, name, batch_norm, early_stopping
):
    X, y = iris()
    params = SMALL | {"batch_norm": batch_norm, "early_stopping": early_stopping, "max_iter": 1}
    model = MLPClassifier(**params)
    whole = MLPClassifier(**params).fit(X, y, X_val=X, y_val=y)
    with monkeypatch.context() as patch:
        press_after(patch, owner, name)
        with pytest.warns(UserWarning, match="interrupted by user"):
            model.fit(X, y, X_val=X, y_val=y)
    assert model.n_iter_ == 0  # nobody knows what the epoch is worth
    np.testing.assert_array_equal(model.predict_proba(X), whole.predict_proba(X))


def test_an_interrupt_in_a_line_search_goes_back_to_the_last_iterate(monkeypatch):
    from skdeep.nn import Objective

    X, y = iris()
    params = SMALL | {"solver": "lbfgs", "batch_norm": True, "max_iter": 100}
    whole = MLPClassifier(**params)
    calls, call = [], Objective.__call__

    def interrupted(self, vector):
        result = call(self, vector)
        calls.append(1)
        if len(calls) == 20:
            raise KeyboardInterrupt
        return result

    with monkeypatch.context() as patch:
        patch.setattr(Objective, "__call__", interrupted)
        with pytest.warns(UserWarning, match="interrupted by user"):
            whole.fit(X, y)
    short = MLPClassifier(**params | {"max_iter": whole.n_iter_}).fit(X, y)
    assert 5 < whole.n_iter_ < 20
    np.testing.assert_allclose(whole.predict_proba(X), short.predict_proba(X), rtol=1e-9)


def test_an_interrupt_with_early_stopping_keeps_the_best_epoch():
    X, y = iris()
    model = MLPClassifier(**SMALL, early_stopping=True).set_callbacks(Interrupt(4))
    with pytest.warns(UserWarning, match="interrupted by user"):
        model.fit(X, y, X_val=X, y_val=y)
    assert model.score(X, y) == model.best_validation_score_


def test_no_other_warning_comes_from_odd_numbers():
    X, y = iris()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        MLPClassifier(**SMALL).fit(1e6 * X, y).predict(1e6 * X)
        MLPRegressor(**SMALL, activation="logistic").fit(1e6 * X, y).predict(1e6 * X)
