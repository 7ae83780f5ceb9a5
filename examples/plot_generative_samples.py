"""
Samples over training
=====================

A generator learns to make points on a ring of eight Gaussians, by nothing but what a discriminator
thinks of them. Held by a penalty on its slopes, the discriminator leads the samples to all eight.
Without the penalty the two chase each other, and modes get lost that no loss tells of.
"""

# %%
# One epoch after the other, and samples drawn on the way. A point counts for a mode that is within
# three standard deviations; of the Gaussians themselves, 99% do.

import matplotlib.pyplot as plt
import numpy as np

from skdeep import GenerativeAdversarialNetwork

angles = np.arange(8) * np.pi / 4
centres = 2 * np.c_[np.cos(angles), np.sin(angles)]
rng = np.random.default_rng(0)
X = centres[rng.integers(8, size=2000)] + 0.1 * rng.standard_normal((2000, 2))
X = X.astype(np.float32)

EPOCHS = (1, 5, 20, 100)
figure, axes = plt.subplots(
    2, len(EPOCHS), figsize=(11, 6.2), sharex=True, sharey=True, layout="constrained"
)
for row, penalty in zip(axes, (0.1, 0.0), strict=True):
    model = GenerativeAdversarialNetwork(
        2, gradient_penalty=penalty, batch_size=100, max_iter=EPOCHS[-1], random_state=0
    )
    row[0].set_ylabel(f"gradient_penalty={penalty}")
    for epoch in range(1, EPOCHS[-1] + 1):
        model.partial_fit(X)
        if epoch not in EPOCHS:
            continue
        drawn = model.sample(2000, random_state=0)
        distances = np.linalg.norm(drawn[:, None] - centres, axis=2)
        near = distances.min(axis=1) < 0.3
        shares = np.bincount(distances[near].argmin(axis=1), minlength=8) / len(drawn)
        panel = row[EPOCHS.index(epoch)]
        panel.plot(*X[:500].T, ".", ms=2, color="0.75")
        panel.plot(*drawn.T, ".", ms=2, color="C0")
        panel.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal", xticks=[], yticks=[])
        panel.set_title(
            f"epoch {epoch}: {near.mean():.0%} at a mode,\nfrom {shares.min():.0%} to "
            f"{shares.max():.0%} at each",
            fontsize="medium",
        )
plt.show()
