"""
Units that die
==============

A rectified unit that is zero for every sample gets no gradient, and stays zero: it is dead. One
step that is too large can do that to most of a layer. A callback looks at the layers after each
epoch, at three learning rates and with an activation that leaks.
"""

# %%
# Four trainings
# --------------

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdeep import MLPClassifier
from skdeep.inspection import ActivationMonitor, diagnose
from skdeep.nn import LeakyReLU

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)

trainings = {
    "rate 0.003": {"learning_rate_init": 0.003},
    "rate 0.03": {"learning_rate_init": 0.03},
    "rate 0.1": {"learning_rate_init": 0.1},
    "rate 0.1, leaky": {"learning_rate_init": 0.1, "activation": LeakyReLU},
}
monitors = {}
for name, keywords in trainings.items():
    monitors[name] = ActivationMonitor()
    clf = MLPClassifier((64, 64, 64), learning_rate="cosine", max_iter=20, random_state=0)
    clf.set_params(**keywords).set_callbacks(monitors[name]).fit(X_train, y_train)
    found = ", ".join(diagnose(clf, X_train, y_train).names) or "nothing"
    print(f"{name:<16} accuracy {clf.score(X_test, y_test):.1%}, found: {found}")

# %%
# What the monitors saw
# ---------------------
# The share of the units of each hidden layer that are zero for all samples. At a rate of 0.1 most
# of them die within the first epochs, and none comes back. Leaky units are never zero.

figure, panels = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True, layout="constrained")
for panel, (name, monitor) in zip(panels, monitors.items(), strict=False):
    dead = np.array([[layer.dead for layer in layers[:-1]] for layers in monitor.statistics])
    for depth, share in enumerate(dead.T, start=1):
        panel.plot(monitor.epochs, share, lw=2, label=f"hidden layer {depth}")
    panel.set_title(name, loc="left")
    panel.set_xlabel("epoch")
    panel.set_ylim(-0.03, 1.03)
    panel.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    panel.spines[["top", "right"]].set_visible(False)
panels[0].set_ylabel("dead units")
panels[0].legend(frameon=False)
plt.show()
