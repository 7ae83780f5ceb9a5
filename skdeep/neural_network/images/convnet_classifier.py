"""Convolutional networks for classification."""

from skdeep.neural_network.classifier import NetworkClassifier
from skdeep.neural_network.images.convnet import BaseConvNet
from skdeep.utils.parameters import parameters

__all__ = ["ConvNetClassifier"]


@parameters
class ConvNetClassifier(BaseConvNet, NetworkClassifier):
    """Convolutional network classifier for pictures, or for rows of a table that hold some.

    Minimizes the cross-entropy of softmax or logistic outputs, as :class:`MLPClassifier` does, with
    convolutions that look for the same small patterns everywhere in a picture. Pictures are of
    shape (n_samples, height, width) or (n_samples, height, width, channels); in a pipeline, and
    wherever scikit-learn wants a table, they are rows of `image_shape`. Pixels may be integers,
    also of a memory map, and are turned into float32 batch by batch; floats keep their type, of
    which float32 is several times as fast as float64. Every channel is brought to mean 0 and
    variance 1.

    See Also
    --------
    ConvNetRegressor : The same for numbers.
    MLPClassifier : Where features are no pixels.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
    recognition", Proc. IEEE 86, 1998.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from skdeep import ConvNetClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> clf = ConvNetClassifier("16, 32 | 64", max_iter=10, random_state=0)
    >>> clf.fit(X_train, y_train).score(X_test, y_test) > 0.96
    True
    >>> clf.image_shape_
    (8, 8, 1)
    """
