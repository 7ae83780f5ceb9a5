"""Multinomial logistic regression that converges on what it is given."""

from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.callback import with_callbacks
from sklearn.utils.validation import check_is_fitted

from skdeep.linear_model.classifiers.base import LinearClassifier
from skdeep.linear_model.classifiers.coordinates import Coordinates
from skdeep.linear_model.classifiers.decision import SoftmaxProbabilityMixin, check_offset
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
from skdeep.linear_model.classifiers.standard_errors import weight_errors
from skdeep.linear_model.losses.base import LogitLoss
from skdeep.linear_model.losses.cross_entropy import LogisticLoss, SoftmaxLoss
from skdeep.nn import OPTIMIZER_NAMES
from skdeep.nn.training import keywords as steps
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.clean import check_classification_targets
from skdeep.utils.parameters import parameters
from skdeep.utils.params import jobs, one_of, real
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.weights import without_weightless

__all__ = ["SoftmaxClassifier"]

Array = NDArray[np.float64]

# All names that scikit-learn has for exact solvers of this problem mean the same one here.
EXACT = ("lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga")


@parameters
class SoftmaxClassifier(SoftmaxProbabilityMixin, LinearClassifier):
    r"""Softmax regression: linear logits, cross entropy, L2, L1 or elastic-net penalty.

    A drop-in for :class:`~sklearn.linear_model.LogisticRegression`. With logits
    :math:`z_i = W x_i + b` it minimises the same objective,

    .. math:: C \sum_i s_i \left( \log \sum_k e^{z_{ik}} - z_{i y_i} \right)
              + \frac{1 - \rho}{2} \|W\|_2^2 + \rho \|W\|_1,

    on the features as they come, where :math:`s` are the sample weights times the class weights
    and :math:`\rho` is `l1_ratio`. With two classes :math:`W` has one row and the logit of the
    first class is 0.

    The default solver works in coordinates in which scales and correlations of the features do
    not matter, and stops when the decrease of the objective that is left is small. So it reaches
    the optimum on unscaled data too, in a few iterations.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Classes.
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        :math:`W`; one row for two classes. Its rows sum to zero without an L1 penalty.
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
    sklearn.linear_model.LogisticRegression : The same model.
    SVMClassifier : Linear decisions by margins.

    References
    ----------
    .. [1] J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd edition, chapter 7.
    .. [2] C. Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR
       2016, for label smoothing.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skdeep import SoftmaxClassifier
    >>> X, y = load_wine(return_X_y=True)
    >>> model = SoftmaxClassifier().fit(X, y)
    >>> model.n_iter_
    array([8], dtype=int32)
    >>> model.predict_proba(X[70:72]).round(3)
    array([[0.039, 0.765, 0.196],
           [0.   , 1.   , 0.   ]])
    """

    _: KW_ONLY
    C: InverseStrength = 1.0
    l1_ratio: Annotated[
        float,
        real(0, 1),
        r""":math:`\rho`: 0 is an L2 penalty, 1 an L1 penalty. Every solver takes every value; of
        those for mini-batches, the three by the gradient, 'adam', 'amsgrad' and 'nadam' make
        weights exact zeros.
        """,
    ] = 0.0
    tol: Annotated[
        float,
        real(0),
        """The exact solvers stop when the objective can fall by at most ``tol**2`` of itself, 1e-8
        by default. Mini-batch solvers stop when the loss falls by less than `tol` in
        `n_iter_no_change` epochs running.
        """,
    ] = 1e-4
    fit_intercept: WithIntercept = True
    class_weight: ClassWeight = None
    random_state: RandomState = None
    solver: Annotated[
        str,
        one_of(*EXACT, *OPTIMIZER_NAMES),
        *MINIBATCH_TEXTS,
        """
        - 'lbfgs', 'liblinear', 'newton-cg', 'newton-cholesky', 'sag' and 'saga': the names that
          `LogisticRegression` has for exact solvers all mean the one here, which never penalises
          the intercept, as 'liblinear' does there, and takes any number of classes: Newton's
          method, with the Hessian where it is small, otherwise by preconditioned conjugate
          gradients, and on wide dense tables L-BFGS on the way to the neighbourhood of the
          solution.
        """,
    ] = "lbfgs"
    max_iter: MaxIter = 100
    verbose: Verbose = 0
    warm_start: WarmStart = False
    n_jobs: Annotated[
        int | None,
        jobs(),
        "Kept for compatibility: all work is done by BLAS, which has threads of its own.",
    ] = None
    batch_size: BatchSize = 128
    learning_rate_init: LearningRateInit = None
    balanced_batches: BalancedBatches = None
    n_iter_no_change: Patience = 5
    weight_init: WeightInit = "zeros"
    label_smoothing: Annotated[
        float,
        real(0, 1, closed="left"),
        "The part of each target that is spread over all classes.",
    ] = 0.0
    learning_rate: steps.LearningRate = "constant"
    clip_norm: steps.ClipNorm = None
    clip_value: steps.ClipValue = None

    def _loss(self, y: NDArray[np.intp], n_classes: int, weight: Array) -> LogitLoss:
        smoothing = float(self.label_smoothing)
        if n_classes == 2:
            return LogisticLoss(y, weight, smoothing)
        return SoftmaxLoss(y, n_classes, weight, smoothing)

    @property
    def penalty(self) -> str | None:
        """'l1', 'l2', 'elasticnet' or None: `C` and `l1_ratio` in scikit-learn's older words.

        :class:`~sklearn.feature_selection.SelectFromModel` asks: of 'l1', it keeps all features
        whose weights are not zero.
        """
        if np.isinf(self.C):
            return None
        return {0.0: "l2", 1.0: "l1"}.get(float(self.l1_ratio), "elasticnet")

    def _l1_ratio(self) -> float:
        return float(self.l1_ratio)

    @in_kind
    @all_or_nothing
    @with_callbacks
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        offset: ArrayLike | None = None,
    ) -> Self:
        """Fit the model.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,)
            Classes.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts.
        offset : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            What is added to the logits of each row and not learned, such as the logits of another
            model or the logarithm of an exposure. The first shape is for two classes. The methods
            that predict take it likewise.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter or the data is not as described, if a mini-batch solver diverges, or if
            weights overflow.

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            If `max_iter` is reached before the solution.
        """
        self._fit(X, y, sample_weight, offset)
        return self

    def standard_errors(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        offset: ArrayLike | None = None,
    ) -> tuple[Array, Array]:
        r"""Return the standard errors of `coef_` and `intercept_`.

        With the Fisher information :math:`F` of the rows at the fitted weights and the penalty's
        curvature :math:`P`, they are the roots of the diagonal of
        :math:`(F + P)^{-1} F (F + P)^{-1}`, without a penalty that of :math:`F^{-1}`. With more
        than two classes they belong to weights that add up to zero over the classes, as `coef_`
        does. A penalty shrinks the weights, which their standard errors do not tell.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The features that were fitted.
        y : array-like of shape (n_samples,)
            Their classes.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts.
        offset : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            As in `fit`.

        Returns
        -------
        coef_errors : ndarray of the shape of `coef_`
            Standard errors of the weights; NaN where the rows say nothing of a weight.
        intercept_errors : ndarray of the shape of `intercept_`
            Standard errors of the intercepts; zeros without `fit_intercept`.

        Raises
        ------
        ValueError
            If there is an L1 penalty, if there are too many weights for a matrix of all pairs, or
            if `y` has other classes.

        References
        ----------
        S. le Cessie, J. C. van Houwelingen, "Ridge estimators in logistic regression", Applied
        Statistics 41, 1992.

        Examples
        --------
        >>> from sklearn.datasets import load_breast_cancer
        >>> from skdeep import SoftmaxClassifier
        >>> X, y = load_breast_cancer(return_X_y=True)
        >>> model = SoftmaxClassifier(C=float("inf")).fit(X[:, :2], y)
        >>> model.coef_.round(3), model.standard_errors(X[:, :2], y)[0].round(3)
        (array([[-1.057, -0.218]]), array([[0.101, 0.037]]))
        """
        check_is_fitted(self)
        if self.l1_ratio and not np.isinf(self.C):
            raise ValueError(
                f"Weights under an L1 penalty have no standard errors; l1_ratio={self.l1_ratio}."
            )
        rows, target = self._validated(X, y, reset=False)
        check_classification_targets(target)
        unknown = np.setdiff1d(target, self.classes_)
        if len(unknown):
            raise ValueError(
                f"y has the class {unknown.tolist()[0]!r}, which is not among the classes "
                f"{self.classes_.tolist()}."
            )
        codes = np.searchsorted(self.classes_, target)
        weight = self._weights(rows, target, self.classes_, codes, sample_weight)
        with np.errstate(over="ignore", invalid="ignore"):  # which leave NaN
            return self._errors(rows, codes, weight, offset)

    def _errors(
        self, rows: Any, codes: NDArray[np.intp], weight: Array, offset: Any
    ) -> tuple[Array, Array]:
        n_classes = len(self.classes_)
        checked = check_offset(offset, len(codes), n_classes)
        weight, rows, codes, checked = without_weightless(weight, rows, codes, checked)
        coordinates = Coordinates(rows, weight, self._with_intercept)
        objective = self._objective(coordinates, codes, n_classes, weight, checked)
        coef = self.coef_.toarray() if sparse.issparse(self.coef_) else self.coef_
        theta = coordinates.from_user(
            np.asarray(coef, np.float64), np.asarray(self.intercept_, np.float64)
        )
        strength = 1.0 if np.isinf(self.C) else float(self.C)
        errors = np.sqrt(strength) * weight_errors(objective, theta, coordinates)
        if not self._with_intercept:
            return errors, np.zeros(len(errors))
        return errors[:, :-1], errors[:, -1]
