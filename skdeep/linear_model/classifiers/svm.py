"""Linear support vector machines for any number of classes."""

import math
from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.classifiers.base import LinearClassifier
from skdeep.linear_model.classifiers.keywords import (
    MINIBATCH_TEXTS,
    BalancedBatches,
    BatchSize,
    ClassWeight,
    InverseStrength,
    LearningRateInit,
    MaxIter,
    Patience,
    RandomState,
    Verbose,
    WarmStart,
    WeightInit,
    WithIntercept,
)
from skdeep.linear_model.losses.base import LogitLoss
from skdeep.linear_model.losses.crammer_singer import CrammerSinger
from skdeep.linear_model.losses.hinge import BinaryHinge, WestonWatkins
from skdeep.linear_model.solvers.dual_blocks import ascend_dual, suits_dual
from skdeep.linear_model.solvers.interior_point import minimize_maxima
from skdeep.linear_model.solvers.newton import Minimum, minimize
from skdeep.linear_model.solvers.newton_steps import DirectSteps, newton_steps
from skdeep.linear_model.solvers.objective import LinearObjective
from skdeep.nn import OPTIMIZER_NAMES
from skdeep.nn.training import keywords as steps
from skdeep.utils.parameters import parameters
from skdeep.utils.params import one_of, real

__all__ = ["SVMClassifier"]

Array = NDArray[np.float64]

# Where a loss has kinks, they are rounded off less and less: temperatures of the stages.
TEMPERATURES = (0.3, 0.06, 0.012, 2.4e-3, 5e-4, 1e-4, 2e-5, 4e-6)

# An interior-point method needs the Hessian; it may take so many multiplications.
MAX_INTERIOR_WORK = 4.0e10
# Of few rows with many features, one of at most so many weights.
MAX_SMALL_HESSIAN = 1000
# Passes over the rows of a sparse table, after which rounding the loss off is tried.
MAX_PASSES = 100


