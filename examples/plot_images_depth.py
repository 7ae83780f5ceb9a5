"""
Depth that hurts, and shortcuts that mend it
============================================

A deeper network can do whatever a shallow one does: its other layers would only have to copy. All
the same it learns worse, and already on the data that it is trained on, so that this is no
overfitting. A residual block computes :math:`y = x + f(x)`; copying is what it does before it has
learned anything.
"""

# %%
# Plain and residual networks of the same layers
# ----------------------------------------------
# ``"plain20"`` is ``"resnet20"`` without its shortcuts: the same convolutions, the same number of
# weights, batch normalization in both. Five epochs on scikit-learn's digits, three times.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdeep import ConvNetClassifier

DEPTHS, SEEDS, N_EPOCHS = (8, 14, 20), range(3), 5
X, y = load_digits(return_X_y=True)
X = X.astype(np.float32)

loss = {kind: np.empty((len(SEEDS), len(DEPTHS), N_EPOCHS)) for kind in ("plain", "resnet")}
wrong = {kind: np.empty((len(SEEDS), len(DEPTHS))) for kind in loss}
for seed in SEEDS:
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=800, stratify=y, random_state=seed
    )
    for at, depth in enumerate(DEPTHS):
        for kind in loss:
            net = ConvNetClassifier(
                f"{kind}{depth}", max_iter=N_EPOCHS, n_iter_no_change=N_EPOCHS, random_state=seed
            ).fit(X_train, y_train)
            loss[kind][seed, at] = net.loss_curve_
            wrong[kind][seed, at] = 1 - net.score(X_test, y_test)
for kind in loss:
    for at, depth in enumerate(DEPTHS):
        print(
            f"{kind}{depth:<3} loss of the last epoch {loss[kind][:, at, -1].mean():.3f}, "
            f"wrong on 800 others {wrong[kind][:, at].mean():.1%}"
        )

# %%
# Deeper is worse, or better
# --------------------------
# Without shortcuts, twenty layers end with nearly twice the loss of eight, and misread three
# times as many new digits; after fifteen epochs that is still so. With them the training loss falls
# to a quarter as depth grows, and hardly more is misread: digits of 8 x 8 pixels have no use for
# twenty layers, but they do no harm any more. On CIFAR-10 they do good: there 110 residual layers
# are better than 20, and 56 plain ones worse [1]_.
#
# .. [1] \K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR
#    2016.

figure, panels = plt.subplots(
    1, 3, figsize=(11, 3.9), layout="constrained", width_ratios=(1, 1, 0.9)
)
epochs = np.arange(1, N_EPOCHS + 1)
for axes, kind, colors in zip(
    panels,
    loss,
    (("#F2B48C", "#E58A4E", "#B34700"), ("#9CC9E8", "#4B9CD0", "#00518A")),
    strict=False,
):
    for at, (depth, color) in enumerate(zip(DEPTHS, colors, strict=True)):
        axes.plot(epochs, loss[kind][:, at].mean(0), color=color, lw=2, label=f"{depth} layers")
    axes.set(yscale="log", xlabel="epoch", ylim=(3e-3, 3))
    axes.set_xticks(epochs)
    axes.set_title({"plain": "Plain: training loss", "resnet": "Residual: training loss"}[kind])
    axes.legend(frameon=False)
last = panels[2]
for kind, color, name in (("plain", "#D55E00", "plain"), ("resnet", "#0072B2", "residual")):
    last.fill_between(DEPTHS, wrong[kind].min(0), wrong[kind].max(0), color=color, alpha=0.15, lw=0)
    last.plot(DEPTHS, wrong[kind].mean(0), "o-", color=color, label=name)
last.set(xlabel="layers", title="Wrong on 800 other digits", ylim=(0, None))
last.set_xticks(DEPTHS)
last.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
last.legend(frameon=False)
for axes in panels:
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
plt.show()
