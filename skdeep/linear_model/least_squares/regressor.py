"""Least squares, linear and polynomial, computed so that the digits can be trusted."""

from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks

from skdeep.linear_model.least_squares.accumulation import Accumulation
from skdeep.linear_model.least_squares.iterative import IterativeLeastSquaresMixin
from skdeep.linear_model.least_squares.polynomials.monomials import Monomials
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.arrays.sparse_rows import canonical
from skdeep.utils.clean import as_numbers, validated
from skdeep.utils.parameters import check_parameters, parameters
from skdeep.utils.params import boolean, integer, jobs, none, one_of, random_state, real
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.saving.plain_state import PlainState
from skdeep.utils.weights import check_sample_weight, without_weightless

__all__ = ["LeastSquaresRegressor"]

Array = NDArray[np.float64]

# A sparse table with more columns than this is solved by iteration.
MAX_FACTORED_SPARSE_COLUMNS = 1000

_seed = random_state()  # a field of that name hides the rule


@parameters
class LeastSquaresRegressor(
    IterativeLeastSquaresMixin,
    CallbackSupportMixin,
    MultiOutputMixin,
    RegressorMixin,
    PlainState,
    BaseEstimator,
):
    r"""Ordinary least squares on the features or on all their monomials up to a degree.

    A drop-in for :class:`~sklearn.linear_model.LinearRegression` that fits polynomials by itself
    and computes them in a well-conditioned basis. It minimises

    .. math:: \sum_i w_i \left( y_i - b_0 - \sum_\alpha b_\alpha x_i^\alpha \right)^2
              + \lambda \sum_\alpha b_\alpha^2

    over the coefficients :math:`b` of the monomials :math:`x^\alpha` of degree 1 to `degree`
    and the intercept :math:`b_0`; :math:`\lambda` is `alpha`. Where many coefficients do so, it
    takes those with the smallest :math:`\sum_\alpha b_\alpha^2`, and warns.

    Attributes
    ----------
    coef_ : ndarray of shape (n_terms,) or (n_targets, n_terms)
        Coefficients of the monomials, in the order of `get_feature_names_out`.
    intercept_ : float or ndarray of shape (n_targets,)
        The constant term, 0.0 without `fit_intercept`.
    standard_errors_ : ndarray of the shape of `coef_`
        Standard errors of the coefficients. Computed when asked for; not available after
        iterative solvers and with `positive`.
    intercept_standard_error_ : float or ndarray of shape (n_targets,)
        Standard error of the intercept; available where `standard_errors_` is.
    residual_std_ : float or ndarray of shape (n_targets,)
        Estimated standard deviation of the noise: the root of the weighted sum of squared
        residuals over its degrees of freedom. Weights count as repetitions. NaN where no degree
        of freedom is left. This, `r2_`, `rank_` and `condition_number_` come from the factorisation
        and are not there after iterative solvers.
    r2_ : float or ndarray of shape (n_targets,)
        Coefficient of determination on the training rows. Without an intercept the total sum of
        squares is taken about zero, as statisticians do. NaN for a constant target.
    rank_ : int
        The number of independent columns of the design, the constant not counted.
    singular_ : ndarray of shape (min(n_samples, n_features),)
        Singular values of the centred features. Only with ``degree=1`` on data that was
        factorised.
    condition_number_ : float
        Condition number of the design of plain monomials, constant included, with columns of
        unit length: by how much the monomials amplify relative errors. Infinite where columns
        are dependent.
    loss_curve_ : list of float
        Half the mean squared error with its penalty after each epoch of 'gd' and 'sgd'.
    n_iter_ : int
        Epochs of gradient descent, iterations of LSQR; 1 for the factorisation.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if they are all strings.

    See Also
    --------
    sklearn.linear_model.LinearRegression : Least squares of degree 1.
    sklearn.linear_model.Ridge : The same with `alpha`, of degree 1.

    Notes
    -----
    The columns that are computed with are products of polynomials that are orthogonal on the
    values of each feature. Their design is factorised, ``P = Q R``, block by block, so that
    memory holds a few megabytes of it whatever the number of rows. With far more terms than rows
    only the combinations of the rows are computed with: time and memory grow with the number of
    terms times that of rows. The solution of a small problem is refined with residuals of twice
    the digits, and the coefficients of the plain monomials are computed from it with twice the
    digits. `predict` evaluates the basis.

    References
    ----------
    .. [1] National Institute of Standards and Technology, "Statistical Reference Datasets:
       linear regression". https://www.itl.nist.gov/div898/strd/lls/lls.shtml
    .. [2] A. Bjorck, "Numerical Methods for Least Squares Problems", SIAM, 1996.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep import LeastSquaresRegressor
    >>> year = np.arange(1990.0, 2011.0)[:, None]
    >>> growth = 5 + 3e-3 * (year[:, 0] - 2000) ** 3
    >>> model = LeastSquaresRegressor(degree=3).fit(year, growth)
    >>> model.coef_
    array([ 3.6e+04, -1.8e+01,  3.0e-03])
    >>> model.get_feature_names_out()
    array(['x0', 'x0^2', 'x0^3'], dtype=object)
    >>> model.predict([[2020.0]])
    array([29.])
    """

    _: KW_ONLY
    degree: Annotated[
        int,
        integer(1),
        "The largest total degree of the monomials.",
    ] = 1
    interactions: Annotated[
        bool,
        boolean(),
        """Whether only products of different features are taken, as with `interaction_only` of
        :class:`~sklearn.preprocessing.PolynomialFeatures`.
        """,
    ] = False
    alpha: Annotated[
        float,
        real(0),
        """Strength of the ridge penalty, defined on the coefficients in `coef_`, whatever basis is
        computed in. The intercept is not penalised.
        """,
    ] = 0.0
    fit_intercept: Annotated[
        bool,
        boolean(),
        "Whether to fit an intercept.",
    ] = True
    copy_X: Annotated[
        bool,
        boolean(),
        "Kept for compatibility: `X` is never overwritten.",
    ] = True
    tol: Annotated[
        float,
        real(0),
        """When to stop iterations: of LSQR on wide sparse data, as in `LinearRegression`, and of
        gradient descent, by the relative decrease of the loss in an epoch: after five that
        bring less, 'gd' is over and 'sgd' halves its step, ten times at most. The factorisation
        does not use it.
        """,
    ] = 1e-6
    n_jobs: Annotated[
        int | None,
        jobs(),
        "Kept for compatibility: all work is done by BLAS, which has threads of its own.",
    ] = None
    positive: Annotated[
        bool,
        boolean(),
        "Whether all coefficients must be non-negative. Dense data only.",
    ] = False
    solver: Annotated[
        str,
        one_of("qr", "gd", "sgd"),
        """'qr' factorises the design. 'gd' is gradient descent on all rows, 'sgd' on mini-batches,
        both in the same basis; they keep a loss curve.
        """,
    ] = "qr"
    learning_rate_init: Annotated[
        float | None,
        real(0, closed="neither") | none(),
        "The step of 'gd', and the first of 'sgd'. None takes the largest that is safe.",
    ] = None
    batch_size: Annotated[
        int,
        integer(1),
        "Rows in a mini-batch of 'sgd'.",
    ] = 32
    max_iter: Annotated[
        int,
        integer(1),
        "The largest number of epochs of 'gd' and 'sgd'.",
    ] = 1000
    random_state: Annotated[
        Any,
        _seed,
        "Shuffles the rows of 'sgd'.",
    ] = None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self._takes_sparse()
        return tags

    @in_kind
    @all_or_nothing
    @with_callbacks
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit the model.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features; sparse with ``degree=1`` and ``solver='qr'``, unless `positive`.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts.

        Returns
        -------
        self : LeastSquaresRegressor
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter or the data is not as described, if there are more terms than memory
            holds, if coefficients leave the range of floats, or if gradient descent diverges.

        Warns
        -----
        numpy.exceptions.RankWarning
            If columns are linearly dependent; it names them.
        """
        self._check_params()
        table, targets, weight, one_target = self._validated(X, y, sample_weight, reset=True)
        context = self._init_callback_context(
            max_subtasks=0 if self.solver == "qr" else self.max_iter
        )
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        hooks = {"estimator": self, "X": X, "y": y, "metadata": metadata}
        context.call_on_fit_task_begin(**hooks)
        if self.solver != "qr":
            fitted = self._fit_descent(table, targets, weight, one_target, context, hooks)
        elif sparse.issparse(table) and table.shape[1] > MAX_FACTORED_SPARSE_COLUMNS:
            fitted = self._fit_sparse(table, targets, weight, one_target)
        else:
            rows = Accumulation(self._monomials(table.shape[1]), self.fit_intercept)
            rows.add(table, targets, weight, hold=False)
            fitted = self._fit_rows(
                rows,
                alpha=float(self.alpha),
                positive=self.positive,
                one_target=one_target,
                dtype=table.dtype,
                table=None if sparse.issparse(table) else (table, targets, weight),
            )
        self._become(fitted)
        context.call_on_fit_task_end(**hooks, reconstruction_attributes=dict)
        return self

    @all_or_nothing
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Add rows to those that were fitted so far.

        The triangular factor of all rows is kept, not sums of products: the coefficients have the
        digits of one fit on all rows, in memory that does not depend on their number.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts.

        Returns
        -------
        self : LeastSquaresRegressor
            The estimator fitted on all rows so far.

        Raises
        ------
        ValueError
            If the solver does not factorise, or if the number of features or targets changed.
        """
        self._check_params()
        if self.solver != "qr":
            raise ValueError(
                "partial_fit adds rows to a factorisation and needs solver='qr'; "
                f"got solver={self.solver!r}."
            )
        rows = getattr(self, "_rows", None)
        table, targets, weight, one_target = self._validated(
            X, y, sample_weight, reset=rows is None
        )
        if sparse.issparse(table) and table.shape[1] > MAX_FACTORED_SPARSE_COLUMNS:
            raise ValueError(
                f"partial_fit keeps a dense factor; it takes at most {MAX_FACTORED_SPARSE_COLUMNS} "
                f"sparse features, got {table.shape[1]}."
            )
        if rows is None:
            rows = Accumulation(self._monomials(table.shape[1]), self.fit_intercept)
        elif (rows.monomials, rows.constant) != (
            self._monomials(table.shape[1]),
            bool(self.fit_intercept),
        ):
            raise ValueError(
                f"partial_fit goes on with degree={rows.monomials.degree}, "
                f"interactions={rows.monomials.interactions}, fit_intercept={rows.constant}, as "
                f"the rows before were fitted; got degree={self.degree}, "
                f"interactions={self.interactions}, fit_intercept={self.fit_intercept}."
            )
        elif targets.shape[1] != len(rows.shift) or one_target != (self.coef_.ndim == 1):
            raise ValueError(
                f"y has shape {np.shape(y)}, but the rows before had {len(rows.shift)} target(s)."
            )
        rows = rows.copy()  # so that rows that fail are not there the next time
        weight = None if weight is None else weight.copy()
        rows.add(table.copy(), targets.copy(), weight, hold=True)
        self._become(
            self._fit_rows(
                rows,
                alpha=float(self.alpha),
                positive=self.positive,
                one_target=one_target,
                dtype=table.dtype,
            )
        )
        return self

    def _takes_sparse(self) -> bool:
        return bool(self.degree == 1 and not self.positive and self.solver == "qr")

    def _monomials(self, n_features: int) -> Monomials:
        return Monomials(n_features, int(self.degree), bool(self.interactions))

    def _check_params(self) -> None:
        check_parameters(self)
        if self.positive and self.solver != "qr":
            raise ValueError(f"positive=True needs solver='qr'; got solver={self.solver!r}.")

    def _validated(
        self, X: Any, y: Any, sample_weight: Any, *, reset: bool
    ) -> tuple[Any, Array, Array | None, bool]:
        """Return the table, the targets as columns, the weights, and whether y was a vector.

        Rows of no weight are left out.
        """
        X, y = validated(
            self,
            X,
            y,
            reset=reset,
            accept_sparse=("csr", "csc", "coo") if self._takes_sparse() else False,
            dtype=[np.float64, np.float32],
            y_numeric=True,
            multi_output=True,
        )
        X = canonical(X) if sparse.issparse(X) else X
        targets = as_numbers(y, type(self).__name__).reshape(len(y), -1)
        weight = check_sample_weight(sample_weight, X)
        weight, X, targets = without_weightless(weight, X, targets)
        return X, targets, weight, y.ndim == 1
