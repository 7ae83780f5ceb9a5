"""The multilayer perceptron for regression."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.callback import with_callbacks
from sklearn.metrics import r2_score
from sklearn.utils.metaestimators import available_if

from skdeep.neural_network.base import is_stochastic
from skdeep.neural_network.mlp import BaseMLP
from skdeep.neural_network.targets import NumberTargets
from skdeep.nn import AbsoluteError, Huber, Loss, Poisson, Quantile, SquaredError
from skdeep.utils.params import boolean, one_of, real
from skdeep.utils.restore import all_or_nothing

__all__ = ["MLPRegressor"]

_REGRESSION_LOSSES = ("squared_error", "poisson", "absolute_error", "huber", "quantile")


class MLPRegressor(RegressorMixin, BaseMLP):
    """Multilayer perceptron regressor, with everything scikit-learn's has and more.

    Minimizes the mean over samples of the loss, summed over outputs, plus ``alpha / 2`` times the
    sum of squared weights, divided by the number of samples. Every parameter of
    :class:`sklearn.neural_network.MLPRegressor` is here with the same meaning and default, and the
    same `random_state` gives the same network; those after `max_fun` are skdeep's own, off by
    default.

    Parameters
    ----------
    loss : str, default='squared_error'
        'squared_error' (halved), 'poisson' (half the deviance, of the exponential of the output),
        'absolute_error', 'huber' or 'quantile'.
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
        The schedule, for 'sgd' and 'adam': 'constant', 'invscaling', 'adaptive', 'step',
        'exponential' or 'cosine', as described for :class:`MLPClassifier`.
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
    standardize_target : bool, default=False
        Whether the network learns (y - mean) / standard deviation, with the moments of the first
        training data. Predictions are in the units of `y` either way; losses are then in units of
        the standard deviation.
    huber_delta : float > 0, default=1.0
        Residuals beyond this count linearly in loss='huber'.
    quantile : float in (0, 1), default=0.5
        The quantile that loss='quantile' predicts.
    dtype : {'float32', 'float64'} or None, default=None
        Type of the network's numbers; None keeps that of the input.
    clip_norm : float > 0 or None, default=None
        Gradients longer than this are scaled down to it.
    decoupled_weight_decay : float >= 0, default=0.0
        Each step multiplies the weights by one minus this times the learning rate; with 'adam'
        this is AdamW.
    scoring : str, callable or None, default=None
        What early stopping goes by: R2 (None), 'loss' for the validation loss, or any scorer.
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
    coefs_, intercepts_ : list of ndarray
        Weights of shape (n_inputs, n_units) and biases of shape (n_units,) of each layer, views
        into the network's parameter vector.
    network_ : skdeep.nn.Network
        The network.
    target_mean_, target_scale_ : ndarray of shape (n_outputs,) or None
        What `standardize_target` subtracts and divides by.
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
    out_activation_ : {'identity', 'exp'}
        What makes predictions of the outputs.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if `X` has them all as strings.

    See Also
    --------
    MLPClassifier : The same for classes.
    sklearn.neural_network.MLPRegressor : What this can stand in for.

    Notes
    -----
    Differences from scikit-learn's: those of :class:`MLPClassifier`, and the squared error of
    several outputs is their sum, whose gradient training follows, not their mean.

    References
    ----------
    G. E. Hinton, "Connectionist learning procedures", Artificial Intelligence 40, 1989.

    D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import cross_val_score
    >>> from skdeep import MLPRegressor
    >>> X, y = load_diabetes(return_X_y=True, scaled=True)
    >>> params = dict(max_iter=100, n_iter_no_change=1, tol=0.01, random_state=0)
    >>> plain = MLPRegressor(**params)
    >>> scaled = MLPRegressor(**params, standardize_target=True)
    >>> bool(cross_val_score(plain, X * 20, y).mean() < -1)
    True
    >>> bool(cross_val_score(scaled, X * 20, y).mean() > 0.4)
    True
    """

    _more_rules = {
        "loss": [one_of(*_REGRESSION_LOSSES)],
        "standardize_target": [boolean()],
        "huber_delta": [real(0, closed="neither")],
        "quantile": [real(0, 1, closed="neither")],
    }
    _y_is_numeric = True

    def __init__(
        self,
        loss: str = "squared_error",
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
        standardize_target: bool = False,
        huber_delta: float = 1.0,
        quantile: float = 0.5,
        dtype: Any = None,
        clip_norm: float | None = None,
        decoupled_weight_decay: float = 0.0,
        scoring: Any = None,
        learning_rate_decay: float = 0.1,
        learning_rate_step: int = 10,
        learning_rate_min: float = 0.0,
        warmup_epochs: int = 0,
    ) -> None:
        self.loss = loss
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
        self.standardize_target = standardize_target
        self.huber_delta = huber_delta
        self.quantile = quantile
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
    ) -> MLPRegressor:
        """Train the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features; float32 stays float32.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Numbers, in units of your own.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.
        X_val, y_val : array-like, default=None
            Validation samples of your own, evaluated after every epoch; early stopping takes them
            instead of a part of `X`. A `Pipeline` transforms them if it is told
            ``transform_input=["X_val"]``, with scikit-learn's metadata routing enabled.
        sample_weight_val : array-like of shape (n_val_samples,), default=None
            Their weights.

        Returns
        -------
        MLPRegressor
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
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> MLPRegressor:
        """Train for one epoch on the given samples.

        Callbacks are for `fit`; none is called here.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Numbers.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.

        Returns
        -------
        MLPRegressor
            The fitted estimator itself.

        Raises
        ------
        ValueError
            As for `fit`.
        """
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict numbers.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In the units of the training targets.
        """
        predictions = self._predictions(X)
        return self._targets.decode(predictions)

    @property
    def target_mean_(self) -> NDArray[np.float64] | None:
        """What `standardize_target` subtracts."""
        self._dense_layers()
        return self._targets.mean

    @property
    def target_scale_(self) -> NDArray[np.float64] | None:
        """What `standardize_target` divides by."""
        self._dense_layers()
        return self._targets.scale

    def _check_params(self) -> None:
        super()._check_params()
        if self.loss == "poisson" and self.standardize_target:
            raise ValueError(
                "MLPRegressor takes loss='poisson' or standardize_target=True, not both: a count "
                "that is standardized is not a count any more."
            )

    def _check_unchanged(self) -> None:
        super()._check_unchanged()
        if self.standardize_target != (self._targets.mean is not None):
            raise ValueError(
                "MLPRegressor goes on with a network that learned with "
                f"standardize_target={not self.standardize_target}. Got "
                f"standardize_target={self.standardize_target}; set it back, or fit anew with "
                "warm_start=False."
            )

    def _make_loss(self) -> Loss:
        match self.loss:
            case "poisson":
                return Poisson()
            case "absolute_error":
                return AbsoluteError()
            case "huber":
                return Huber(self.huber_delta)
            case "quantile":
                return Quantile(self.quantile)
            case _:
                return SquaredError()

    def _learn_targets(self, y: Any, weight: NDArray[Any] | None, classes: Any) -> NumberTargets:
        return NumberTargets(y, weight, standardize=self.standardize_target)

    def _check_targets(self, y: Any, what: str) -> None:
        if self.loss == "poisson" and (y < 0).any():
            raise ValueError(
                f"loss='poisson' is for counts: {what} must not be negative, got {y.min():g}."
            )

    def _class_weights(self, y: Any, weight: Any, incremental: bool) -> Any:
        return weight

    def _own_score(self, predictions: NDArray[Any], y: Any, weight: Any) -> float:
        if not np.isfinite(predictions).all():
            return float("nan")
        return float(r2_score(y, self._targets.decode(predictions), sample_weight=weight))
