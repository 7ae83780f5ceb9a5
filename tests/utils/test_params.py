"""Parameter rules say what is wrong, in one sentence."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from skdeep.utils.params import (
    boolean,
    check_params,
    integer,
    none,
    one_of,
    random_state,
    real,
    rule,
    sequence_of,
)


class Estimator:
    def __init__(self, value):
        self.value = value


KINDS = [
    (real(), "float"),
    (real(0), "float >= 0"),
    (real(0, closed="neither"), "float > 0"),
    (real(None, 1), "float <= 1"),
    (real(0, 1, closed="left"), "float in [0, 1)"),
    (integer(1), "int >= 1"),
    (integer(1, 5), "int in [1, 5]"),
    (boolean(), "bool"),
    (none(), "None"),
    (one_of("auto"), "'auto'"),
    (one_of("lbfgs", "sgd", "adam"), "{'lbfgs', 'sgd', 'adam'}"),
    (one_of(*("a long name", "another long name", "yet another name")), "str"),
    (random_state(), "int, RandomState instance or None"),
    (integer(1) | sequence_of(integer(1)), "int >= 1 or sequence of int >= 1"),
    (none() | one_of("auto") | integer(1), "'auto', int >= 1 or None"),
    (rule("a dict", lambda value: isinstance(value, dict), "dict"), "dict"),
]
GOOD = [
    (real(0), 0),
    (real(0), np.float32(0.5)),
    (real(0, 1, closed="left"), 0.999),
    (real(), -np.inf),
    (integer(1), np.int64(1)),
    (one_of("a", True), True),
    (one_of("a", "b"), np.array(["a"])[0]),
    (boolean(), np.True_),
    (none(), None),
    (random_state(), 2**32 - 1),
    (random_state(), np.random.RandomState(0)),
    (sequence_of(integer(1)), ()),
    (sequence_of(integer(1)), np.array([3, 4])),
]
BAD = [
    (real(0), -1e-9, r"a real number in \[0, inf\)"),
    (real(0), float("nan"), "a real number"),
    (real(0), True, "a real number"),
    (real(0), Fraction(1, 2), "a real number"),
    (real(0), np.float16(0.5), "a real number"),
    (real(0), 10**400, "a real number"),
    (integer(1), np.int8(2), "an integer"),
    (real(0), "1", "a real number"),
    (real(0, 1, closed="left"), 1.0, r"\[0, 1\)"),
    (real(0, closed="neither"), 0.0, r"\(0, inf\)"),
    (integer(1), 1.0, r"an integer in \[1, inf\)"),
    (integer(1, 5), 6, r"\[1, 5\]"),
    (one_of("a", "b"), "c", "one of 'a', 'b'"),
    (one_of(1), True, "1"),
    (boolean(), 1, "True or False"),
    (random_state(), -1, "None, an integer"),
    (sequence_of(integer(1), min_length=1), [], "a sequence, each entry an integer"),
    (sequence_of(integer(1)), [2, 0], "a sequence"),
]


@pytest.mark.parametrize(("rule", "value"), GOOD)
def test_what_a_rule_allows_passes(rule, value):
    check_params(Estimator(value), {"value": [rule]})


@pytest.mark.parametrize(("rule", "value", "text"), BAD)
def test_what_a_rule_forbids_is_named_with_what_is_allowed(rule, value, text):
    with pytest.raises(ValueError, match=f"'value' parameter of Estimator must be .*{text}.*Got"):
        check_params(Estimator(value), {"value": [rule]})


def test_one_of_several_rules_is_enough():
    rules = {"value": [none(), one_of("auto"), integer(1)]}
    for value in (None, "auto", 3):
        check_params(Estimator(value), rules)
    with pytest.raises(ValueError, match=r"must be None, or 'auto', or an integer in \[1, inf\)"):
        check_params(Estimator(0), rules)


def test_joined_rules_allow_what_any_of_them_allows():
    joined = none() | one_of("auto") | integer(1)
    for value in (None, "auto", 3):
        check_params(Estimator(value), {"value": [joined]})
    with pytest.raises(ValueError, match=r"must be None, or 'auto', or an integer in \[1, inf\)"):
        check_params(Estimator(0), {"value": [joined]})


@pytest.mark.parametrize(("rule", "kind"), KINDS)
def test_a_rule_has_a_phrase_for_docstrings(rule, kind):
    assert rule.kind == kind


@pytest.mark.parametrize("value", [Fraction(1, 2), np.float16(0.5), Decimal("0.5")])
def test_of_numbers_that_arrays_cannot_compute_with_the_type_is_named(value):
    with pytest.raises(ValueError, match=f"with int and float, not with {type(value).__name__}"):
        check_params(Estimator(value), {"value": [real(0)]})
