"""
Codes drawn at random
=====================

The codes of an autoencoder lie anywhere, with holes between them, and a code drawn at random is
often no digit, only sharp strokes. A variational autoencoder is held to fill its space of codes
as a normal distribution does, so that what is drawn from that is nearer to digits, and blurred
where it is in doubt between two.
"""

# %%
# Both make sixteen numbers of each of 1,797 digits, with the same layers.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.neighbors import NearestNeighbors

from skdeep import Autoencoder, VariationalAutoencoder

X, y = load_digits(return_X_y=True)
X = X / 16
training = {
    "batch_size": 50,
    "learning_rate_init": 0.003,
    "learning_rate": "cosine",
    "max_iter": 60,
    "n_iter_no_change": 60,
    "random_state": 0,
}
plain = Autoencoder(16, (128, 64), loss="cross_entropy", **training).fit(X)
variational = VariationalAutoencoder(16, (128, 64), decoder="bernoulli", **training).fit(X)

# %%
# For the plain one, codes are drawn from the normal distribution with the mean and covariance of
# its codes. How far pictures are from digits is the mean squared distance to the nearest one,
# for digits to the nearest other one.

codes = plain.transform(X)
rng = np.random.default_rng(0)
drawn = rng.multivariate_normal(codes.mean(axis=0), np.cov(codes.T), size=60)
pictures = {
    "digits": rng.permutation(X)[:60],
    "autoencoder, codes drawn": plain.inverse_transform(drawn),
    "variational autoencoder, codes drawn": variational.sample(60, random_state=0),
}
nearest = NearestNeighbors().fit(X)
figure, axes = plt.subplots(3, 1, figsize=(9, 6.5), layout="constrained")
for panel, (name, drawn) in zip(axes, pictures.items(), strict=True):
    distance, _ = nearest.kneighbors(drawn, 2)
    away = np.square(distance[:, int(name == "digits")]).mean()
    mosaic = np.pad(drawn.reshape(4, 15, 8, 8), ((0, 0), (0, 0), (1, 1), (1, 1)))
    panel.imshow(mosaic.swapaxes(1, 2).reshape(40, 150), cmap="gray_r", vmin=0, vmax=1)
    panel.set(xticks=[], yticks=[], title=f"{name}: {away:.2f} to the nearest digit")
plt.show()
