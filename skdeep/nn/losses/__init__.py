"""Losses: how far a batch of network outputs is from its targets, and the gradient of that.

A loss takes the network's raw outputs z of shape (n_samples, n_outputs), so that the function that
turns them into predictions (softmax, logistic, exponential) and the logarithm that follows can be
done together, which is what keeps them stable for outputs of any size. It is the mean over samples
(the weighted mean, with weights that sum to one) of the sum over outputs. Where each position of a
sample has outputs of its own, z is of shape (n_samples, ..., n_outputs) and the mean goes over all
positions, but those behind the end of a sequence.

=================  =================================  ==================  =====================
loss               of one sample                      gradient by z       prediction
=================  =================================  ==================  =====================
softmax            log sum exp(z) - z_y               softmax(z) - 1_y    softmax(z)
logistic           log(1 + exp(z)) - y z              logistic(z) - y     logistic(z)
focal              (1 - p_y)**gamma (-log p_y)        see there           softmax, logistic(z)
hinge              max(0, 1 - y z), y = -1, 1         -y below 1          z
multiclass hinge   sum_k max(0, 1 + z_k - z_y)        see there           z
squared error      (z - y)**2 / 2                     z - y               z
Poisson            y log(y / mu) - y + mu             mu - y              mu = exp(z)
gamma              log(mu / y) + y / mu - 1           1 - y / mu          mu = exp(z)
Tweedie            half its deviance, of power p      (mu - y) mu**(1-p)  mu = exp(z)
Gaussian           (r**2 / v + log 2 pi v) / 2        r / v, by m         m, sqrt(v)
absolute error     \\|z - y\\|                          sign(z - y)         z
Huber              r**2 / 2, or d (\\|r\\| - d / 2)     r clipped to [-d,d] z, with r = z - y
quantile           max(q (y - z), (1 - q) (z - y))    (1 - q) or -q       z
quantiles          the sum of theirs                  see there           each above the last
=================  =================================  ==================  =====================
"""

from skdeep.nn.losses.base import Loss
from skdeep.nn.losses.deviances import Gamma, Poisson, Tweedie
from skdeep.nn.losses.focal import LogisticFocal, SoftmaxFocal
from skdeep.nn.losses.gaussian import Gaussian
from skdeep.nn.losses.hinge import Hinge, MulticlassHinge
from skdeep.nn.losses.logistic import LogisticCrossEntropy
from skdeep.nn.losses.quantiles import Quantile, Quantiles
from skdeep.nn.losses.residuals import AbsoluteError, Huber, SquaredError
from skdeep.nn.losses.softmax import SoftmaxCrossEntropy
from skdeep.nn.losses.tasks import TaskLosses

__all__ = [
    "AbsoluteError",
    "Gamma",
    "Gaussian",
    "Hinge",
    "Huber",
    "LogisticCrossEntropy",
    "LogisticFocal",
    "Loss",
    "MulticlassHinge",
    "Poisson",
    "Quantile",
    "Quantiles",
    "SoftmaxCrossEntropy",
    "SoftmaxFocal",
    "SquaredError",
    "TaskLosses",
    "Tweedie",
]
