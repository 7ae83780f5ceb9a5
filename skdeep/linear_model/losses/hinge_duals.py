r"""The hinge losses as seen from the dual: steps of the slopes of each row.

A loss of the logits of a row is the largest of :math:`\langle a, z \rangle - \ell^*(a)` over its
slopes :math:`a`. With shares :math:`p_k \ge 0` of the wrong classes, these are :math:`a_k = p_k`,
:math:`a_y = -t` with :math:`t = \sum_k p_k`, and with the weight :math:`w` of the row

- Weston and Watkins: :math:`\ell^* = -t` where :math:`p_k \le w`; squared
  :math:`\ell^* = \sum_k p_k^2 / 4w - t`,
- Crammer and Singer: :math:`\ell^* = -t` where :math:`t \le w`; squared
  :math:`\ell^* = t^2 / 4w - t`.

The least of :math:`\tfrac12 \|a - v\|^2 + s\, \ell^*(a)` has :math:`p_k` in proportion to
:math:`\max(0, v_k + s - \mu)` for one number :math:`\mu` that sorting finds.

With two classes there is one share, :math:`a = \mp p` for the logit of the second, and both
:math:`\ell^*` are as above.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.losses.crammer_singer import CrammerSinger
from skdeep.linear_model.losses.hinge import BinaryHinge, MulticlassHinge, WestonWatkins

__all__ = ["Nearest", "conjugate", "nearest_slopes"]

Array = NDArray[np.float64]

# ``nearest(v, right, weight, size)``: the slopes that are best around `v`; `right` marks the right
# classes, shape (n, n_outputs); `weight` and `size` (``s``) have shape (n, 1).
Nearest = Callable[[Array, NDArray[np.bool_], Array, Array], Array]


def nearest_slopes(loss: BinaryHinge | MulticlassHinge) -> Nearest:
    """Return how to find the slopes with the least of ``|a - v|^2 / 2 + s l*(a)``.

    Parameters
    ----------
    loss : BinaryHinge, WestonWatkins or CrammerSinger
        Of power 1 or 2.

    Returns
    -------
    callable
        See `Nearest`.
    """
    if isinstance(loss, BinaryHinge):
        return _of_two_squared if loss.power == 2 else _of_two
    joint = isinstance(loss, CrammerSinger)
    if loss.power == 2:
        return _of_largest_squared if joint else _of_squares
    return _of_largest if joint else _of_pairs


def conjugate(loss: BinaryHinge | MulticlassHinge, slopes: Array) -> float:
    r"""Return :math:`\sum_i \ell_i^*(a_i)` of slopes that are feasible; no weight may be 0."""
    if isinstance(loss, BinaryHinge):
        total = np.where(loss.y == 1, -1.0, 1.0) * slopes[:, 0]
    else:
        total = -slopes[np.arange(len(slopes)), loss.y]
    value = -float(total.sum())
    if loss.power == 2:
        shares = total**2
        if isinstance(loss, WestonWatkins):
            shares = np.einsum("ij,ij->i", slopes, slopes) - shares
        value += float((shares / (4.0 * loss.weight)).sum())
    return value


def _of_two(v: Array, right: NDArray[np.bool_], weight: Array, size: Array) -> Array:
    sign = np.where(right, -1.0, 1.0)
    return sign * np.clip(sign * v + size, 0.0, weight)


def _of_two_squared(v: Array, right: NDArray[np.bool_], weight: Array, size: Array) -> Array:
    sign = np.where(right, -1.0, 1.0)
    return sign * np.maximum(sign * v + size, 0.0) / (1.0 + size / (2.0 * weight))


def _of_largest(v: Array, right: NDArray[np.bool_], weight: Array, size: Array) -> Array:
    """Crammer and Singer: ``a`` plus `weight` at the right class is on a simplex of that size."""
    target = v + np.where(right, weight, size)
    largest = -np.sort(-target, axis=1)
    excess = np.cumsum(largest, axis=1)
    excess -= weight
    excess /= np.arange(1, v.shape[1] + 1)
    n_above = np.maximum((largest > excess).sum(axis=1), 1)
    target -= excess[np.arange(len(v)), n_above - 1][:, None]
    np.maximum(target, 0.0, out=target)
    target -= np.where(right, weight, 0.0)
    return target


def _of_largest_squared(v: Array, right: NDArray[np.bool_], weight: Array, size: Array) -> Array:
    return _sorted_shares(v, right, size, 1.0, 1.0 + size / (2.0 * weight))


def _of_squares(v: Array, right: NDArray[np.bool_], weight: Array, size: Array) -> Array:
    return _sorted_shares(v, right, size, 1.0 + size / (2.0 * weight), 1.0)


def _sorted_shares(
    v: Array, right: NDArray[np.bool_], size: Array, own: Array | float, joint: Array | float
) -> Array:
    """Return shares ``max(0, v + s - mu) / own`` with ``mu = v_y + joint t``."""
    target, mu = _sorted_root(v, right, size, own, joint)
    return _with_right(np.maximum(target - mu, 0.0) / own, right)


def _sorted_root(
    v: Array, right: NDArray[np.bool_], size: Array, own: Array | float, joint: Array | float
) -> tuple[Array, Array]:
    """Return ``v + s`` of the wrong classes and ``mu``; see `_sorted_shares`."""
    of_right = v[right][:, None]
    target = np.where(right, -np.inf, v + size)
    largest = -np.sort(-target, axis=1)[:, :-1]
    n = np.arange(1, v.shape[1])
    total = (np.cumsum(largest, axis=1) - n * of_right) / (own + n * joint)
    mu = of_right + joint * total
    n_above = np.maximum((largest > mu).sum(axis=1), 1)
    # Without any share the right class is as it was.
    return target, np.maximum(mu[np.arange(len(v)), n_above - 1][:, None], of_right)


def _of_pairs(v: Array, right: NDArray[np.bool_], weight: Array, size: Array) -> Array:
    """Weston and Watkins: ``t = sum min(max(0, v + s - mu), w)`` falls with ``mu = v_y + t``.

    It is linear between the ends of the intervals in which a share is neither 0 nor w.
    """
    rows, m = np.arange(len(v)), v.shape[1] - 1
    of_right = v[right][:, None]
    target = (v + size)[~right].reshape(len(v), m)
    ends = np.concatenate((target - weight, target), axis=1)
    order = np.argsort(ends, axis=1)
    ends = np.take_along_axis(ends, order, axis=1)
    slope = 1.0 + np.cumsum(np.where(order < m, 1.0, -1.0), axis=1)
    # By how much ``v_y + t`` is above mu at each end.
    excess = np.repeat(m * weight + of_right - ends[:, :1], 2 * m, axis=1)
    excess[:, 1:] -= np.cumsum(slope[:, :-1] * np.diff(ends, axis=1), axis=1)
    n_below = (excess > 0).sum(axis=1)
    last = np.maximum(n_below - 1, 0)
    mu = ends[rows, last] + excess[rows, last] / slope[rows, last]
    mu = np.where(n_below > 0, mu, (m * weight + of_right)[:, 0])
    shares = np.zeros_like(v)
    shares[~right] = np.clip(target - mu[:, None], 0.0, weight).ravel()
    return _with_right(shares, right)


def _with_right(shares: Array, right: NDArray[np.bool_]) -> Array:
    shares[right] = -shares.sum(axis=1)
    return shares
