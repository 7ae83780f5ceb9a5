"""Look at a fitted network with an experienced eye."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_consistent_length

from skdeep.inspection.diagnosis.data import of_features, of_predictions
from skdeep.inspection.diagnosis.evidence import Evidence
from skdeep.inspection.diagnosis.findings import Diagnosis, Finding
from skdeep.inspection.diagnosis.game import is_game, of_game
from skdeep.inspection.diagnosis.training import of_training
from skdeep.inspection.diagnosis.units import of_units
from skdeep.inspection.inputs import require_network
from skdeep.inspection.unwrap import unwrap_fitted
from skdeep.neural_network.tabular.base import TabularNet

__all__ = ["diagnose"]


def diagnose(
    estimator: Any, X: Any = None, y: Any = None, *, X_val: Any = None, y_val: Any = None
) -> Diagnosis:
    """Say what looks wrong about a fitted network, and what to try.

    Without data the record of the training is judged. With `X`, what the layers make of some of
    the samples is looked at, too; with `y`, predictions; with samples that were not trained on,
    how well the network generalizes. Nothing is recorded during `fit` for it, and the estimator
    stays as it is.

    ============================ ==================================================================
    finding                      what is seen
    ============================ ==================================================================
    diverging                    the loss ends above where it began, or is not finite
    learning rate too high       the loss jumps up by more than 5% of its range, epoch by epoch
    learning rate too low        the loss falls along a straight line
    stopped too early            `max_iter` ended a loss that was falling, by 3% in the last tenth
    overfitting                  the validation loss rises, or held-out scores are far lower
    underfitting                 a linear model on unseen samples beats the network on its own
    unscaled features            a feature far above 30, or most far below 0.1
    dead units                   half of a layer's rectified units are zero for all samples
    saturated units              60% of the outputs of tanh or logistic units are at an end
    vanishing or exploding       a gradient shrinks or grows a thousandfold from the outputs to the
                                 first layer of weights
    constant predictions         all samples are predicted alike
    class imbalance ignored      a small class is missed, and there is no `class_weight`
    discriminator won            it loses less than half of what one loses that cannot tell
    samples off the data         they are twice as far from it as one half is from the other
    ============================ ==================================================================

    Parameters
    ----------
    estimator : estimator
        A fitted network, also at the end of a `Pipeline` or inside a search. Of networks for raw
        tables, which set rates and lengths of their training by themselves, divergence and
        predictions are judged.
    X, y : array-like, default=None
        Samples that it was trained on, as for its `fit`.
    X_val, y_val : array-like, default=None
        Samples that it was not trained on.

    Returns
    -------
    Diagnosis
        A sequence of findings; printed, it says what was seen and what to try.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    TypeError
        If it has not one network, and none for raw tables.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skdeep import MLPClassifier
    >>> from skdeep.inspection import diagnose
    >>> X, y = load_wine(return_X_y=True)
    >>> clf = MLPClassifier((32,), max_iter=100, random_state=0).fit(X, y)
    >>> diagnose(clf, X, y).names
    ['unscaled features', ...]
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> scaled = make_pipeline(StandardScaler(), clf.set_params(max_iter=500, tol=1e-3)).fit(X, y)
    >>> print(diagnose(scaled, X, y))
    Nothing looks wrong about MLPClassifier, its training and 178 samples.
    """
    inner, X = unwrap_fitted(estimator, X)
    if not isinstance(inner, TabularNet):
        require_network(inner, "diagnose")
    if X_val is not None:
        _, X_val = unwrap_fitted(estimator, X_val)
    for given in ((X, y), (X_val, y_val)):
        check_consistent_length(*given)
    evidence = Evidence(inner, X, y, X_val, y_val)
    with np.errstate(over="ignore", invalid="ignore"):  # huge is what it tells
        findings = _findings(evidence)
    about = f"{type(inner).__name__}, its training"
    if X is not None:
        about += f" and {len(evidence.rows)} samples"
    return Diagnosis(findings, about)


def _findings(evidence: Evidence) -> list[Finding]:
    """Return what each of the looks tells."""
    return [
        *of_training(evidence),
        *of_game(evidence),
        *of_features(evidence),
        *(() if is_game(evidence) else of_units(evidence)),  # some units are for made samples
        *of_predictions(evidence),
    ]
