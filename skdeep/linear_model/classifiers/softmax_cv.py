"""Softmax regression whose penalty is chosen by cross-validation along a warm-started path."""

from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.metrics import check_scoring
from sklearn.utils.parallel import Parallel, delayed

from skdeep.linear_model.classifiers.base import warn_not_converged
from skdeep.linear_model.classifiers.coordinates import Coordinates
from skdeep.linear_model.classifiers.decision import SoftmaxProbabilityMixin
from skdeep.linear_model.classifiers.keywords import class_weights
from skdeep.linear_model.classifiers.softmax import SoftmaxClassifier
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.arrays.sparse_rows import canonical
from skdeep.utils.classes import encode_classes
from skdeep.utils.clean import validate_data
from skdeep.utils.parameters import check_parameters, parameters
from skdeep.utils.params import (
    boolean,
    folds,
    integer,
    jobs,
    none,
    real,
    rule,
    sequence_of,
)
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.scores.accuracy import AccuracyMixin
from skdeep.utils.scores.grouped_folds import GroupedFoldsMixin
from skdeep.utils.scores.lacking_classes import score_lacking_classes
from skdeep.utils.threads import jobs_inside
from skdeep.utils.user_warnings import warn_user
from skdeep.utils.weights import check_sample_weight, without_weightless

__all__ = ["SoftmaxClassifierCV"]

Array = NDArray[np.float64]


