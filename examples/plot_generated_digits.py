"""
Digits that nobody wrote
========================

A generative adversarial network draws sharp strokes that need not make a digit; a variational
autoencoder draws digits that are blurred, since it expects a mean where it is in doubt. Neither
copies: the nearest picture of the training part is another one.
"""

# %%
# Both learn from 1,200 digits. How sure a classifier is of what they draw, which knows all real
# digits, measures one side of quality; of pictures that neither has seen, it is sure of most.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import pairwise_distances

from skdeep import GenerativeAdversarialNetwork, VariationalAutoencoder

X, y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)
order = np.random.default_rng(0).permutation(len(X))
X_train, X_test = X[order[:1200]], X[order[1200:]]
judge = LogisticRegression(max_iter=1000).fit(X, y)

gan = GenerativeAdversarialNetwork(
    8,
    (128, 128),
    gradient_penalty=1.0,
    unit_interval=True,
    batch_size=100,
    max_iter=100,
    random_state=0,
).fit(X_train)
vae = VariationalAutoencoder(
    8,
    (128,),
    decoder="bernoulli",
    batch_size=100,
    learning_rate_init=0.003,
    learning_rate="cosine",
    max_iter=60,
    tol=0,
    random_state=0,
).fit(X_train)

# %%
# Under each row are the training pictures nearest to it, and their median distance.


def told(pictures):
    """Return of which part of the pictures the classifier is sure."""
    return (judge.predict_proba(pictures).max(axis=1) > 0.9).mean()


def with_nearest(name, pictures):
    """Return two rows of pictures by their titles: some, and the training pictures nearest."""
    distances = pairwise_distances(pictures, X_train)
    away = np.median(distances.min(axis=1))
    nearest = X_train[distances.argmin(axis=1)]
    return {f"{name}: sure of {told(pictures):.0%}": pictures, f"{away:.2f} from these": nearest}


rows = with_nearest("real, unseen", X_test)
rows |= with_nearest("GAN", gan.sample(1000, random_state=0))
rows |= with_nearest("VAE", vae.sample(1000, random_state=0))

figure, axes = plt.subplots(len(rows), 1, figsize=(9, 6), layout="constrained")
for panel, (name, pictures) in zip(axes, rows.items(), strict=True):
    strip = np.pad(pictures[:16].reshape(-1, 8, 8), ((0, 0), (0, 0), (0, 2)))
    panel.imshow(np.hstack(list(strip)), cmap="gray_r", vmin=0, vmax=1)
    panel.set_title(name, fontsize="medium", loc="left")
    panel.axis("off")
plt.show()
