"""
What the loss looks like around a solution
==========================================

Two networks may fit the same digits equally well and lie in very different valleys. Here the loss
is drawn along random directions through the weights that training has found. Directions are
normalized filter by filter (Li et al., 2018), so that one step to the right means the same in
every network: each unit's weights move by their own length.
"""

# %%
# Three networks
# --------------
# A wide layer, a narrow one, and ten narrow ones.

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdeep import MLPClassifier
from skdeep.inspection import LossLandscapeDisplay

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, train_size=800, random_state=0)

common = {"learning_rate": "cosine", "learning_rate_init": 0.003, "batch_size": 32}
networks = {
    "one layer of 512": MLPClassifier((512,), max_iter=20, **common, random_state=0),
    "one layer of 12": MLPClassifier((12,), max_iter=60, **common, random_state=0),
    "ten layers of 32": MLPClassifier(
        (32,) * 10, weight_init="he_normal", max_iter=40, **common, random_state=0
    ),
}
for name, network in networks.items():
    network.fit(X_train, y_train)
    print(f"{name:<18} loss {network.loss_:.3f}, accuracy {network.score(X_test, y_test):.1%}")

# %%
# Along a line
# ------------
# The wide network's loss hardly minds a step of half the weights' length. The deep one's rises from
# some thousandths to above one within a quarter of it, and by powers of ten beyond.

figure, panels = plt.subplots(1, 3, figsize=(11, 3.4), sharey=True, layout="constrained")
for panel, (name, network) in zip(panels, networks.items(), strict=True):
    LossLandscapeDisplay.from_estimator(network, X_train, y_train, ax=panel, n_points=33)
    panel.set_title(name, loc="left")
    panel.set_yscale("log")
    panel.set_ylim(1e-3, 1e4)
    panel.set_xlabel("step, in lengths of the weights")
for panel in panels[1:]:
    panel.set_ylabel("")
plt.show()

# %%
# Over a plane
# ------------

figure, panels = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
for panel, name in zip(panels, ("one layer of 512", "ten layers of 32"), strict=True):
    LossLandscapeDisplay.from_estimator(
        networks[name], X_train, y_train, plane=True, n_points=21, span=0.5, ax=panel
    )
    panel.set_title(name, loc="left")
plt.show()

# %%
# From one solution to another
# ----------------------------
# Two trainings that differ in nothing but their seed end in different valleys, with a ridge on the
# straight way between them. That is why averaging the weights of two networks does not work, and
# averaging their predictions does.

other = MLPClassifier((512,), max_iter=20, **common, random_state=1).fit(X_train, y_train)
LossLandscapeDisplay.from_estimator(
    networks["one layer of 512"], X_train, y_train, toward=other, n_points=41
)
plt.show()