@parameters
class SoftmaxClassifierCV(GroupedFoldsMixin, SoftmaxProbabilityMixin, AccuracyMixin, BaseEstimator):
    """Softmax regression with built-in choice of the penalty.

    In each fold the values of `C` are fitted from the smallest to the largest, each from the
    solution of the one before. The choice has the best mean score over the folds, as in
    :class:`~sklearn.linear_model.LogisticRegressionCV`, and is fitted on all rows.

    Attributes
    ----------
    C_ : float
        The chosen value; among equals the first in `Cs_`.
    Cs_ : ndarray of shape (n_Cs,)
        The candidates.
    scores_ : ndarray of shape (n_folds, n_Cs)
        Scores on the held-out rows.
    classes_ : ndarray of shape (n_classes,)
        Classes.
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        Weights of the fit on all rows.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        Intercepts of the fit on all rows.
    n_iter_ : ndarray of shape (n_folds, n_Cs)
        Iterations of each fit.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if they are all strings.

    See Also
    --------
    SoftmaxClassifier : With a given penalty.
    sklearn.linear_model.LogisticRegressionCV : The same choice.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skdeep import SoftmaxClassifierCV
    >>> X, y = load_wine(return_X_y=True)
    >>> model = SoftmaxClassifierCV(Cs=[0.01, 0.1, 1.0], cv=3).fit(X, y)
    >>> model.scores_.shape
    (3, 3)
    """

    _: KW_ONLY
    Cs: Annotated[
        int | Sequence[float],
        integer(1) | sequence_of(real(0, closed="right"), min_length=1),
        """The candidates for `C`; a number stands for so many between 1e-4 and 1e4, evenly on a
        logarithmic scale.
        """,
    ] = 10
    l1_ratio: Annotated[
        float,
        real(0, 1),
        "As in :class:`SoftmaxClassifier`.",
    ] = 0.0
    fit_intercept: Annotated[
        bool,
        boolean(),
        "Whether to fit an intercept.",
    ] = True
    cv: Annotated[
        Any,
        folds(),
        "The folds; None and numbers make stratified folds, 5 by default.",
    ] = None
    scoring: Annotated[
        Any,
        rule("the name of a score", lambda value: isinstance(value, str), "str")
        | rule("a scorer", callable, "callable")
        | none(),
        "What is compared, a name or scorer of scikit-learn's; None is accuracy.",
    ] = None
    tol: Annotated[
        float,
        real(0),
        """As in :class:`SoftmaxClassifier`, for the fit on all rows; on the path at least 3e-3.
        """,
    ] = 1e-4
    max_iter: Annotated[
        int,
        integer(1),
        "The largest number of iterations of each fit.",
    ] = 100
    class_weight: Annotated[
        dict | str | None,
        class_weights,
        "Weights of the classes.",
    ] = None
    n_jobs: Annotated[
        int | None,
        jobs(),
        "How many folds to fit at once.",
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
        """Choose the penalty, then fit on all rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,)
            Classes.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts, in the fits and in the scores.
        groups : array-like of shape (n_samples,), default=None
            Which group each row is of, for a splitter as `cv` that keeps groups together, such as
            :class:`~sklearn.model_selection.GroupKFold`.

        Returns
        -------
        self : SoftmaxClassifierCV
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter or the data is not as described, or if a fold has no weight.

        Warns
        -----
        UserWarning
            If folds have scores that are not finite; candidates are judged by the others, and the
            first is taken where there are none.
        sklearn.exceptions.ConvergenceWarning
            If fits reach `max_iter` before the solution: once for all folds, with a count.
        """
        self._check_params()
        rows, target = validate_data(
            self, X, y, accept_sparse="csr", dtype=[np.float64, np.float32], order="C"
        )
        rows = canonical(rows) if sparse.issparse(rows) else rows
        classes, codes = encode_classes(target)
        weight = check_sample_weight(sample_weight, rows)
        if len(classes) < 2:
            raise ValueError(
                "SoftmaxClassifierCV needs samples of at least 2 classes in the data, but the "
                f"data contains only one class: {classes.tolist()[0]!r}."
            )
        if isinstance(self.Cs, (int, np.integer)):
            Cs = np.logspace(-4, 4, int(self.Cs))
        else:
            Cs = np.asarray(self.Cs, dtype=np.float64)
        folds = self._folds_by(rows, target, groups, classifier=True)
        if weight is not None:
            for number, fold in enumerate(folds):
                for part, name in zip(fold, ("train on", "judge by"), strict=True):
                    if not weight[part].any():
                        raise ValueError(f"Fold {number} has no row of any weight to {name}.")
        found = Parallel(n_jobs=jobs_inside(self.n_jobs))(
            delayed(self._path)(rows, target, classes, codes, weight, Cs, train, test)
            for train, test in folds
        )
        if n_unfinished := sum(n for _, _, n in found):
            n_fits = len(folds) * len(Cs)
            warn_not_converged("lbfgs", f"in {n_unfinished} of {n_fits} fits on folds")
        scores = np.array([scores for scores, _, _ in found])
        finite = np.isfinite(scores).all(axis=1)
        if not finite.all():
            judged = (
                "candidates are judged by the others" if finite.any() else "the first C is taken"
            )
            warn_user(
                f"Scores are not finite in {int((~finite).sum())} of {len(folds)} folds, which may "
                f"lack classes that scoring={self.scoring!r} needs; {judged}.",
                UserWarning,
            )
        best = float(Cs[int(np.argmax(scores[finite].sum(axis=0)))])
        model = self._model().set_params(C=best)
        model.fit(rows, target, sample_weight=weight)
        self.__dict__.update(
            {
                "C_": best,
                "Cs_": Cs,
                "scores_": scores,
                "n_iter_": np.array([n_iter for _, n_iter, _ in found], dtype=np.int32),
                "classes_": model.classes_,
                "coef_": model.coef_,
                "intercept_": model.intercept_,
            }
        )
        return self

    @property
    def penalty(self) -> str | None:
        """What `l1_ratio` says in scikit-learn's older words, as for `SoftmaxClassifier`."""
        return self._model().penalty

    def _path(
        self,
        rows: Any,
        target: NDArray[Any],
        classes: NDArray[Any],
        codes: NDArray[np.intp],
        weight: Array | None,
        Cs: Array,
        train: NDArray[np.intp],
        test: NDArray[np.intp],
    ) -> tuple[Array, NDArray[np.intp], int]:
        """Return scores and iterations of one fold, in the order of `Cs`; how many fits failed.

        What does not depend on `C`, the coordinates and the weights, is made once. Classes that
        the fold lacks have outputs all the same, as in `LogisticRegressionCV`.
        """
        scores, n_iter = np.empty(len(Cs)), np.empty(len(Cs), dtype=np.intp)
        n_unfinished = 0
        # Newton steps square the error, so the path is right long before its tolerance says so.
        model = self._model().set_params(tol=max(float(self.tol), 3e-3))
        part, labels, own = rows[train], target[train], codes[train]
        of_train = None if weight is None else weight[train]
        row_weight = model._weights(part, labels, classes, own, of_train)
        row_weight, part, own = without_weightless(row_weight, part, own)
        coordinates = Coordinates(part, row_weight, bool(self.fit_intercept))
        theta = coordinates.from_user(*model._start(part, own, len(classes), row_weight))
        scorer = None if self.scoring is None else check_scoring(model, scoring=self.scoring)
        of_test = {} if weight is None else {"sample_weight": weight[test]}
        model.n_features_in_, model.classes_ = rows.shape[1], classes
        for place in np.argsort(Cs, kind="stable"):
            model.set_params(C=float(Cs[place]))
            objective = model._objective(coordinates, own, len(classes), row_weight)
            minimum = model._minimize(objective, theta, lambda theta, value: False)
            n_unfinished += not minimum.converged
            theta = minimum.theta
            model.coef_, model.intercept_ = coordinates.to_user(
                theta, objective.loss.shift_invariant
            )
            n_iter[place] = minimum.n_iter
            if scorer is not None:
                scores[place] = score_lacking_classes(
                    scorer, model, rows[test], target[test], of_test
                )
            else:
                right = model.predict(rows[test]) == target[test]
                scores[place] = np.average(right, weights=of_test.get("sample_weight"))
        return scores, n_iter, n_unfinished

    def _model(self) -> SoftmaxClassifier:
        return SoftmaxClassifier(
            l1_ratio=self.l1_ratio,
            fit_intercept=self.fit_intercept,
            tol=self.tol,
            max_iter=self.max_iter,
            class_weight=self.class_weight,
        )

    def _check_params(self) -> None:
        check_parameters(self)
