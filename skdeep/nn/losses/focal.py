"""The focal loss: the cross-entropy, with less weight on what is right already."""

from __future__ import annotations

from skdeep.nn.losses.logistic import LogisticCrossEntropy
from skdeep.nn.losses.softmax import SoftmaxCrossEntropy
from skdeep.nn.memory import Array

__all__ = ["LogisticFocal", "SoftmaxFocal"]


def _check_gamma(loss: object, gamma: float) -> float:
    if not gamma >= 0:
        raise ValueError(f"{type(loss).__name__} takes a gamma of at least 0, got {gamma!r}.")
    return gamma


class SoftmaxFocal(SoftmaxCrossEntropy):
    """The focal loss of classes that exclude each other.

    ::

        -(1 - p_y)**gamma log p_y,  p = softmax(z)

    so that samples whose class is found likely count less, by the power `gamma`; 0 is the
    cross-entropy. Targets are class indices, or probabilities q of all classes, as label smoothing
    makes of them: the loss is then the sum of q_k times the loss of class k.

    Parameters
    ----------
    gamma : float >= 0, default=2.0
    label_smoothing : float in [0, 1), default=0.0

    References
    ----------
    T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollár, "Focal loss for dense object detection",
    ICCV 2017.

    Examples
    --------
    A sample that is right by far hardly counts:

    >>> import numpy as np
    >>> from skdeep.nn import SoftmaxCrossEntropy, SoftmaxFocal
    >>> for loss in (SoftmaxCrossEntropy(), SoftmaxFocal()):
    ...     loss.settle(np, np.float64)
    ...     print(f"{loss.value(np.array([[4.0, 0.0]]), np.array([0])):.6f}")
    0.018150
    0.000006
    """

    def __init__(self, gamma: float = 2.0, label_smoothing: float = 0.0) -> None:
        super().__init__(label_smoothing)
        self.gamma = _check_gamma(self, gamma)

    def _of_classes(self, z: Array, target: Array, weight: Array) -> tuple[float, Array]:
        n, k = z.shape
        share = self.buffer("share", (n, k))
        share[...] = 0.0
        share.reshape(-1)[self.xp.add(self.row_starts(n, k), target)] = 1.0
        return self._of_distributions(z, share, weight)

    def _of_distributions(self, z: Array, target: Array, weight: Array) -> tuple[float, Array]:
        """Return the sum over classes of q (1 - p)^gamma (-log p), and its gradient.

        With a = d loss_k / d log p_k = q (1 - p)^gamma (gamma p log p / (1 - p) - 1), the gradient
        by z is a - p sum(a).
        """
        xp = self.xp
        n, k = z.shape
        one = self.constant(1.0, (k,))
        if self.label_smoothing:
            target = target * (1.0 - self.label_smoothing) + self.label_smoothing / k
        p = xp.exp(z, out=self.buffer("p", (n, k)))
        z -= xp.log(xp.matmul(p, one))[:, None]  # log p
        xp.exp(z, out=p)
        rest = xp.negative(xp.expm1(z), out=self.buffer("rest", (n, k)))  # 1 - p, to all digits
        # Where p = 1 to the last digit, log p is 0 and the loss, too; log 0 would make it NaN.
        xp.maximum(rest, self.constant(float(xp.finfo(self.dtype).tiny), (n, k)), out=rest)
        factor = xp.log(rest)
        factor *= self.gamma
        xp.exp(factor, out=factor)
        factor *= target
        value = self._total(-xp.matmul(factor * z, one), weight)
        z *= p
        z *= self.gamma
        z /= rest
        z -= 1.0
        z *= factor
        p *= xp.matmul(z, one)[:, None]
        z -= p
        z *= weight[:, None]
        return value, z


class LogisticFocal(LogisticCrossEntropy):
    """The focal loss of independent yes-or-no answers, one an output.

    ::

        -y (1 - p)**gamma log p - (1 - y) p**gamma log(1 - p),  p = logistic(z)

    for targets y of 0 or 1, which label smoothing moves as in `LogisticCrossEntropy`; with `gamma`
    0 it is that.

    Parameters
    ----------
    gamma : float >= 0, default=2.0
    label_smoothing : float in [0, 1), default=0.0

    References
    ----------
    T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollár, "Focal loss for dense object detection",
    ICCV 2017.
    """

    def __init__(self, gamma: float = 2.0, label_smoothing: float = 0.0) -> None:
        super().__init__(label_smoothing)
        self.gamma = _check_gamma(self, gamma)

    def of_rows(self, z: Array, target: Array, weight: Array | None) -> tuple[float, Array]:
        """Return the loss, and its gradient by z.

        With l = -log p and m = -log(1 - p), the gradient of exp(-gamma m) l, the loss of a yes, is
        -exp(-gamma m) (gamma p l + 1 - p), and that of a no is the same with z, l and m swapped.
        """
        xp = self.xp
        shape = tuple(z.shape)
        if self.label_smoothing:
            target = target * (1 - self.label_smoothing) + self.label_smoothing / 2
        zero = self.constant(0.0, shape)
        small = xp.log1p(self._tail(z), out=self.buffer("small", shape))
        no = xp.maximum(z, zero, out=self.buffer("no", shape))  # m, the loss of a no by gamma 0
        yes = xp.subtract(no, z, out=self.buffer("yes", shape))
        no += small
        yes += small
        p = xp.exp(-yes, out=self.buffer("p", shape))
        rest = xp.exp(-no, out=self.buffer("rest", shape))
        of_yes = target * xp.exp(no * -self.gamma)
        of_no = (1.0 - target) * xp.exp(yes * -self.gamma)
        loss = of_yes * yes + of_no * no
        gradient = of_no * (p + self.gamma * rest * no) - of_yes * (rest + self.gamma * p * yes)
        z[...] = gradient
        return self._mean(loss, weight), self._weigh(z, weight)
