"""
Filters before and after training
=================================

Nobody tells a convolutional network what to look for. Its filters begin as noise, and training adds
to them what helps. Where nothing takes the noise away it stays, and the layers behind get used to
it; under a strong weight decay only strokes and edges are left.
"""

# %%
# Twenty-four filters of 5 x 5 pixels
# -----------------------------------
# The same random weights three times: hardly moved, trained as usual, and trained with a weight
# decay that lets go of all that is not needed again and again.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdeep import ConvNetClassifier
from skdeep.inspection import WeightsDisplay

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X.astype(np.float32), y, test_size=600, stratify=y, random_state=0
)
EPOCHS = {"max_iter": 40, "n_iter_no_change": 40, "learning_rate_init": 0.005}
RUNS = {
    "before training": {"max_iter": 1, "learning_rate_init": 1e-9},
    "after training": EPOCHS,
    "after, with strong weight decay": EPOCHS | {"decoupled_weight_decay": 12.0},
}
filters, right = {}, {}
for name, params in RUNS.items():
    net = ConvNetClassifier("24 | 32", kernel_size=5, alpha=0, random_state=0, **params)
    net.fit(X_train, y_train)
    filters[name] = WeightsDisplay.from_estimator(net).weights
    plt.close()
    right[name] = net.score(X_test, y_test)
    print(f"{name}: {right[name]:.1%} of 600 digits held out")

# %%
# Noise, and strokes
# ------------------
# Red adds to a filter's answer, blue takes from it. The network in the middle reads more digits
# right than the one at the right, though its filters look like those that it began with: what one
# can see in weights is not what they are worth.

figure = plt.figure(figsize=(10.5, 5.6), layout="constrained")
for part, (name, weights) in zip(
    figure.subfigures(1, 3, wspace=0.05), filters.items(), strict=True
):
    for axes, image in zip(part.subplots(6, 4).ravel(), weights, strict=True):
        limit = np.abs(image).max()
        axes.imshow(image, cmap="RdBu_r", vmin=-limit, vmax=limit)
        axes.axis("off")
    part.suptitle(f"{name}\n{right[name]:.0%} right")
plt.show()
