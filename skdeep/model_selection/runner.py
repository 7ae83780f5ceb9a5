"""Every estimator on every fold, in parallel, with tasks for scikit-learn's callbacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils.parallel import Parallel, delayed

from skdeep.model_selection.folds import FoldResult, Params, run_fold
from skdeep.utils.threads import jobs_inside

__all__ = ["Compare"]

Split = tuple[NDArray[np.intp], NDArray[np.intp]]


class Compare(CallbackSupportMixin, BaseEstimator):
    """What callbacks see of a comparison: a fit, with a task for each estimator.

    Parameters
    ----------
    estimators : dict of str to estimator
    scorers : dict of str to callable
    n_jobs : int or None
    error_score : 'raise' or nan

    Attributes
    ----------
    results_ : dict of str to list of FoldResult
        For each estimator its folds, in order.
    """

    def __init__(self, estimators, *, scorers, n_jobs=None, error_score=np.nan):
        self.estimators = estimators
        self.scorers = scorers
        self.n_jobs = n_jobs
        self.error_score = error_score

    @with_callbacks
    def fit(
        self, X: Any, y: Any = None, *, splits: list[Split], params: Mapping[str, Params]
    ) -> Compare:
        """Run every estimator on every fold."""
        given = {"estimator": self, "X": X, "y": y}
        contexts: dict[str, list[Any]] = {name: [None] * len(splits) for name in self.estimators}
        caller, fit, parts = None, None, []
        if hasattr(self, "_skl_callbacks"):
            caller = self
            fit = self._init_callback_context(max_subtasks=len(self.estimators))
            fit.call_on_fit_task_begin(**given)
            for name in self.estimators:
                part = fit.subcontext(task_name=name, max_subtasks=len(splits))
                part.call_on_fit_task_begin(**given)
                # All of them now: one made later would change what workers are being sent.
                contexts[name] = [part.subcontext(task_name="fold") for _ in splits]
                parts.append(part)
        # Fold by fold, so that a machine that slows down slows all estimators down alike.
        jobs = [(name, fold) for fold in range(len(splits)) for name in self.estimators]
        results: list[FoldResult] = Parallel(n_jobs=jobs_inside(self.n_jobs))(
            delayed(run_fold)(
                self.estimators[name],
                X,
                y,
                *splits[fold],
                scorer=self.scorers[name],
                params=params[name],
                reraise=isinstance(self.error_score, str),
                caller=caller,
                context=contexts[name][fold],
            )
            for name, fold in jobs
        )
        self.results_: dict[str, list[FoldResult]] = {name: [] for name in self.estimators}
        for (name, _), result in zip(jobs, results, strict=True):
            self.results_[name].append(result)
        for part in parts:
            part.call_on_fit_task_end(**given)
        if fit is not None:
            fit.call_on_fit_task_end(**given)
        return self
