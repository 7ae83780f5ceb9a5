"""The multilayer perceptron for classification."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.callback import with_callbacks
from sklearn.metrics import accuracy_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target

from skdeep.neural_network.base import is_stochastic
from skdeep.neural_network.class_weights import is_dicts, weigh_by_class
from skdeep.neural_network.mlp import BaseMLP
from skdeep.neural_network.targets import ClassTargets
from skdeep.nn import LogisticCrossEntropy, Loss, SoftmaxCrossEntropy
from skdeep.utils.params import none, one_of, real, rule
from skdeep.utils.restore import all_or_nothing

__all__ = ["MLPClassifier"]


class MLPClassifier(ClassifierMixin, BaseMLP):
    """Multilayer perceptron classifier, with everything scikit-learn's has and more.

    Minimizes the cross-entropy of softmax (several classes) or logistic (two classes, multilabel)
    outputs plus ``alpha / 2`` times the sum of squared weights, divided by the number of samples.
    Every parameter of :class:`sklearn.neural_network.MLPClassifier` is here with the same meaning
    and default, and the same `random_state` gives the same network; those after `max_fun` are
    skdeep's own, off by default.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(100,)
        The number of units of each hidden layer.
    activation : str or sequence of str, default='relu'
        Of the hidden units, one for all layers or one each: 'identity', 'logistic', 'tanh',
        'relu', 'leaky_relu', 'elu', 'softplus', 'gelu' or 'silu'.
    solver : {'lbfgs', 'sgd', 'adam'}, default='adam'
        L-BFGS sees all data at every step, the others mini-batches.
    alpha : float >= 0, default=1e-4
        Strength of the L2 penalty on weights, not on biases or normalization's scales.
    batch_size : int or 'auto', default='auto'
        Samples in a mini-batch; 'auto' is min(200, n_samples).
    learning_rate : str, default='constant'
        The schedule, for 'sgd' and 'adam':

        - 'constant': `learning_rate_init` throughout;
        - 'invscaling': ``learning_rate_init / (t + 1)**power_t`` after t samples;
        - 'adaptive': divided by 5 whenever there is no progress;
        - 'step': multiplied by `learning_rate_decay` after every `learning_rate_step` epochs;
        - 'exponential': as 'step' without stairs;
        - 'cosine': half a cosine down to `learning_rate_min` over `max_iter` epochs, whose end
          is meant and gives no warning.
    learning_rate_init : float > 0, default=0.001
        The learning rate that the schedule starts from.
    power_t : float >= 0, default=0.5
        Exponent of 'invscaling'.
    max_iter : int >= 1, default=200
        Epochs at most, or iterations of L-BFGS.
    shuffle : bool, default=True
        Whether each epoch sees the samples in a new order.
    random_state : int, RandomState instance or None, default=None
        Draws weights, the validation split, orders and dropout's masks.
    tol : float >= 0, default=1e-4
        Progress smaller than this, for more than `n_iter_no_change` epochs, ends training. For
        'lbfgs', the largest component of the gradient at which it ends.
    verbose : bool or int, default=False
        Whether to print the loss of each epoch.
    warm_start : bool, default=False
        Whether `fit` goes on from where the last one ended.
    momentum : float in [0, 1], default=0.9
        What 'sgd' keeps of its velocity.
    nesterovs_momentum : bool, default=True
        Whether 'sgd' looks ahead.
    early_stopping : bool, default=False
        Whether progress is measured on a validation part, and the best epoch's network restored
        whole (weights and running statistics). Not for 'lbfgs'.
    validation_fraction : float in [0, 1), default=0.1
        The part of the training data that early stopping sets aside if no `X_val` is given.
    beta_1, beta_2 : float in [0, 1), default=0.9 and 0.999
        What Adam's moments keep from step to step.
    epsilon : float > 0, default=1e-8
        Added to Adam's root.
    n_iter_no_change : int >= 1 or inf, default=10
        Epochs without progress that are forgiven.
    max_fun : int >= 1, default=15000
        Evaluations of the loss at most, for 'lbfgs'.
    dropout : float in [0, 1) or sequence of float, default=0.0
        Rate at which hidden units are dropped in training, one for all layers or one each.
    input_dropout : float in [0, 1), default=0.0
        Rate at which features are dropped in training.
    batch_norm : bool, default=False
        Whether hidden layers are normalized over the batch, of at least two samples, before their
        activation.
    layer_norm : bool, default=False
        Whether hidden layers are normalized over their units before their activation.
    weight_init : str or None, default=None
        'normal' (standard deviation 0.01), 'glorot_uniform', 'glorot_normal', 'xavier_uniform',
        'xavier_normal', 'he_uniform', 'he_normal', 'lecun_uniform' or 'lecun_normal', with zero
        biases. None is scikit-learn's scheme: Glorot's uniform for weights and biases.
    class_weight : dict, list of dict, 'balanced' or None, default=None
        Weight of each class, multiplied into the sample weights; 'balanced' makes all classes
        count alike. With multilabel targets, the weights of 0 and 1: one dict for all labels, or a
        list of one a label; a sample counts the product over its labels.
    label_smoothing : float in [0, 1), default=0.0
        The share of each target that is spread over all classes.
    dtype : {'float32', 'float64'} or None, default=None
        Type of the network's numbers; None keeps that of the input.
    clip_norm : float > 0 or None, default=None
        Gradients longer than this are scaled down to it.
    decoupled_weight_decay : float >= 0, default=0.0
        Each step multiplies the weights by one minus this times the learning rate; with 'adam'
        this is AdamW.
    scoring : str, callable or None, default=None
        What early stopping goes by: accuracy (None), 'loss' for the validation loss, or any
        scorer.
    learning_rate_decay : float in (0, 1], default=0.1
        For 'step' and 'exponential'.
    learning_rate_step : int >= 1, default=10
        Epochs, for 'step' and 'exponential'.
    learning_rate_min : float >= 0, default=0.0
        Where 'cosine' ends.
    warmup_epochs : int >= 0, default=0
        Epochs over which the rate climbs to `learning_rate_init` before the schedule starts.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels.
    coefs_, intercepts_ : list of ndarray
        Weights of shape (n_inputs, n_units) and biases of shape (n_units,) of each layer, views
        into the network's parameter vector.
    network_ : skdeep.nn.Network
        The network.
    loss_ : float
        Loss of the last epoch.
    loss_curve_ : list of float
        Loss of each epoch.
    best_loss_ : float or None
        The lowest of them; None where early stopping went by a validation part.
    validation_scores_, validation_loss_curve_ : list of float or None
        Score and loss of each epoch on the validation part, if there was one.
    best_validation_score_ : float or None
        The highest of the scores.
    history_ : dict of lists
        Columns 'epoch', 'loss', 'learning_rate', 'gradient_norm' (of the last batch's loss; for
        'lbfgs' of loss and penalty), 'seconds', and 'validation_loss' and 'validation_score' where
        there was a validation part.
    n_iter_ : int
        Epochs of the last `fit`.
    t_ : int
        Training samples seen.
    n_layers_, n_outputs_ : int
        Number of layers of units (input and output included), and of outputs.
    out_activation_ : {'softmax', 'logistic'}
        What makes probabilities of the outputs.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if `X` has them all as strings.

    See Also
    --------
    MLPRegressor : The same for numbers.
    sklearn.neural_network.MLPClassifier : What this can stand in for.

    Notes
    -----
    Differences from scikit-learn's: the schedules work with 'adam' too; a loss that is not finite
    any more ends training at once, with an error, or with a warning where early stopping has a
    best network to go back to. Feature arrays that are not C-contiguous are copied, others are
    not.

    References
    ----------
    G. E. Hinton, "Connectionist learning procedures", Artificial Intelligence 40, 1989.

    D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from skdeep import MLPClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)
    >>> clf = MLPClassifier((64, 64), batch_norm=True, dropout=0.2, max_iter=20, random_state=0,
    ...                     learning_rate_init=0.01, learning_rate="cosine", n_iter_no_change=20)
    >>> clf.fit(X_train, y_train).score(X_test, y_test) > 0.97
    True
    """

    _more_rules = {
        "class_weight": [
            none(),
            one_of("balanced"),
            rule("a dict or a list of dicts", is_dicts),
        ],
        "label_smoothing": [real(0, 1, closed="left")],
    }

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: Any = 10,
        max_fun: int = 15000,
        dropout: Any = 0.0,
        input_dropout: float = 0.0,
        batch_norm: bool = False,
        layer_norm: bool = False,
        weight_init: str | None = None,
        class_weight: Any = None,
        label_smoothing: float = 0.0,
        dtype: Any = None,
        clip_norm: float | None = None,
        decoupled_weight_decay: float = 0.0,
        scoring: Any = None,
        learning_rate_decay: float = 0.1,
        learning_rate_step: int = 10,
        learning_rate_min: float = 0.0,
        warmup_epochs: int = 0,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.batch_norm = batch_norm
        self.layer_norm = layer_norm
        self.weight_init = weight_init
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing
        self.dtype = dtype
        self.clip_norm = clip_norm
        self.decoupled_weight_decay = decoupled_weight_decay
        self.scoring = scoring
        self.learning_rate_decay = learning_rate_decay
        self.learning_rate_step = learning_rate_step
        self.learning_rate_min = learning_rate_min
        self.warmup_epochs = warmup_epochs

    @all_or_nothing
    @with_callbacks
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> MLPClassifier:
        """Train the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features; float32 stays float32.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels, or a label indicator matrix.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.
        X_val, y_val : array-like, default=None
            Validation samples of your own, evaluated after every epoch; early stopping takes them
            instead of a part of `X`. A `Pipeline` transforms them if it is told
            ``transform_input=["X_val"]``, with scikit-learn's metadata routing enabled.
        sample_weight_val : array-like of shape (n_val_samples,), default=None
            Their weights, as they are: `class_weight` is for training.

        Returns
        -------
        MLPClassifier
            The fitted estimator itself.

        Raises
        ------
        ValueError
            If a parameter, an array or a shape is wrong, or the loss is not finite any more; the
            estimator is then as it was before.
        """
        return self._fit(X, y, sample_weight, validation=(X_val, y_val, sample_weight_val))

    @available_if(is_stochastic)
    @all_or_nothing
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
    ) -> MLPClassifier:
        """Train for one epoch on the given samples.

        Callbacks are for `fit`; none is called here.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels, or a label indicator matrix.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.
        classes : array-like of shape (n_classes,), default=None
            All classes there will ever be; required at the first call.

        Returns
        -------
        MLPClassifier
            The fitted estimator itself.

        Raises
        ------
        ValueError
            As for `fit`, and if `classes` is missing or not what it was.
        """
        if not self.__sklearn_is_fitted__():
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
        elif classes is not None and not np.array_equal(self.classes_, np.unique(classes)):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: "
                f"{self.classes_!r}"
            )
        return self._fit(X, y, sample_weight, incremental=True, classes=classes)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the most probable class of each sample.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            Class labels.
        """
        predictions = self._predictions(X)
        return self._targets.decode(predictions)

    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Columns in the order of `classes_`.
        """
        probabilities = self._predictions(X)
        if self._targets.kind != "binary":
            return probabilities
        if len(self.classes_) == 1:
            return np.ones_like(probabilities)
        return np.hstack([1 - probabilities, probabilities])

    def predict_log_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the logarithm of the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            The logarithm of `predict_proba`.
        """
        probabilities = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return np.log(probabilities, out=probabilities)

    @property
    def classes_(self) -> NDArray[Any]:
        """The class labels."""
        self._dense_layers()
        return self._targets.classes

    def _make_loss(self) -> Loss:
        kind = SoftmaxCrossEntropy if self._targets.kind == "multiclass" else LogisticCrossEntropy
        return kind(self.label_smoothing)

    def _learn_targets(self, y: Any, weight: NDArray[Any] | None, classes: Any) -> ClassTargets:
        if classes is None or type_of_target(y).startswith("multilabel"):
            return ClassTargets(y)
        return ClassTargets(np.unique(classes))

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
        if incremental and isinstance(self.class_weight, str):
            raise ValueError(
                "class_weight='balanced' needs all data at once; for partial_fit, compute the "
                "weights with sklearn.utils.compute_class_weight and pass them as a dict."
            )
        by_class = weigh_by_class(self.class_weight, self._targets, y, weight)
        weighted = by_class if weight is None else weight * by_class
        return weighted.astype(self.network_.dtype)

    def _own_score(self, predictions: NDArray[Any], y: Any, weight: Any) -> float:
        if not np.isfinite(predictions).all():
            return float("nan")
        return float(accuracy_score(y, self._targets.decode(predictions), sample_weight=weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
