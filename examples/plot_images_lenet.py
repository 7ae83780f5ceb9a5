"""
LeNet-5 on digits, in seconds
=============================

The network of 1998 that read cheques: convolutions and poolings that make the picture smaller and
the features richer, then dense layers. On scikit-learn's digits it needs three seconds, and reads
96 of 100 that it has not seen right.
"""

# %%
# As published, and on smaller pictures
# -------------------------------------
# At 32 x 32 pixels the maps are of 28, 14, 10, 5 and 1 pixels, and the first layer has 156 weights
# for 122304 connections: that is what sharing them over all places is worth. Digits of 8 x 8 keep
# their borders.

import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdeep import ConvNetClassifier

print(ConvNetClassifier("lenet5", image_shape=(32, 32, 1)).summary(n_outputs=10))

# %%
# Training
# --------

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X.astype(np.float32), y, test_size=600, stratify=y, random_state=0
)
net = ConvNetClassifier("lenet5", max_iter=30, n_iter_no_change=30, random_state=0)
begin = time.perf_counter()
net.fit(X_train, y_train, X_val=X_test, y_val=y_test)
seconds = time.perf_counter() - begin
probabilities = net.predict_proba(X_test)
wrong = np.flatnonzero(probabilities.argmax(1) != y_test)
print(f"{len(wrong)} of {len(y_test)} wrong after {seconds:.1f} s")

# %%
# What is left
# ------------

figure = plt.figure(figsize=(10, 3.8), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=(1, 1.1))
axes = left.subplots()
epochs = np.arange(1, net.n_iter_ + 1)
axes.plot(epochs, 1 - np.array(net.history_["validation_score"]), color="#0072B2", lw=2)
axes.set(yscale="log", xlabel="epoch", title=f"Wrong on {len(y_test)} digits held out")
axes.set_yticks([0.03, 0.05, 0.1, 0.2, 0.3])
axes.minorticks_off()
axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
axes.grid(alpha=0.3)
axes.spines[["top", "right"]].set_visible(False)
panels = right.subplots(2, 5).ravel()
for panel, row in zip(panels, wrong, strict=False):
    panel.imshow(X_test[row].reshape(8, 8), cmap="gray_r")
    panel.set_title(f"{y_test[row]}, read as {probabilities[row].argmax()}", fontsize=8)
for panel in panels:
    panel.axis("off")
right.suptitle("What it gets wrong")
plt.show()