@parameters
class SVMClassifier(LinearClassifier):
    r"""Linear support vector machine with one joint objective for all classes.

    With logits :math:`z_i = W x_i + b` it minimises

    .. math:: \tfrac12 \|W\|_2^2 + C \sum_i s_i\, \ell(z_i, y_i),

    where :math:`s` are the sample weights times the class weights and :math:`\ell` is, with
    power :math:`q = 1` for 'hinge' and 2 for 'squared_hinge',

    - Weston-Watkins: :math:`\sum_{k \ne y} \max(0, 1 + z_k - z_y)^q`,
    - Crammer-Singer: :math:`\max(0, \max_{k \ne y} 1 + z_k - z_y)^q`,
    - with two classes, one logit for the second and :math:`t = \pm 1`:
      :math:`\max(0, 1 - t z)^q`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Classes.
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        :math:`W`; one row for two classes.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        :math:`b`.
    n_iter_ : ndarray of shape (1,)
        Iterations, or epochs.
    loss_curve_ : list of float
        Mean loss with the penalty, epoch by epoch, of the mini-batch solvers.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if they are all strings.

    See Also
    --------
    sklearn.svm.LinearSVC : One classifier against the rest for each class, or Crammer-Singer.
    SoftmaxClassifier : Linear decisions by probabilities.

    References
    ----------
    .. [1] J. Weston, C. Watkins, "Support vector machines for multi-class pattern recognition",
       ESANN 1999.
    .. [2] K. Crammer, Y. Singer, "On the algorithmic implementation of multiclass kernel-based
       vector machines", JMLR 2, 2001.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skdeep import SVMClassifier
    >>> X, y = load_wine(return_X_y=True)
    >>> model = SVMClassifier().fit(X, y)
    >>> model.predict(X[[0, 70, 140]])
    array([0, 1, 2])
    >>> model.decision_function(X[:1]).shape
    (1, 3)
    """

    _: KW_ONLY
    C: InverseStrength = 1.0
    loss: Annotated[
        str,
        one_of("squared_hinge", "hinge"),
        "The power of the hinge.",
    ] = "squared_hinge"
    multi_class: Annotated[
        str,
        one_of("weston_watkins", "crammer_singer"),
        "The form of the loss with three classes or more.",
    ] = "weston_watkins"
    tol: Annotated[
        float,
        real(0),
        """The exact solver stops when the objective can fall by at most ``tol**2`` of itself, with
        power 1, and on sparse tables of several classes with fewer rows than features, by at most
        ``tol / 10`` of itself.
        Mini-batch solvers stop when the loss falls by less than `tol` in `n_iter_no_change` epochs
        running.
        """,
    ] = 1e-4
    fit_intercept: WithIntercept = True
    class_weight: ClassWeight = None
    random_state: RandomState = None
    solver: Annotated[
        str,
        one_of("lbfgs", *OPTIMIZER_NAMES),
        *MINIBATCH_TEXTS,
        """
        - 'lbfgs': the exact solver, in coordinates in which scales and correlations of the features
          do not matter, on dense tables of many features those of the rows: Newton's method for the
          squared hinge of two classes and of Weston and Watkins, an interior-point method for the
          hinge, which with hundreds of weights starts near the optimum of the hinge with its kink
          rounded off. The squared hinge of Crammer and Singer, and the hinge with thousands of
          weights, are rounded off by less and less, or on sparse tables maximised in the dual, by
          blocks of rows, as is the squared hinge of others with fewer rows than features; with two
          classes either only there.
        """,
    ] = "lbfgs"
    max_iter: MaxIter = 500
    verbose: Verbose = 0
    warm_start: WarmStart = False
    batch_size: BatchSize = 128
    learning_rate_init: LearningRateInit = None
    balanced_batches: BalancedBatches = None
    n_iter_no_change: Patience = 5
    weight_init: WeightInit = "zeros"
    learning_rate: steps.LearningRate = "constant"
    clip_norm: steps.ClipNorm = None
    clip_value: steps.ClipValue = None

    def _loss(self, y: NDArray[np.intp], n_classes: int, weight: Array) -> LogitLoss:
        power = 2 if self.loss == "squared_hinge" else 1
        if n_classes == 2:
            return BinaryHinge(y, weight, power)
        kind = CrammerSinger if self.multi_class == "crammer_singer" else WestonWatkins
        return kind(y, n_classes, weight, power)

    def _turns_wide_tables(self) -> bool:
        # Conjugate gradients are slow on the few rows that have a curvature.
        return not np.isinf(self.C)

    def _minimize(self, objective: LinearObjective, theta: Array, after_step: Any) -> Minimum:
        loss: Any = objective.loss
        has_kinks = loss.power == 1 or isinstance(loss, CrammerSinger)
        find_step = newton_steps(objective, MAX_INTERIOR_WORK if has_kinks else None)
        if not has_kinks and (isinstance(find_step, DirectSteps) or not suits_dual(objective)):
            return super()._minimize(objective, theta, after_step)
        n_iter, value, stopped = 0, np.inf, False
        # Forming the Hessian of many features of few rows costs more than passes over the rows.
        n_samples, n_features = objective.X.shape
        is_small = 2 * n_samples >= n_features or math.prod(objective.shape) <= MAX_SMALL_HESSIAN
        forms_hessian = isinstance(find_step, DirectSteps) and is_small
        if suits_dual(objective) and not forms_hessian:
            minimum = ascend_dual(
                objective,
                tol=0.1 * float(self.tol),
                max_iter=min(int(self.max_iter), MAX_PASSES),
                after_step=after_step,
            )
            n_iter, theta = minimum.n_iter, minimum.theta
            if minimum.converged or n_iter >= int(self.max_iter):
                return minimum
        if loss.power == 1 and isinstance(find_step, DirectSteps):
            minimum = minimize_maxima(
                objective,
                theta,
                find_step,
                tol=0.1 * float(self.tol),
                max_iter=int(self.max_iter) - n_iter,
                after_step=after_step,
            )
            minimum.n_iter += n_iter
            return minimum
        if not has_kinks:
            minimum = minimize(
                objective,
                theta,
                tol=float(self.tol),
                max_iter=int(self.max_iter) - n_iter,
                after_step=after_step,
            )
            minimum.n_iter += n_iter
            return minimum

        def counted(theta: Array, value: float) -> bool:
            nonlocal stopped
            stopped = after_step(theta, value)
            return stopped

        for temperature in TEMPERATURES:
            loss.temperature = temperature
            minimum = minimize(
                objective,
                theta,
                tol=float(self.tol) if temperature < 1e-3 else max(float(self.tol), 1e-2),
                max_iter=int(self.max_iter) - n_iter,
                after_step=counted,
            )
            theta = minimum.theta
            n_iter += minimum.n_iter
            loss.temperature = 0.0
            before, value = value, loss.value(objective.logits(theta)) + objective.penalty(theta)
            # The objective itself, without the rounding, stays where its optimum is.
            settled = before - value <= 0.01 * float(self.tol) * value
            if stopped or settled or not minimum.converged:
                break
        return Minimum(theta, value, n_iter, minimum.converged)
