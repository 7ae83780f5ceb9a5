"""Hinge losses, rounded off and not: derivatives, and the maxima that interior points take."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdeep.linear_model.losses.crammer_singer import CrammerSinger
from skdeep.linear_model.losses.hinge import BinaryHinge, WestonWatkins
from tests.linear_model.differences import central, check_derivatives

MULTICLASS = {"weston_watkins": WestonWatkins, "crammer_singer": CrammerSinger}


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("temperature", [0.2, 1.5])
@pytest.mark.parametrize("kind", ["binary", *MULTICLASS])
def test_rounded_losses_have_the_derivatives_they_claim(kind, temperature, power):
    random = np.random.RandomState(0)
    weight = random.uniform(0, 2, 7)
    if kind == "binary":
        loss = BinaryHinge(random.randint(0, 2, 7), weight, power, temperature)
        check_derivatives(loss, random.standard_normal((7, 1)))
    else:
        loss = MULTICLASS[kind](random.randint(0, 3, 7), 3, weight, power, temperature)
        check_derivatives(loss, random.standard_normal((7, 3)))


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("kind", ["binary", *MULTICLASS])
def test_the_losses_themselves_have_right_subgradients(kind, power):
    random = np.random.RandomState(0)
    y, weight = random.randint(0, 2 if kind == "binary" else 3, 7), random.uniform(0, 2, 7)
    if kind == "binary":
        loss, logits = BinaryHinge(y, weight, power), random.standard_normal((7, 1))
    else:
        loss = MULTICLASS[kind](y, 3, weight, power)
        logits = random.standard_normal((7, 3))
    # No margin of these logits lies at a kink, so the subgradient is the gradient.
    assert_allclose(loss.at(logits).gradient, central(loss.value, logits), atol=1e-7)


@pytest.mark.parametrize("kind", ["binary", *MULTICLASS])
def test_the_hinge_is_a_weighted_sum_of_maxima_of_margins_with_the_curvature_they_claim(kind):
    random = np.random.RandomState(0)
    n_outputs = 1 if kind == "binary" else 3
    y, weight = random.randint(0, max(2, n_outputs), 6), random.uniform(0, 2, 6)
    loss = BinaryHinge(y, weight, 1) if kind == "binary" else MULTICLASS[kind](y, 3, weight, 1)
    logits = random.standard_normal((6, n_outputs))
    margins = loss.margins(logits)
    assert_allclose(loss.group_weight @ loss.largest(margins), loss.value(logits))
    # With the share of the largest margin as a multiplier, the slopes are the loss's gradient.
    multiplier = loss.group_weight * (margins == margins.max(axis=0))
    assert_allclose(loss.slopes(multiplier), loss.at(logits).gradient, atol=1e-12)
    units = np.eye(logits.size).reshape(-1, *logits.shape)
    linear = np.stack([loss.margins(unit, offset=0.0) for unit in units], axis=-1)
    change = random.standard_normal(margins.shape)
    change -= change.mean(axis=0)
    slopes = loss.slopes(multiplier + change) - loss.slopes(multiplier)
    assert_allclose(slopes.ravel(), np.einsum("ag,agi->i", change, linear), atol=1e-12)
    ratio = random.uniform(0.1, 2, margins.shape)
    along = np.einsum("ag,agi->gi", ratio, linear)
    hessian = np.einsum("ag,agi,agj->ij", ratio, linear, linear)
    hessian -= np.einsum("g,gi,gj->ij", 1 / ratio.sum(axis=0), along, along)
    found = [loss.smoothed_hessian(ratio).curvature(unit).ravel() for unit in units]
    assert_allclose(found, hessian, atol=1e-12)
