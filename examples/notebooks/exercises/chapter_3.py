# %% [markdown]
# # Exercises to chapter 3: networks and back-propagation
# Each exercise asks for a name to be defined, and the cell below it checks the answer. Run the
# cells from top to bottom.

# %%
import numpy as np
from sklearn.datasets import make_circles

from skdeep import MLPClassifier, gradient_check
from skdeep.nn import PREDICT, Dense, Layer, Network, ReLU, Sequence

# %% [markdown]
# **1.** Draw the graph of `f = max(x y, z + 1) x`, and find its derivatives at (2, 3, 4) by
# walking backward: `dx, dy, dz`. Two ways lead back to `x`.

# %% [solution]
product, add = 2 * 3, 4 + 1
largest = max(product, add)  # the product
d_largest, dx = 2, largest  # multiply swaps
d_product, d_add = d_largest, 0  # maximum routes
dx += d_product * 3  # copy adds up
dy, dz = d_product * 2, d_add

# %% [check]


def f(x, y, z):
    return max(x * y, z + 1) * x


at, h = np.array([2.0, 3.0, 4.0]), 1e-6
differences = [(f(*(at + e)) - f(*(at - e))) / (2 * h) for e in h * np.eye(3)]
assert np.allclose([dx, dy, dz], differences), f"Differences say {np.round(differences, 3)}."
print("Differences say the same:", np.round(differences, 3) + 0.0)

# %% [markdown]
# **2.** Write a layer `Square`, `y = x**2`: a subclass of `Layer` with the methods
# `forward(self, x, mode=PREDICT)` and `backward(self, grad_y, wants_input=True)`.


# %% [solution]
class Square(Layer):
    def forward(self, x, mode=PREDICT):
        self.x = x
        return x**2

    def backward(self, grad_y, wants_input=True):
        return 2 * self.x * grad_y


# %% [check]
report = gradient_check(Square(), np.random.default_rng(0).normal(size=(4, 3)))
assert report.ok, f"The gradient is wrong.\n{report}"
print("Proven.")

# %% [markdown]
# **3.** How many units does one hidden layer on 64 pixels need at least, so that a network with
# ten outputs has 10000 parameters or more? Call the answer `units`.

# %% [solution]
units = -(-(10000 - 10) // (64 + 1 + 10))  # 75 a unit, and ten biases

# %% [check]
counts = [MLPClassifier((n,)).summary((64,), 10).parameters for n in (units - 1, units)]
assert counts[0] < 10000 <= counts[1], f"With one less and with {units}: {counts}."
print(f"{units} units make {counts[1]} parameters.")

# %% [markdown]
# **4.** Find weights and biases with which this network computes `abs(x1 - x2)`. All weights come
# before all biases: `parameters` are four of the first layer, row by row, two of the second, and
# three biases.

# %%
network = Network(Sequence(Dense(2), ReLU(), Dense(1)), input_shape=(2,))

# %% [solution]
parameters = [1, -1, -1, 1, 1, 1, 0, 0, 0]

# %% [check]
network.params[:] = parameters
x = np.random.default_rng(0).normal(size=(100, 2))
assert np.allclose(network.forward(x)[:, 0], np.abs(x[:, 0] - x[:, 1])), "Not yet."
print("The distance of two numbers.")

# %% [markdown]
# **5.** Train `clf` on the first 300 of these points, such that it is right about 96% of the
# others, with five hidden units at most.

# %%
X, y = make_circles(600, noise=0.1, factor=0.4, random_state=0)

# %% [solution]
clf = MLPClassifier((5,), activation="tanh", solver="lbfgs", max_iter=500, random_state=0)
clf.fit(X[:300], y[:300])

# %% [check]
score, hidden = clf.score(X[300:], y[300:]), sum(W.shape[1] for W in clf.coefs_[:-1])
assert score >= 0.96, f"{score:.3f} is not enough."
assert hidden <= 5, f"{hidden} units are too many."
print(f"{score:.2f} with {hidden} units.")
