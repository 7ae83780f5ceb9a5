"""What all network classifiers share."""

from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import accuracy_score

from skdeep.neural_network.base import BaseNetwork, is_stochastic
from skdeep.neural_network.class_weights import is_dicts, weigh_by_class
from skdeep.neural_network.targets import ClassTargets
from skdeep.nn import (
    Hinge,
    LogisticCrossEntropy,
    LogisticFocal,
    Loss,
    MulticlassHinge,
    SoftmaxCrossEntropy,
    SoftmaxFocal,
)
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.class_weights import check_balance
from skdeep.utils.classes import kind_of_target
from skdeep.utils.interface.methods import available_if
from skdeep.utils.parameters import parameters
from skdeep.utils.params import none, one_of, real, rule
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.scores.accuracy import AccuracyMixin

__all__ = ["NetworkClassifier", "logarithms"]

# Losses whose outputs are margins, and the power of the hinge; those of the others are made
# probabilities.
_POWERS = {"hinge": 1, "squared_hinge": 2}

_dicts = rule("a dict or a list of dicts", is_dicts, "dict", "list of dict")


def _has_probabilities(estimator: Any) -> bool:
    """Tell whether `predict_proba` makes sense, for `available_if`."""
    if not estimator._by_margin:
        return True
    raise AttributeError(
        f"Probabilities are not available: {type(estimator).__name__} with loss='hinge' or "
        "'squared_hinge' learns margins. Use decision_function, or loss='log_loss' or 'focal'."
    )


def _has_margins(estimator: Any) -> bool:
    """Tell whether `decision_function` makes sense, for `available_if`."""
    if estimator._by_margin:
        return True
    raise AttributeError(
        f"Margins are not available: {type(estimator).__name__} with loss='log_loss' or 'focal' "
        "learns probabilities. Use predict_proba, or loss='hinge' or 'squared_hinge'."
    )


