"""Linear support vector machines for any number of classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.linear_model.classifiers.base import COMMON_RULES, LinearClassifier
from skdeep.linear_model.classifiers.minibatch_training import MINIBATCH
from skdeep.linear_model.losses.base import LogitLoss
from skdeep.linear_model.losses.crammer_singer import CrammerSinger
from skdeep.linear_model.losses.hinge import BinaryHinge, WestonWatkins
from skdeep.linear_model.solvers.interior_point import minimize_maxima
from skdeep.linear_model.solvers.newton import Minimum, minimize
from skdeep.linear_model.solvers.newton_steps import DirectSteps, newton_steps
from skdeep.linear_model.solvers.objective import LinearObjective
from skdeep.utils.params import check_params, one_of

__all__ = ["SVMClassifier"]

Array = NDArray[np.float64]

# Where a loss has kinks, they are rounded off less and less: temperatures of the stages.
TEMPERATURES = (0.3, 0.06, 0.012, 2.4e-3, 5e-4, 1e-4, 2e-5, 4e-6)

# An interior-point method needs the Hessian; it may take so many multiplications.
MAX_INTERIOR_WORK = 4.0e10

RULES = {
    **COMMON_RULES,
    "loss": [one_of("squared_hinge", "hinge")],
    "multi_class": [one_of("weston_watkins", "crammer_singer")],
    "solver": [one_of("lbfgs", *MINIBATCH)],
}


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

    Parameters
    ----------
    C : float, default=1.0
        Inverse strength of the penalty; ``np.inf`` is no penalty.
    loss : {'squared_hinge', 'hinge'}, default='squared_hinge'
        The power of the hinge.
    multi_class : {'weston_watkins', 'crammer_singer'}, default='weston_watkins'
        The form of the loss with three classes or more.
    tol : float, default=1e-4
        The exact solver stops when the objective can fall by at most ``tol**2`` of itself, with
        power 1 by at most ``tol / 10`` of itself.
        Mini-batch solvers stop when the loss falls by less than `tol` in `n_iter_no_change` epochs
        running.
    fit_intercept : bool, default=True
        Whether to fit :math:`b`, which is not penalised, unlike that of
        :class:`~sklearn.svm.LinearSVC`.
    class_weight : dict or 'balanced', default=None
        Weights of the classes; 'balanced' makes the classes weigh the same.
    random_state : int, RandomState instance or None, default=None
        Shuffles the rows for mini-batches.
    solver : {'lbfgs', 'sgd', 'momentum', 'nesterov', 'adam'}, default='lbfgs'
        'lbfgs' is the exact solver, in coordinates in which scales and correlations of the
        features do not matter: Newton's method for the squared hinge of two classes and of Weston
        and Watkins, an interior-point method for the hinge, which with hundreds of weights starts
        near the optimum of the hinge with its kink rounded off. The squared hinge of Crammer and
        Singer, and the hinge with thousands of weights, are rounded off by less and less. The
        others train on mini-batches, the features as they come: scale them.
    max_iter : int, default=500
        The largest number of iterations, or of epochs.
    verbose : int, default=0
        A positive number prints the objective after each iteration.
    warm_start : bool, default=False
        Whether to start from the weights of the last fit.
    batch_size : int, default=128
        Rows in a mini-batch.
    learning_rate_init : float, default=None
        The step size of the mini-batch solvers. None takes 0.1 for 'sgd', 0.01 for 'momentum'
        and 'nesterov', 0.001 for 'adam'.
    balanced_batches : {'proportional', 'equal'} or None, default=None
        How batches are drawn: shuffled; with the class proportions of the data in every batch; or
        with all classes equally often.
    n_iter_no_change : int, default=5
        Epochs without a better loss before a mini-batch solver stops.
    weight_init : {'zeros', 'class_means'}, default='zeros'
        Where the weights start: at zero, or at the classifier by the nearest class mean.
    learning_rate : {'constant', 'invscaling', 'adaptive', 'step', 'exponential', 'cosine'}, \
            default='constant'
        The schedule of the mini-batch solvers, from `learning_rate_init` on: those of
        :class:`MLPClassifier`, with their defaults.
    clip_norm : float, default=None
        Mini-batch gradients longer than this are scaled down to this length.

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

    loss: str
    multi_class: str

    def __init__(
        self,
        *,
        C: float = 1.0,
        loss: str = "squared_hinge",
        multi_class: str = "weston_watkins",
        tol: float = 1e-4,
        fit_intercept: bool = True,
        class_weight: dict | str | None = None,
        random_state: int | np.random.RandomState | None = None,
        solver: str = "lbfgs",
        max_iter: int = 500,
        verbose: int = 0,
        warm_start: bool = False,
        batch_size: int = 128,
        learning_rate_init: float | None = None,
        balanced_batches: str | None = None,
        n_iter_no_change: int = 5,
        weight_init: str = "zeros",
        learning_rate: str = "constant",
        clip_norm: float | None = None,
    ) -> None:
        self.C = C
        self.loss = loss
        self.multi_class = multi_class
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.random_state = random_state
        self.solver = solver
        self.max_iter = max_iter
        self.verbose = verbose
        self.warm_start = warm_start
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.balanced_batches = balanced_batches
        self.n_iter_no_change = n_iter_no_change
        self.weight_init = weight_init
        self.learning_rate = learning_rate
        self.clip_norm = clip_norm

    def _check_params(self) -> None:
        check_params(self, RULES)

    def _loss(self, y: NDArray[np.intp], n_classes: int, weight: Array) -> LogitLoss:
        power = 2 if self.loss == "squared_hinge" else 1
        if n_classes == 2:
            return BinaryHinge(y, weight, power)
        kind = CrammerSinger if self.multi_class == "crammer_singer" else WestonWatkins
        return kind(y, n_classes, weight, power)

    def _minimize(self, objective: LinearObjective, theta: Array, after_step: Any) -> Minimum:
        loss: Any = objective.loss
        if loss.power == 2 and not isinstance(loss, CrammerSinger):
            return super()._minimize(objective, theta, after_step)
        find_step = newton_steps(objective, MAX_INTERIOR_WORK)
        if loss.power == 1 and isinstance(find_step, DirectSteps):
            return minimize_maxima(
                objective,
                theta,
                find_step,
                tol=0.1 * float(self.tol),
                max_iter=int(self.max_iter),
                after_step=after_step,
            )
        stopped = False

        def counted(theta: Array, value: float) -> bool:
            nonlocal stopped
            stopped = after_step(theta, value)
            return stopped

        n_iter, value = 0, np.inf
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
