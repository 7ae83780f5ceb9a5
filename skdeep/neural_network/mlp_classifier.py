"""The multilayer perceptron for classification."""

from skdeep.neural_network.mlp import BaseMLP
from skdeep.neural_network.multitask.classifier import MultiTaskClassifier
from skdeep.neural_network.training_params import SolverParams
from skdeep.utils.parameters import parameters

__all__ = ["MLPClassifier"]


@parameters(first=SolverParams)
class MLPClassifier(BaseMLP, MultiTaskClassifier):
    """Multilayer perceptron classifier, with everything scikit-learn's has and more.

    Minimizes the cross-entropy of softmax (several classes) or logistic (two classes, multilabel)
    outputs plus ``alpha / 2`` times the sum of squared weights, divided by the number of samples.
    Every parameter of :class:`sklearn.neural_network.MLPClassifier` is here with the same meaning
    and default, and the same `random_state` gives the same network; those after `max_fun` are
    skdeep's own, off by default.

    Where `y` has a column of labels for each of several targets, each has a softmax of its own on
    hidden layers that all share, and `classes_` and `predict_proba` are lists, as those of
    scikit-learn's forests. Columns of two values only are a label indicator matrix.

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
