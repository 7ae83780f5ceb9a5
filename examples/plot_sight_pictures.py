"""
What a convolutional network sees
=================================

A small network reads handwritten digits. What are its filters, what do they make of a digit, where
does it find its evidence, what would each class like to see best, and which digits does it take for
others?
"""

# %%
# The network
# -----------

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdeep import ConvNetClassifier
from skdeep.inspection import (
    ConfusionGalleryDisplay,
    EvidenceDisplay,
    FeatureMapDisplay,
    PreferredInputDisplay,
    WeightsDisplay,
)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
net = ConvNetClassifier("16, 32 | 64", max_iter=20, dtype="float32", random_state=0)
net.fit(X_train, y_train)
print(f"accuracy {net.score(X_test, y_test):.1%}")
print(net.summary())

# %%
# Filters, and what they find
# ---------------------------
# Red adds, blue takes away: edges and strokes of several directions. Below, the first digit of the
# test and what each filter makes of it behind the first activation.

WeightsDisplay.from_estimator(net)
FeatureMapDisplay.from_estimator(net, X_test[0], layer=2)
plt.show()

# %%
# Where the evidence is
# ---------------------
# The gradient of the class by each pixel; the probability that is lost when a small square is
# hidden; and where the last feature maps speak for the class.

EvidenceDisplay.from_estimator(net, X_test)
plt.show()

# %%
# What each class would like to see
# ---------------------------------
# Found by walking up the gradient of each class's output from faint noise, with a little blur at
# each step: bright where the class wants ink, dark where it wants none. They are no pictures of
# digits, only what tells one from the others.

PreferredInputDisplay.from_estimator(net, X_train)
plt.show()

# %%
# What it takes for something else
# --------------------------------
# The surest mistakes first. Some of them nobody would get right.

ConfusionGalleryDisplay.from_estimator(net, X_test, y_test)
plt.show()
