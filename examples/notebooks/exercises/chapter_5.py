# %% [markdown]
# # Exercises to chapter 5: regularization
# Each exercise asks for a name to be defined, and the cell below it checks the answer. Run the
# cells from top to bottom.

# %%
from itertools import product

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import Lasso

from skdeep import MLPClassifier
from skdeep.nn import Dense, Network, Objective, SoftmaxCrossEntropy, minimize

rng = np.random.default_rng(0)

# %% [markdown]
# **1.** Write `shrink(w, t)`, which returns the v that minimizes `(v - w)**2 / 2 + t * abs(v)`,
# for arrays `w`. The check asks the lasso for features that are orthogonal.


# %% [solution]
def shrink(w, t):
    return np.sign(w) * np.maximum(np.abs(w) - t, 0)


# %% [check]
X = np.linalg.qr(rng.normal(size=(50, 4)))[0] * 50**0.5
y = X @ [2.0, -1.0, 0.3, 0.0] + 0.1 * rng.normal(size=50)
lasso = Lasso(alpha=0.5, fit_intercept=False).fit(X, y).coef_
assert np.allclose(shrink(X.T @ y / 50, 0.5), lasso), f"The lasso says {lasso}."
print("The lasso says so, too:", lasso.round(2))

# %% [markdown]
# **2.** With four units and a rate of 1/4, dropout divides what is left by 3/4. Write
# `mean_output(h, w)`, the mean of `(mask * h / 0.75) @ w` over all 16 masks, each with its
# probability.


# %% [solution]
def mean_output(h, w):
    total = 0.0
    for mask in product([0, 1], repeat=4):
        probability = 0.75 ** sum(mask) * 0.25 ** (4 - sum(mask))
        total += probability * (np.array(mask) * h / 0.75) @ w
    return total


# %% [check]
h, w = rng.normal(size=(2, 4))
assert np.isclose(mean_output(h, w), h @ w), "It is not what all units say together."
print("It is what all units say together.")

# %% [markdown]
# **3.** Labels of five classes are smoothed by 0.2. By how much does the score of the right class
# lead the others where the loss is least? Call it `lead`.

# %% [solution]
lead = np.log((1 - 0.2 + 0.2 / 5) / (0.2 / 5))

# %% [check]
network = Network(Dense(5, use_bias=False), input_shape=(1,), random_state=0)
objective = Objective(network, SoftmaxCrossEntropy(0.2), np.ones((1, 1)), np.array([0]))
minimize(objective, max_iter=200, max_fun=999, tol=1e-9, after_iteration=lambda loss: False)
found = network.params[0] - network.params[1]
assert abs(lead - found) < 1e-3, f"A minimizer finds {found:.3f}."
print(f"A minimizer finds {found:.3f}.")

# %% [markdown]
# **4.** Five networks have errors of variance 1 and pairwise correlation 0.3. Which variance has
# the error of their mean? Call it `variance`.

# %% [solution]
variance = 1 / 5 + 4 / 5 * 0.3

# %% [check]
common, own = rng.normal(size=(200000, 1)), rng.normal(size=(200000, 5))
found = (0.3**0.5 * common + 0.7**0.5 * own).mean(axis=1).var()
assert abs(variance - found) < 0.01, f"A million draws say {found:.2f}."
print(f"A million draws say {found:.2f}.")

# %% [markdown]
# **5.** Of these labels 40% are drawn at random. As it is, `clf` learns them by heart. Change its
# keywords until it is right about 85% of the digits that it has not seen.

# %%
X, y = load_digits(return_X_y=True)
X = X / 16
noisy = np.where(rng.random(600) < 0.4, rng.integers(0, 10, 600), y[:600])
keywords = {"learning_rate": "cosine", "learning_rate_init": 0.01, "max_iter": 60, "tol": 0}
clf = MLPClassifier((100,), random_state=0, **keywords).fit(X[:600], noisy)
print(f"{clf.score(X[600:], y[600:]):.2f}")

# %% [solution]
clf = MLPClassifier((100,), random_state=0, dropout=0.5, label_smoothing=0.3, alpha=2.0, **keywords)
clf.fit(X[:600], noisy)

# %% [check]
score = clf.score(X[600:], y[600:])
assert score >= 0.85, f"{score:.3f} is not enough."
print(f"{score:.2f}")
