"""The rules that members move by: the same as of one network, for each member by itself."""

import inspect
import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_wine
from sklearn.frozen import FrozenEstimator

from skdeep import MLPClassifier, TabularNetClassifier, TabularNetRegressor
from skdeep.callbacks import Checkpoint
from skdeep.neural_network.tabular.members.recipe import RAW, Recipe
from skdeep.neural_network.tabular.members.rules import MemberRules
from skdeep.neural_network.training.regularizers import make_bound, make_penalty
from skdeep.neural_network.training_params import STOCHASTIC_SOLVERS, WHOLE_SOLVERS
from skdeep.nn import (
    SCHEDULE_NAMES,
    ActivityL1,
    CosineOfLog,
    MemberDense,
    Network,
    PReLU,
    Sequence,
    SoftmaxCrossEntropy,
    Trainer,
)
from skdeep.nn.training.described import make_optimizer
from tests.data import diabetes, iris

CHEAP = {"preset": "fast", "hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0}
K, N, P, CLASSES = 3, 12, 4, 2


def classifier(**parameters):
    return TabularNetClassifier(**CHEAP | parameters)


def architecture(k):
    return SimpleNamespace(recipe=Recipe((RAW,), n_members=k, weight_decay=0.1), view=RAW)


def stack(k, activity_l1):
    layers = [
        MemberDense(5, ntk=True, scales=True),
        PReLU(n_axes=2),
        ActivityL1(activity_l1, members=True),
        MemberDense(CLASSES, ntk=True),
    ]
    return Network(Sequence(*layers), input_shape=(k, P), random_state=0)


def take_steps(trainer, x, target, rate):
    for _ in range(3):
        trainer.step(x, target, None, rate)


CHANGES = [
    {},
    {"clip_norm": 0.05},
    {"clip_value": 0.01},
    {"clip_norm": 0.05, "alpha": 0.5, "l1_ratio": 0.5},
    {"alpha": 0.5, "l1_ratio": 0.5},
    {"alpha": 0.5, "anchor": "ones"},
    {"orthogonality": 0.2},
    {"max_norm": 0.4},
    {"activity_l1": 0.3},
]


@pytest.mark.parametrize("changes", CHANGES, ids=str)
@pytest.mark.parametrize("solver", STOCHASTIC_SOLVERS)
def test_each_member_moves_as_a_network_by_itself(solver, changes):
    if solver == "lion" and changes.keys() & {"activity_l1"}:
        changes = changes | {"activity_l1": 0.31}  # no sign of zero
    given = classifier(solver=solver, epsilon=1e-12, **changes)
    random = np.random.RandomState(0)
    x, target = random.normal(size=(N, K, P)), random.randint(0, CLASSES, (N, K))
    together, rate = stack(K, given.activity_l1), 0.05
    views = [(array, array[:1].copy().shape) for _, array, _ in together.parameters()]
    alone = [stack(1, given.activity_l1) for _ in range(K)]
    for i, network in enumerate(alone):
        for (array, _), (_, own, _) in zip(views, network.parameters(), strict=True):
            own[...] = array[i]
    anchors = {n.n_penalized: np.ones(n.n_penalized) for n in (together, alone[0])}
    if given.anchor is not None:
        given.anchor = [anchors[together.n_penalized]]
    rules = MemberRules(given)
    take_steps(
        Trainer(
            together,
            SoftmaxCrossEntropy(),
            rules.optimizer(architecture(K), together),
            **rules.regularizers(architecture(K), together, N, 0),
        ),
        x,
        target,
        rate,
    )
    for i, network in enumerate(alone):
        anchor = None if given.anchor is None else anchors[network.n_penalized]
        trainer = Trainer(
            network,
            SoftmaxCrossEntropy(),
            make_optimizer(given, weight_decay=0.1),
            penalty=make_penalty(given, network, anchor),
            bound=make_bound(given),
        )
        take_steps(trainer, x[:, i : i + 1], target[:, i : i + 1], rate)
        for (array, _), (path, own, _) in zip(views, network.parameters(), strict=True):
            assert_allclose(array[i], own[0], rtol=1e-5, atol=1e-8, err_msg=path)


def test_the_default_is_adam_with_decay_and_four_waves():
    rules = MemberRules(TabularNetClassifier())
    network = stack(4, 0.0)
    optimizer = rules.optimizer(architecture(4), network)
    assert (type(optimizer).__name__, optimizer.beta_2, optimizer.members) == ("Adam", 0.95, None)
    assert optimizer.weight_decay == 0.1
    schedule = rules.schedule(architecture(4), 64)
    assert type(schedule) is CosineOfLog
    assert schedule.n_epochs == 64
    assert rules.average(64) is None
    assert rules.regularizers(architecture(4), network, 32, 0)["penalty"].alpha == 0


def test_the_keywords_are_those_of_other_networks():
    ours = inspect.signature(TabularNetClassifier).parameters
    theirs = inspect.signature(MLPClassifier).parameters
    own = {"learning_rate", "beta_2", "alpha"}  # of the recipe
    shared = set(ours) & set(theirs) - own
    names = {"solver", "clip_norm", "max_norm", "average", "l1_ratio", "activity_l1", "anchor"}
    assert names < shared
    for name in shared - {"hidden_layer_sizes", "max_iter", "batch_size", "learning_rate_init"}:
        if name != "dropout":
            assert ours[name].default == theirs[name].default, name


@pytest.mark.parametrize("solver", STOCHASTIC_SOLVERS)
def test_every_solver_learns(solver):
    X, y = iris()
    clf = classifier(solver=solver, max_iter=25).fit(X, y)
    assert clf.score(X, y) > 0.85
    loss = clf.history_["bins"]["validation_loss"]
    assert min(loss) < loss[0]


@pytest.mark.parametrize("learning_rate", [*SCHEDULE_NAMES, lambda epoch: 0.9**epoch])
def test_every_schedule_sets_the_rate(learning_rate):
    X, y = diabetes()
    more = {"learning_rate_patience": 1, "learning_rate_step": 2, "power_t": 0.1}
    reg = TabularNetRegressor(**CHEAP, learning_rate=learning_rate, warmup_epochs=1, **more)
    reg.set_params(max_iter=8, learning_rate_init=0.02).fit(X, y)
    rates = reg.history_["bins"]["learning_rate"]
    assert rates[0] == pytest.approx(0.01 if learning_rate != "one_cycle" else rates[0])
    assert 0 <= min(rates) <= max(rates) <= 0.02 + 1e-12
    assert reg.score(X, y) > 0.3


def test_rates_fall_where_the_validation_makes_no_progress():
    X, y = iris()
    y = np.random.RandomState(0).permutation(y)  # nothing to learn but noise
    for learning_rate, factor in (("adaptive", 0.2), ("plateau", 0.1)):
        clf = classifier(learning_rate=learning_rate, learning_rate_patience=2, max_iter=20)
        rates = clf.fit(X, y).history_["bins"]["learning_rate"]
        assert rates[-1] <= rates[0] * factor * 1.001


def test_hidden_units_stay_within_the_bound_as_the_layer_multiplies():
    X, y = iris()
    net = classifier(max_norm=0.5, average="ema").fit(X, y).networks_[0]
    dense = [layer for layer in net.layers() if isinstance(layer, MemberDense)]
    length = np.sqrt((dense[0].weight ** 2).sum(axis=1) / dense[0].weight.shape[1])
    assert length.max() <= 0.5 * (1 + 1e-6)
    assert length.max() > 0.4


def test_l1_makes_exact_zeros_and_orthogonality_keeps_units_apart():
    X, y = diabetes()

    def hidden(**parameters):
        network = (
            TabularNetRegressor(**CHEAP | {"max_iter": 30} | parameters).fit(X, y).networks_[0]
        )
        weight = next(a for path, a, _ in network.parameters() if path.endswith("weight"))
        return weight / np.sqrt(weight.shape[1])

    assert not (hidden() == 0).any()
    assert (hidden(alpha=2.0, l1_ratio=1.0) == 0).mean() > 0.1

    def excess(w):
        return (np.einsum("kdm,kdn->kmn", w, w) - np.eye(w.shape[2])) ** 2

    assert excess(hidden(orthogonality=3.0)).sum() < 0.2 * excess(hidden()).sum()


def test_an_anchor_holds_each_view_near_its_weights():
    X, y = iris()
    start = TabularNetClassifier(**CHEAP | {"preset": "default", "max_iter": 3}).fit(X, y)
    vectors = [network.params.copy() for network in start.networks_]

    def distance(clf):
        return sum(
            np.abs(network.params - v)[: network.n_penalized].sum()
            for network, v in zip(clf.networks_, vectors, strict=True)
        )

    def after(**parameters):
        again = pickle.loads(pickle.dumps(start))
        return distance(again.set_params(warm_start=True, random_state=1, **parameters).fit(X, y))

    held = after(anchor=vectors, alpha=100.0)
    assert held < 0.5 * after()
    assert after(anchor=start, alpha=100.0) == held
    frozen = clone(start).set_params(anchor=FrozenEstimator(start), alpha=100.0)
    assert distance(clone(frozen).fit(X, y)) < distance(
        clone(start).set_params(random_state=1).fit(X, y)
    )
    with pytest.raises(ValueError, match="none for 'bins', number 2 of them"):
        after(anchor=vectors[:1])
    with pytest.raises(ValueError, match="none for 'raw', number 1 of them"):
        after(anchor=())
    with pytest.raises(ValueError, match="TabularNetClassifier takes an anchor with the weights"):
        after(anchor=[v[:-5] for v in vectors])
    with pytest.raises(ValueError, match="an anchor that is not fitted"):
        after(anchor=TabularNetClassifier())


def test_an_average_predicts_and_training_goes_on_from_the_weights():
    X, y = iris()
    plain, averaged = classifier(), classifier(average="ema", average_decay=0.9)
    for model in (plain, averaged):
        for _ in range(3):
            model.partial_fit(X, y, classes=[0, 1, 2])
    assert_array_equal(
        averaged._stream.runs[0]["average"].trained, plain.networks_[0].params.astype(np.float32)
    )
    assert not np.array_equal(averaged.predict_proba(X), plain.predict_proba(X))
    swa = classifier(average="swa", average_start=0.5, max_iter=20).fit(X, y)
    assert swa.score(X, y) > 0.9


def test_a_stream_goes_on_with_its_schedule():
    X, y = diabetes()
    reg = TabularNetRegressor(**CHEAP, learning_rate="step", learning_rate_step=2)
    for _ in range(3):
        reg.partial_fit(X, y)
    rates = reg._stream.runs[0]["record"].history["learning_rate"]
    assert_allclose(rates, [0.03, 0.03, 0.003])


def test_a_solver_that_is_no_name_is_refused_by_name():
    with pytest.raises(ValueError, match="'solver' parameter of TabularNetRegressor"):
        TabularNetRegressor(solver=np.array([1.0, 2.0])).fit(np.eye(4), np.arange(4.0))


@pytest.mark.parametrize("solver", WHOLE_SOLVERS)
def test_solvers_of_all_data_are_refused_with_the_reason(solver):
    X, y = iris()
    with pytest.raises(ValueError, match=f"solver='{solver}', which sees all data at every step"):
        classifier(solver=solver).fit(X, y)


def test_a_loss_that_is_not_finite_is_named_with_what_to_lower():
    X, y = diabetes()
    reg = TabularNetRegressor(**CHEAP, solver="sgd", learning_rate_init=1e6)
    with pytest.raises(ValueError, match=r"view 'bins' became .* Lower learning_rate_init"):
        reg.fit(X, y)
    assert not hasattr(reg, "networks_")


def test_a_warm_start_takes_the_parameters_of_now():
    X, y = iris()
    clf = classifier(warm_start=True).fit(X, y).set_params(learning_rate_init=1e-9, max_iter=2)
    before = clf.networks_[0].params.copy()
    clf.fit(X, y)
    assert clf.n_iter_ == 2
    assert_allclose(clf.networks_[0].params, before, atol=1e-5)
    with pytest.raises(ValueError, match="n_members=4, which cannot become 3"):
        clf.set_params(n_members=3).fit(X, y)


class Stops:
    """A callback that stops the process, as far as a test can, after some epochs."""

    def __init__(self, n_epochs):
        self.n_epochs = n_epochs

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch":
            self.n_epochs -= 1
            if self.n_epochs == 0:
                raise RuntimeError("stopped")
        return False

    def teardown(self, estimator, context):
        pass


@pytest.mark.parametrize(("n_epochs", "average"), [(1, "ema"), (4, None), (6, "ema")])
def test_a_fit_that_was_stopped_goes_on_to_the_same_networks(n_epochs, average, tmp_path):
    X, y = iris()
    params = {"preset": "default", "max_iter": 4, "average": average, "solver": "muon"}
    whole = classifier(**params).fit(X, y)
    checkpoint = Checkpoint(tmp_path / "net.npz")
    with pytest.raises(RuntimeError, match="stopped"):
        classifier(**params).set_callbacks(checkpoint, Stops(n_epochs)).fit(X, y)
    again = classifier(**params).set_callbacks(checkpoint).fit(X, y)
    assert_array_equal(again.predict_proba(X), whole.predict_proba(X))
    assert_array_equal(again.view_weights_, whole.view_weights_)
    for name, history in whole.history_.items():
        assert_array_equal(again.history_[name]["validation_loss"], history["validation_loss"])
    over = classifier(**params).set_callbacks(checkpoint).fit(X, y)  # nothing is left to do
    assert_array_equal(over.predict_proba(X), whole.predict_proba(X))
    assert "_resumable_fit" not in vars(over)
    other = None if average else "ema"
    with pytest.raises(ValueError, match=f"it has average={average!r}, not {other!r}"):
        classifier(**params | {"average": other}).set_callbacks(checkpoint).fit(X, y)
    with pytest.raises(ValueError, match="its targets is"):
        classifier(**params).set_callbacks(checkpoint).fit(X, y[::-1])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_steps_without_end_leave_no_network_behind():
    X, y = load_wine(return_X_y=True)
    model = TabularNetClassifier("fast", learning_rate_init=np.inf, batch_size=178, random_state=0)
    with pytest.raises(ValueError, match=r"parameter of the view .* not finite in epoch 1"):
        model.partial_fit(X, y, classes=[0, 1, 2])
    assert not hasattr(model, "networks_")
