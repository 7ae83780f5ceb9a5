"""The multilayer perceptron for regression."""

from skdeep.neural_network.mlp import BaseMLP
from skdeep.neural_network.regressor import NetworkRegressor
from skdeep.neural_network.training_params import SolverParams
from skdeep.utils.parameters import parameters

__all__ = ["MLPRegressor"]


@parameters(first=SolverParams)
class MLPRegressor(BaseMLP, NetworkRegressor):
    """Multilayer perceptron regressor, with everything scikit-learn's has and more.

    Minimizes the mean over samples of the loss, summed over outputs, plus ``alpha / 2`` times the
    sum of squared weights, divided by the number of samples. Every parameter of
    :class:`sklearn.neural_network.MLPRegressor` is here with the same meaning and default, and the
    same `random_state` gives the same network; those after `max_fun` are skdeep's own, off by
    default.

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

    _poisson_as_drawn = True  # as scikit-learn's