@parameters
class NetworkClassifier(AccuracyMixin, BaseNetwork):
    """A network whose outputs become probabilities of classes, or are their margins.

    Softmax of one output a class, or the logistic function of a single output for two classes, and
    of one output a label for multilabel targets; margins are the outputs themselves. A subclass has
    an architecture, and how `X` becomes what its network reads.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels.
    out_activation_ : {'softmax', 'logistic', 'identity'}
        What makes probabilities of the outputs; 'identity' where they are margins.
    """

    _: KW_ONLY
    class_weight: Annotated[
        Any,
        none() | one_of("balanced") | _dicts,
        """Weight of each class, multiplied into the sample weights; 'balanced' makes all classes
        count alike. With multilabel targets, the weights of 0 and 1: one dict for all labels, or a
        list of one a label; a sample counts the product over its labels.
        """,
    ] = None
    label_smoothing: Annotated[
        float,
        real(0, 1, closed="left"),
        "The share of each target that is spread over all classes.",
    ] = 0.0
    scoring: Annotated[
        Any,
        """What early stopping goes by: accuracy (None), 'loss' for the validation loss, or any
        scorer.
        """,
    ] = None
    loss: Annotated[
        str,
        one_of("log_loss", "hinge", "squared_hinge", "focal"),
        """'log_loss', the cross-entropy; 'focal', which is that times (1 - p) to the power
        `focal_gamma` for the probability p of the right class; or 'hinge' and 'squared_hinge', by
        which outputs are margins, of Weston and Watkins' form with three classes or more:
        `decision_function` has them, and there is no `predict_proba`.
        """,
    ] = "log_loss"
    focal_gamma: Annotated[
        float,
        real(0),
        "How much less a sample counts in loss='focal' that is right already; 0 is 'log_loss'.",
    ] = 2.0

    @available_if(is_stochastic)
    @in_kind
    @all_or_nothing
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch on the given samples.

        Callbacks are for `fit`; none is called here. Optimizer, rate and schedule are those of the
        first call, or of `fit`, whatever their parameters have become, as scikit-learn has it.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels, or a label indicator matrix.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.
        classes : array-like of shape (n_classes,), default=None
            All classes there will ever be; required at the first call.

        Returns
        -------
        self
            The fitted estimator itself.

        Raises
        ------
        ValueError
            As for `fit`, and if `classes` is missing or not what it was.
        """
        if not self.__sklearn_is_fitted__():
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
        elif classes is not None and not self._are_classes(classes):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: "
                f"{self.classes_!r}"
            )
        return self._fit(X, y, sample_weight, incremental=True, classes=classes)

    @in_kind
    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the class of each sample: the most probable, or of the largest margin.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            Class labels. Where each step of a sequence has a class, an axis of steps is behind the
            first, or it is a list of arrays if lengths differ.
        """
        return self._answers(X, lambda predictions: self._targets.decode(predictions))[0]

    @available_if(_has_margins)
    @in_kind
    def decision_function(self, X: ArrayLike) -> NDArray[Any]:
        """Return the margin of each class, where `loss` is a hinge.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            The outputs of the network, columns in the order of `classes_`; with two classes one
            number, above 0 for the second. With multilabel targets a column a label. Where each
            step of a sequence has a class, an axis of steps or a list, as in `predict`.
        """
        return self._answers(X, self._as_margins)[0]

    @available_if(_has_probabilities)
    @in_kind
    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Columns in the order of `classes_`. Where each step of a sequence has a class, an axis
            of steps or a list, as in `predict`.
        """
        return self._answers(X, self._as_probabilities)[0]

    @available_if(_has_probabilities)
    @in_kind
    def predict_log_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the logarithm of the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples, as for `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            The logarithm of `predict_proba`.
        """
        return logarithms(self.predict_proba(X))

    @property
    def classes_(self) -> NDArray[Any]:
        """The class labels."""
        self._require_fit()
        return self._targets.classes

    def _as_margins(self, predictions: NDArray[Any]) -> NDArray[Any]:
        """Return what `decision_function` makes of predictions."""
        return predictions[..., 0] if self._targets.kind == "binary" else predictions

    def _as_probabilities(self, predictions: NDArray[Any]) -> Any:
        """Return the probabilities of all classes for what the loss makes of outputs."""
        if self._targets.kind != "binary":
            return predictions
        if len(self.classes_) == 1:
            return np.ones_like(predictions)
        return np.concatenate([1 - predictions, predictions], axis=-1)

    def _are_classes(self, classes: Any) -> bool:
        """Tell whether these are the classes that there are."""
        return np.array_equal(self.classes_, np.unique(classes))

    @property
    def _by_margin(self) -> bool:
        """Whether outputs are margins: of the loss of the fit, if there was one."""
        fitted = self.__sklearn_is_fitted__()
        return self._targets.boundary == 0 if fitted else self.loss in _POWERS

    def _check_params(self) -> None:
        super()._check_params()
        if self.label_smoothing and self.loss in _POWERS:
            raise ValueError(
                f"{type(self).__name__} takes label_smoothing={self.label_smoothing!r} or "
                f"loss={self.loss!r}, not both: a hinge knows right and wrong, no probabilities."
            )

    def _check_unchanged(self) -> None:
        super()._check_unchanged()
        if self._by_margin != (self.loss in _POWERS):
            known = "margins" if self._by_margin else "probabilities"
            raise ValueError(
                f"{type(self).__name__} goes on with a network that learned {known}. Got "
                f"loss={self.loss!r}; set it back, or fit anew with warm_start=False."
            )

    def _make_loss(self) -> Loss:
        several = self._targets.kind == "multiclass"
        if self.loss in _POWERS:
            return (MulticlassHinge if several else Hinge)(_POWERS[self.loss])
        if self.loss == "focal":
            focal = SoftmaxFocal if several else LogisticFocal
            return focal(self.focal_gamma, self.label_smoothing)
        kind = SoftmaxCrossEntropy if several else LogisticCrossEntropy
        return kind(self.label_smoothing)

    def _learn_targets(self, y: Any, weight: NDArray[Any] | None, classes: Any) -> ClassTargets:
        boundary = 0.0 if self.loss in _POWERS else 0.5
        if classes is None or kind_of_target(y).startswith("multilabel"):
            return ClassTargets(y, boundary)
        return ClassTargets(np.unique(classes), boundary)

    def _check_targets(self, y: Any, what: str) -> None:
        targets = self._targets
        unseen = targets.unseen(y)
        if self.warm_start and what == "y":
            found = np.unique(y) if targets.kind != "multilabel-indicator" else targets.classes
            if set(found) != set(targets.classes):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the previous "
                    f"call to fit. Previously got {targets.classes}, `y` has {found}"
                )
        if len(unseen):
            raise ValueError(
                f"`{what}` has classes not in `self.classes_`. `self.classes_` has "
                f"{targets.classes}. '{what}' has {unseen} besides."
            )

    def _class_weights(self, y: Any, weight: Any, incremental: bool) -> Any:
        if self.class_weight is None:
            return weight
        if incremental:
            check_balance(self.class_weight)
        by_class = weigh_by_class(self.class_weight, self._targets, y, weight)
        return by_class if weight is None else weight * by_class

    def _own_score(self, predictions: NDArray[Any], y: Any, weight: Any) -> float:
        if not np.isfinite(predictions).all():
            return float("nan")
        found = self._targets.decode(predictions)
        if y.ndim == 1:  # the same without its checks, in a tenth of the time
            return float(np.average(y == found, weights=weight))
        return float(accuracy_score(y, found, sample_weight=weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def logarithms(probabilities: Any) -> Any:
    """Turn probabilities, or those of each of several targets, into their logarithms, in place."""
    each = probabilities if isinstance(probabilities, list) else [probabilities]
    with np.errstate(divide="ignore"):
        for of_target in each:
            np.log(of_target, out=of_target)
    return probabilities
