r"""
Why several networks are better than one
========================================

The mean of k networks errs less than each of them, as far as they err at different places.

For errors :math:`e_i`,

.. math::

    E\left[\left(\frac{1}{k} \sum_i e_i\right)^2\right]
    = \frac{1}{k} E[e_i^2] + \frac{k - 1}{k} E[e_i e_j] .

If errors are independent, twenty networks leave a twentieth of the error of one, and networks that
learn from samples of their own come near to that. But one set of samples is all that there is: what
it makes networks believe, all of them believe, and only what their beginnings make of it can be
averaged away.
"""

# %%
# Three ways to have twenty networks
# ----------------------------------
# A wave is seen through noise. Errors are those against the wave itself.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skdeep import MLPRegressor, NetworkEnsembleRegressor

warnings.simplefilter("ignore", ConvergenceWarning)  # all get the same number of epochs

N_NETWORKS, N_SAMPLES = 20, 60
rng = np.random.default_rng(0)


def draw_samples():
    X = rng.uniform(-2, 2, size=(N_SAMPLES, 1))
    return X, np.sin(3 * X[:, 0]) + 0.5 * rng.normal(size=N_SAMPLES)


network = MLPRegressor(
    hidden_layer_sizes=(50, 50), solver="adam", learning_rate_init=0.01, max_iter=150
)
X, y = draw_samples()
grid = np.linspace(-1.8, 1.8, 400)[:, None]
wave = np.sin(3 * grid[:, 0])

members = {
    "samples of their own": [
        network.set_params(random_state=seed).fit(*draw_samples()).predict(grid)
        for seed in range(N_NETWORKS)
    ]
}
for name, strategy in (("drawn from the same", "bagging"), ("the same samples", "restart")):
    ensemble = NetworkEnsembleRegressor(network, N_NETWORKS, strategy=strategy, random_state=0)
    members[name] = [member.predict(grid) for member in ensemble.fit(X, y).estimators_]
errors = {name: np.array(said) - wave for name, said in members.items()}

# %%
# What the mean of k of them leaves
# ---------------------------------
# Left, the mean square error of the mean of k networks beside that of one, in the mean over all
# choices of k of them, which is the formula above. Right, the errors of two networks at the same
# places.

COLORS = ("#0072B2", "#E69F00", "#D55E00")
k = np.arange(1, N_NETWORKS + 1)
figure, (left, *rights) = plt.subplots(
    1, 3, figsize=(13, 4.2), layout="constrained", width_ratios=(1.6, 1, 1)
)
correlations = {}
for (name, e), color in zip(errors.items(), COLORS, strict=True):
    products = e @ e.T / e.shape[1]
    own = np.diag(products).mean()
    shared = products[~np.eye(N_NETWORKS, dtype=bool)].mean()
    correlations[name] = shared / own
    left.plot(
        k, 1 / k + (k - 1) / k * shared / own, color=color, lw=2, marker="o", ms=4, label=name
    )
    print(f"{name:<22} one {own:.4f}, twenty {products.mean():.4f}, correlation {shared / own:.2f}")
left.plot(k, 1 / k, color="0.5", ls=":", lw=2, label="1 / k: independent errors")
left.set(xlabel="networks in the mean, k", ylabel="mean square error, of one's", ylim=(0, 1.02))
left.set_xticks([1, 5, 10, 15, 20])
left.set_title("Independent errors average away")
left.legend(frameon=False, title="networks learn from", loc=(0.42, 0.3))
left.grid(alpha=0.3, which="both")
for axes, name, color in zip(
    rights, ("samples of their own", "the same samples"), COLORS[::2], strict=True
):
    axes.scatter(*errors[name][:2], s=8, color=color, alpha=0.6)
    axes.axline((0, 0), slope=1, color="0.7", lw=1, zorder=0)
    axes.set(xlabel="error of one network", ylabel="of another", aspect="equal")
    axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1))
    axes.set_title(f"{name}:\ncorrelation {correlations[name]:.2f}", fontsize=11)
for axes in (left, *rights):
    axes.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# Without the wave
# ----------------
# On real data nobody knows the wave. `report` takes samples that `fit` has not seen; the noise in
# their targets counts as an error that all members share. With 'bagging' there are such samples for
# each member: those that it was never drawn.

bagging = NetworkEnsembleRegressor(network, 5, strategy="bagging", random_state=0).fit(X, y)
print(bagging.report_)
