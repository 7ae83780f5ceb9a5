"""BLAS is held to one thread unless all cores are asked for, and gets its threads back."""

import ast
import os
import subprocess
import sys
import threading

import pytest
from sklearn.datasets import load_iris
from threadpoolctl import threadpool_limits

import skdeep
from skdeep import all_cores
from skdeep.utils.blas import blas_libraries
from skdeep.utils.threads import available_threads, limit_blas_threads

pytestmark = pytest.mark.all_threads


def blas_threads():
    """Return the most threads that NumPy's BLAS or SciPy's may use now.

    Other libraries of the process, such as PyTorch, may bring one of their own.
    """
    return max(lib.num_threads for lib in blas_libraries())


def test_one_thread_holds_inside_the_block_and_ends_with_it():
    before = blas_threads()
    for limit in (1, 2, None):
        with limit_blas_threads(limit):
            assert blas_threads() == 1
            assert available_threads() <= before  # what our own threads may take
        assert blas_threads() == before


def test_an_error_gives_the_threads_back():
    before = blas_threads()
    with pytest.raises(ZeroDivisionError), limit_blas_threads():
        _ = 1 / 0
    assert blas_threads() == before


def test_all_cores_lets_work_that_is_worth_it_have_them():
    before = blas_threads()
    with all_cores():
        with limit_blas_threads(None):
            assert blas_threads() == before
            with limit_blas_threads(1):
                assert blas_threads() == 1
            assert blas_threads() == before
        with limit_blas_threads(1):
            assert blas_threads() == 1
    with limit_blas_threads(None):
        assert blas_threads() == 1
    assert blas_threads() == before


def test_the_limit_of_the_user_is_never_raised():
    with threadpool_limits(1, user_api="blas"):
        with all_cores(), limit_blas_threads(64):
            assert blas_threads() == available_threads() == 1
        assert blas_threads() == 1


def test_blocks_that_overlap_in_time_leave_the_threads_as_they_were():
    before = blas_threads()
    entered, leave = threading.Event(), threading.Event()

    def hold():
        with limit_blas_threads():
            entered.set()
            leave.wait()

    thread = threading.Thread(target=hold, daemon=True)
    with limit_blas_threads():
        thread.start()
        entered.wait()
    assert blas_threads() == 1  # the other still holds it
    leave.set()
    thread.join()
    assert blas_threads() == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_process_forked_inside_a_block_has_all_threads():
    code = """
import os
from skdeep.utils.blas import blas_libraries
from skdeep.utils.threads import available_threads, limit_blas_threads

def told():
    return str([max(lib.num_threads for lib in blas_libraries()), available_threads()])

before = told()
with limit_blas_threads():
    child = os.fork()
    inside = told()
    with limit_blas_threads():
        nested = told()
after = told()
if child == 0:
    os.write(1, repr((before, inside, nested, after)).encode())
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert before == after
"""
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "3", "OMP_NUM_THREADS": "3"}
    python = [sys.executable, "-W", "ignore::DeprecationWarning"]  # of os.fork since Python 3.12
    done = subprocess.run([*python, "-c", code], env=env, capture_output=True, text=True)
    assert not done.stderr
    before, inside, nested, after = ast.literal_eval(done.stdout)
    allowed = ast.literal_eval(before)
    assert inside == after == before
    assert ast.literal_eval(nested) == [1, allowed[1]]


def test_a_fit_runs_under_one_thread_and_leaves_the_threads_as_they_were():
    seen = []

    class Watched(skdeep.MLPClassifier):
        def _architecture(self, n_outputs):
            seen.append(blas_threads())
            return super()._architecture(n_outputs)

    before = blas_threads()
    X, y = load_iris(return_X_y=True)
    Watched(max_iter=1).partial_fit(X, y, classes=[0, 1, 2])
    with all_cores():
        Watched(max_iter=1).partial_fit(X, y, classes=[0, 1, 2])
    assert seen == [1, before]
    assert blas_threads() == before


def test_an_environment_variable_counts():
    code = "from skdeep.utils.threads import available_threads as n; print(n())"
    out = subprocess.run(
        [sys.executable, "-c", code],
        env={"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout.strip() == "1"
