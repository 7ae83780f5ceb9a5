"""
The weights of a linear classifier are templates
================================================

The logit of a class is the product of the picture with the weights of that class, so the weights
are a picture too: red where ink speaks for the class, blue where it speaks against it.
:class:`~skdeep.SoftmaxClassifier` weighs every picture by how much it is still in doubt; the
margins of :class:`~skdeep.SVMClassifier` let all pictures go that are right by enough, so its
templates come from the hard ones. A weak penalty makes both sharp and speckled.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdeep import SoftmaxClassifier, SVMClassifier

X, y = load_digits(return_X_y=True)
X = X / 16.0
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

models = {
    "softmax, C = 0.001": SoftmaxClassifier(C=0.001),
    "softmax, C = 100": SoftmaxClassifier(C=100.0),
    "SVM, C = 0.0001": SVMClassifier(C=0.0001),
    "SVM, C = 10": SVMClassifier(C=10.0),
}

figure, axes = plt.subplots(5, 10, figsize=(11, 6.4), layout="constrained")
for k, axis in enumerate(axes[0]):
    axis.imshow(X_train[y_train == k].mean(axis=0).reshape(8, 8), cmap="gray_r")
    axis.set_title(k)
axes[0, 0].set_ylabel("mean picture", rotation=0, ha="right", va="center")
for row, (name, model) in zip(axes[1:], models.items(), strict=True):
    model.fit(X_train, y_train)
    accuracy = model.score(X_test, y_test)
    print(f"{name}: {accuracy:.3f} of the test pictures right")
    size = np.abs(model.coef_).max()
    for weights, axis in zip(model.coef_, row, strict=True):
        axis.imshow(weights.reshape(8, 8), cmap="RdBu_r", vmin=-size, vmax=size)
    row[0].set_ylabel(f"{name}\n{accuracy:.3f} right", rotation=0, ha="right", va="center")
for axis in axes.flat:
    axis.set(xticks=[], yticks=[])
figure.suptitle("Red: ink speaks for the digit; blue: ink speaks against it")
plt.show()
