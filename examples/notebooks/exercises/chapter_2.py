# %% [markdown]
# # Exercises to chapter 2: linear classifiers
# Each exercise asks for a name to be defined, and the cell below it checks the answer. Run the
# cells from top to bottom.

# %%
import numpy as np
import scipy.special
from sklearn.datasets import load_wine, make_circles
from sklearn.preprocessing import scale

from skdeep import SoftmaxClassifier
from skdeep.nn import Dense, Network, Objective, SoftmaxCrossEntropy

X, y = load_wine(return_X_y=True)
X = scale(X)

# %% [markdown]
# **1.** A coin fell on heads seven times out of ten. What is the most likely probability of heads?
# Call it `theta`. The check asks a classifier that sees a feature of no use.

# %% [solution]
theta = 7 / 10

# %% [check]
tosses = np.repeat([0, 1], [3, 7])
blind = SoftmaxClassifier(C=1e6).fit(np.zeros((10, 1)), tosses)
found = blind.predict_proba([[0.0]])[0, 1]
assert abs(theta - found) < 1e-3, f"A classifier thinks it is {found:.3f}."
print(f"{found:.3f}")

# %% [markdown]
# **2.** Write `softmax(z)` of a vector, such that scores of 1000 do not overflow.


# %% [solution]
def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


# %% [check]
with np.errstate(all="raise", under="ignore"):
    for z in ([1.0, 2.0, 3.0], [1000.0, 999.0, -1000.0]):
        assert np.allclose(softmax(np.array(z)), scipy.special.softmax(z)), f"Wrong for {z}."
print("As SciPy's.")

# %% [markdown]
# **3.** Write `gradient(W, X, y)`, the gradient by `W` of the mean cross-entropy of the scores `X
# @ W`, for labels 0, 1, 2.


# %% [solution]
def gradient(W, X, y):
    probabilities = scipy.special.softmax(X @ W, axis=1)
    return X.T @ (probabilities - np.eye(3)[y]) / len(X)


# %% [check]
network = Network(Dense(3, use_bias=False), input_shape=(13,), random_state=0)
value, truth = Objective(network, SoftmaxCrossEntropy(), X, y)(network.params)
mine = gradient(network.params.reshape(13, 3), X, y)
assert np.allclose(mine.ravel(), truth), "The network's gradient is another one."
print("As the network's.")

# %% [markdown]
# **4.** No straight line separates a ring from the disc in it. Write `features(points)`, whose
# columns a linear classifier gets 95% right with.

# %%
points, ring = make_circles(400, noise=0.1, factor=0.4, random_state=0)


# %% [solution]
def features(points):
    return np.hypot(*points.T)[:, None]


# %% [check]
plain = SoftmaxClassifier().fit(points, ring).score(points, ring)
score = SoftmaxClassifier().fit(features(points), ring).score(features(points), ring)
assert score >= 0.95, f"{score:.3f} is not enough."
print(f"{plain:.2f} without, {score:.2f} with them.")
