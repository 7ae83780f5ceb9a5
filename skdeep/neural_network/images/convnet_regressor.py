"""Convolutional networks for regression."""

from skdeep.neural_network.images.convnet import BaseConvNet
from skdeep.neural_network.regressor import NetworkRegressor
from skdeep.utils.parameters import parameters

__all__ = ["ConvNetRegressor"]


@parameters
class ConvNetRegressor(BaseConvNet, NetworkRegressor):
    """Convolutional network regressor for pictures, or for rows of a table that hold some.

    Predicts one number a picture, or several. See :class:`ConvNetClassifier` for the forms of `X`.

    See Also
    --------
    ConvNetClassifier : The same for classes.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep import ConvNetRegressor
    >>> X = np.random.default_rng(0).random((200, 8, 8))
    >>> y = X[:, :4].mean(axis=(1, 2)) - X[:, 4:].mean(axis=(1, 2))
    >>> reg = ConvNetRegressor(architecture="8 | 16", standardize_target=True, max_iter=60)
    >>> reg.set_params(random_state=0).fit(X[:150], y[:150]).score(X[150:], y[150:]) > 0.4
    True
    """
