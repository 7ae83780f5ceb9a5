"""Least squares whose degree and penalty are chosen by held-out rows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import numpy as np
from numpy.exceptions import RankWarning
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin

from skdeep.linear_model.least_squares.accumulation import Accumulation
from skdeep.linear_model.least_squares.held_out import HeldOutErrors
from skdeep.linear_model.least_squares.polynomial_model import PolynomialModelMixin
from skdeep.linear_model.least_squares.polynomials.basis import PolynomialBasis
from skdeep.linear_model.least_squares.polynomials.monomials import Monomials
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.clean import as_numbers, validate_data
from skdeep.utils.parameters import check_parameters, parameters
from skdeep.utils.params import boolean, folds, integer, real, sequence_of
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.saving.plain_state import PlainState
from skdeep.utils.scores.grouped_folds import GroupedFoldsMixin, refuse_groups
from skdeep.utils.user_warnings import warn_user
from skdeep.utils.weights import check_sample_weight, without_weightless

__all__ = ["LeastSquaresRegressorCV"]

Array = NDArray[np.float64]


@parameters
class LeastSquaresRegressorCV(
    GroupedFoldsMixin,
    PolynomialModelMixin,
    MultiOutputMixin,
    RegressorMixin,
    PlainState,
    BaseEstimator,
):
    r"""Least squares with built-in choice of the degree and of the ridge penalty.

    The candidates are compared by their mean squared error on rows that were left out: one at a
    time, exactly and without refitting, or in folds. All degrees come from one basis and one
    factorisation.

    Attributes
    ----------
    degree_ : int
        The chosen degree.
    alpha_ : float
        The chosen penalty.
    cv_errors_ : ndarray of shape (n_degrees, n_alphas)
        Mean squared errors on held-out rows, weighted, over all targets. Infinite where columns
        are dependent, or a row determines a coefficient alone.
    coef_ : ndarray of shape (n_terms,) or (n_targets, n_terms)
        Coefficients of the monomials, fitted on all rows.
    intercept_ : float or ndarray of shape (n_targets,)
        The constant term.
    standard_errors_, intercept_standard_error_, residual_std_, r2_ : float or ndarray
        As in :class:`LeastSquaresRegressor`; the choice is not accounted for.
    rank_, singular_, condition_number_ : int, ndarray and float
        As in :class:`LeastSquaresRegressor`.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if they are all strings.

    See Also
    --------
    LeastSquaresRegressor : With given degree and penalty.
    sklearn.linear_model.RidgeCV : Leave-one-out for the penalty alone.

    References
    ----------
    .. [1] D. M. Allen, "The relationship between variable selection and data augmentation and a
       method for prediction", Technometrics 16, 1974.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep import LeastSquaresRegressorCV
    >>> x = np.linspace(-1, 1, 50)[:, None]
    >>> noise = 0.1 * np.random.RandomState(0).standard_normal(50)
    >>> model = LeastSquaresRegressorCV(degree=range(1, 16)).fit(x, x[:, 0] ** 3 + noise)
    >>> model.degree_
    3
    """

    _: KW_ONLY
    degree: Annotated[
        int | Sequence[int],
        integer(1) | sequence_of(integer(1), min_length=1),
        "Candidates for the largest total degree.",
    ] = (1, 2, 3)
    interactions: Annotated[
        bool,
        boolean(),
        "Whether only products of different features are taken.",
    ] = False
    alpha: Annotated[
        float | Sequence[float],
        real(0) | sequence_of(real(0), min_length=1),
        "Candidates for the strength of the ridge penalty on `coef_`.",
    ] = 0.0
    fit_intercept: Annotated[
        bool,
        boolean(),
        "Whether to fit an intercept.",
    ] = True
    cv: Annotated[
        Any,
        folds(),
        """None leaves out one row at a time. Otherwise the folds, as in
        :func:`sklearn.model_selection.check_cv`.
        """,
    ] = None

    @in_kind
    @all_or_nothing
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Choose degree and penalty, then fit on all rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts; a row is left out with all its weight.
        groups : array-like of shape (n_samples,), default=None
            Which group each row is of, for a splitter as `cv` that keeps groups together, such as
            :class:`~sklearn.model_selection.GroupKFold`.

        Returns
        -------
        self : LeastSquaresRegressorCV
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter or the data is not as described.

        Warns
        -----
        numpy.exceptions.RankWarning
            If the rows determine none of the candidates; the lowest degree is then taken.
        """
        check_parameters(self)
        table, target = validate_data(
            self, X, y, dtype=[np.float64, np.float32], y_numeric=True, multi_output=True
        )
        weight = check_sample_weight(sample_weight, table)
        targets = as_numbers(target, type(self).__name__).reshape(len(target), -1)
        degrees = [int(degree) for degree in np.atleast_1d(np.asarray(self.degree))]
        alphas = [float(alpha) for alpha in np.atleast_1d(np.asarray(self.alpha, dtype=float))]
        n_features = table.shape[1]
        splits: Any = None
        if self.cv is None:
            refuse_groups(type(self).__name__, groups, self.cv)
        else:
            splits = self._folds_by(table, target, groups, classifier=False)
        if weight is not None and splits is not None:
            splits = _of_weight(splits, weight)
        weight, table, targets = without_weightless(weight, table, targets)
        held_out = self._held_out(table, targets, weight, degrees, alphas)
        errors = held_out.left_out() if splits is None else held_out.of_folds(splits)
        if np.isfinite(errors).any():
            place = np.unravel_index(int(np.argmin(errors)), errors.shape)
        else:
            place = np.unravel_index(int(np.argmin(degrees)) * len(alphas), errors.shape)
            warn_user(
                f"No candidate can be judged: {len(table)} samples do not determine a polynomial "
                f"of degree {min(degrees)} in {n_features} feature(s) when rows are left out. The "
                "lowest degree is taken; give more samples or a positive alpha.",
                RankWarning,
            )
        degree, alpha = degrees[place[0]], alphas[place[1]]
        rows = Accumulation(
            Monomials(n_features, degree, bool(self.interactions)), bool(self.fit_intercept)
        )
        rows.add(table, targets, weight, hold=False)
        fitted = self._fit_rows(
            rows,
            alpha=alpha,
            positive=False,
            one_target=target.ndim == 1,
            dtype=table.dtype,
            table=(table, targets, weight),
        )
        del fitted["n_iter_"]
        with np.errstate(over="ignore", under="ignore"):
            errors = np.ldexp(errors, 2 * held_out.exponent)
        self._become({**fitted, "degree_": degree, "alpha_": alpha, "cv_errors_": errors})
        return self

    def _held_out(
        self,
        table: Array,
        targets: Array,
        weight: Array | None,
        degrees: list[int],
        alphas: list[float],
    ) -> HeldOutErrors:
        monomials = Monomials(table.shape[1], max(degrees), bool(self.interactions))
        monomials.check_size(len(table))
        return HeldOutErrors(
            table,
            targets,
            np.ones(len(table)) if weight is None else weight,
            PolynomialBasis(table, monomials, bool(self.fit_intercept)),
            degrees,
            alphas,
        )

    def _takes_sparse(self) -> bool:
        return False


def _of_weight(splits: Iterable[Any], weight: Array) -> Iterator[tuple[Any, Any]]:
    """Yield the rows of splits that have a weight, by their numbers among these."""
    number = np.cumsum(weight > 0) - 1
    for fold in splits:
        train, test = (np.asarray(rows)[weight[rows] > 0] for rows in fold)
        yield number[train], number[test]
