"""
Optimizers on Beale's function
==============================

Every rule meets the same landscape: a steep wall, a long flat valley, one minimum at (3, 0.5). What
remembers its velocity, or gives each coordinate a scale of its own, is through the valley long
before plain descent, whose steps become as short as the gradient there.
"""

# %%
# The function
# ------------
# Beale's function is a sum of three squares. Beside its minimum it has two saddles, at (0, 1) and
# near (0.101, -2.645). An optimizer needs no more than the gradient.

import matplotlib.pyplot as plt
import numpy as np

from skdeep.inspection import OptimizerPathDisplay
from skdeep.nn import SGD, AdaGrad, Adam, AMSGrad, Lion, Momentum, NAdam, Nesterov, RMSProp

START, MINIMUM = (1.0, 1.5), (3.0, 0.5)


def beale(w):
    """Return the value and the gradient."""
    x, y = w
    residuals = np.array([1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3])
    slopes = np.array([[y - 1, x], [y**2 - 1, 2 * x * y], [y**3 - 1, 3 * x * y**2]])
    return residuals @ residuals, 2 * residuals @ slopes


# %%
# Each rule at a rate of its own
# ------------------------------
# A rate of one rule is none of another. Each gets the one with which it is nearest to the minimum,
# on average over its steps, of those that take no step of more than 0.2.

N_STEPS = 500
RULES = [
    {"SGD": SGD(), "momentum": Momentum(0.9), "Nesterov": Nesterov(0.9)},
    {
        "AdaGrad": AdaGrad(),
        "RMSProp": RMSProp(),
        "RMSProp with momentum": RMSProp(momentum=0.9),
        "Adam": Adam(),
        "AMSGrad": AMSGrad(),
        "NAdam": NAdam(),
        "Lion": Lion(),
    },
]


def distance(rule, rate):
    """Return how far from the minimum a walk was, on average; infinity if a step was too long."""
    rule.settle(np, np.float64, 2)
    path = [np.array(START)]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(N_STEPS):
            w = path[-1].copy()
            rule.step(w, beale(w)[1], rate)
            if not np.hypot(*(w - path[-1])) < 0.2:
                return np.inf
            path.append(w)
    return np.hypot(*(np.array(path) - MINIMUM).T).mean()


def tuned(rules):
    """Return each rule with its rate."""
    rates = np.geomspace(1e-4, 1.0, 41)
    return {
        name: (rule, min(rates, key=lambda rate: distance(rule, rate)))
        for name, rule in rules.items()
    }


# %%
# Their paths
# -----------
# On the left steps are along the gradient. Plain descent goes down to the bottom of the valley and
# then hardly moves; momentum overshoots the bottom, turns, and keeps its pace; Nesterov's form
# looks ahead and turns earlier. On the right every coordinate has its own scale, so that all set
# out in the same direction, the diagonal, however steep it is.

figure, axes = plt.subplots(1, 2, figsize=(13, 5.4), layout="constrained", sharey=True)
displays = [
    OptimizerPathDisplay.from_function(
        beale,
        tuned(rules),
        START,
        n_steps=N_STEPS,
        bounds=((-0.5, 4.2), (-1.5, 1.8)),
        minimum=MINIMUM,
        ax=ax,
    )
    for rules, ax in zip(RULES, axes, strict=True)
]
axes[0].set_title("Steps along the gradient")
axes[1].set(title="Steps with a scale for each coordinate", ylabel="")
plt.show()

# %%
# How far down they are
# ---------------------
# Once in the valley, whoever scales its steps or remembers its velocity falls by a factor a step.
# AdaGrad, which never forgets a square, becomes slower and slower, and Lion, whose steps are all of
# one length, cannot come nearer than that length: it needs a rate that falls.

figure, ax = plt.subplots(figsize=(9, 4.6), layout="constrained")
for display, dash in zip(displays, ("-", "--"), strict=True):
    for i, (name, heights) in enumerate(display.values.items()):
        lowest = np.minimum.accumulate(heights)
        ax.semilogy(lowest, color=display.colors[i], ls=dash, lw=2, label=name)
        print(f"{name:<22} {lowest[100]:.0e} after 100 steps, {lowest[-1]:.0e} after {N_STEPS}")
ax.set(xlabel="step", ylabel="lowest height so far", ylim=(1e-10, 40))
ax.spines[["top", "right"]].set_visible(False)
ax.grid(alpha=0.25)
figure.legend(loc="outside right center", frameon=False)
plt.show()
