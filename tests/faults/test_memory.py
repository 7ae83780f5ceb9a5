"""No memory for an array leaves an estimator as it was, and a fit leaves nothing in memory."""

import gc
import weakref

import pytest

from tests.faults.cases import cases
from tests.faults.interrupts import findings
from tests.faults.memory import NoMemory, growth, n_places

pytestmark = [pytest.mark.all_threads, pytest.mark.filterwarnings("ignore")]


def test_training_that_gets_no_memory_for_its_last_array_leaves_the_estimator_as_it_was():
    for case in cases(max_iter=2):
        way = case, case.methods[-1], True
        press = NoMemory(n_places(way))
        found, _ = findings(*way, press, wants_error=True)
        assert press.where, case.name
        assert not found, case.name


def test_an_estimator_and_its_layers_go_with_their_last_name():
    gc.collect()
    gc.disable()
    try:
        for case in cases(max_iter=2):
            names = [case.train(case.fresh(), "fit")]
            names += names[0].network_.layers() if hasattr(names[0], "network_") else []
            held = [weakref.ref(one) for one in names]
            names.clear()
            assert not any(one() is not None for one in held), case.name
    finally:
        gc.enable()


def test_callbacks_of_ours_do_not_gather_in_caches_of_scikit_learn():
    snapshots = next(case for case in cases(max_iter=4) if case.name.endswith(", snapshot"))
    objects, _, _ = growth(snapshots, 6)
    assert objects < 60  # ten a fit
