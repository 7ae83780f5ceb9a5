"""Limits on BLAS threads are lowered for a while and never raised."""

import subprocess
import sys

from threadpoolctl import threadpool_limits

from skdeep.utils.threads import available_threads, limit_blas_threads


def test_a_limit_holds_inside_the_block_and_ends_with_it():
    before = available_threads()
    with limit_blas_threads(1):
        assert available_threads() == 1
    assert available_threads() == before


def test_the_limit_of_the_user_is_never_raised():
    with threadpool_limits(1, user_api="blas"):
        with limit_blas_threads(64):
            assert available_threads() == 1
        assert available_threads() == 1


def test_no_limit_changes_nothing():
    before = available_threads()
    with limit_blas_threads(None):
        assert available_threads() == before


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
