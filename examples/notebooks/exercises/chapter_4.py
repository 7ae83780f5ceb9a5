# %% [markdown]
# # Exercises to chapter 4: training
# Each exercise asks for a name to be defined, and the cell below it checks the answer. Run the
# cells from top to bottom.

# %%
from functools import partial

import numpy as np

from skdeep.nn import SGD, Adam, BatchNorm, Cosine, Dense, Mode, Network, ReLU, Sequence
from skdeep.nn.initializers import normal

rng = np.random.default_rng(0)

# %% [markdown]
# **1.** With which standard deviation of the weights, `std`, do twenty layers of 200 ReLU units
# keep the scale of a signal?

# %% [solution]
std = (2 / 200) ** 0.5  # He's rule

# %% [check]
init = partial(normal, std=std)
layers = [layer for _ in range(20) for layer in (Dense(200, weight_init=init), ReLU())]
network = Network(Sequence(*layers), input_shape=(200,), random_state=0)
left = network.forward(rng.normal(size=(500, 200))).std()
assert 1 / 3 < left < 3, f"{left:.1e} is left of it."
print(f"Of a standard deviation of 1, {left:.1f} is left.")

# %% [markdown]
# **2.** Gradient descent on `w1**2 / 2 + 20 * w2**2 / 2`. Which rate is the largest that does not
# diverge, `limit`?

# %% [solution]
limit = 2 / 20

# %% [check]


def length_after(rate, curvature=(1.0, 20.0)):
    w, optimizer = np.ones(2), SGD()
    optimizer.settle(np, np.float64, 2)
    for _ in range(2000):
        optimizer.step(w, np.array(curvature) * w, rate)
    return np.abs(w).max()


assert length_after(0.99 * limit) < 1e-6, "A little less than that still diverges."
assert length_after(1.01 * limit) > 1e6, "A little more than that still converges."
print("Just so.")

# %% [markdown]
# **3.** Write `adam(w, gradient, rate, n_steps)`, which returns where Adam comes to from `w`, with
# 0.9 and 0.999 for what the averages keep, and 1e-8 in the denominator.


# %% [solution]
def adam(w, gradient, rate, n_steps):
    m = v = 0.0
    for t in range(1, n_steps + 1):
        g = gradient(w)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        w = w - rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w


# %% [check]
def gradient(w):
    return np.array([1.0, 20.0]) * w


w, optimizer = np.array([1.0, -2.0]), Adam()
optimizer.settle(np, np.float64, 2)
for _ in range(10):
    optimizer.step(w, gradient(w), 0.1)
mine = adam(np.array([1.0, -2.0]), gradient, 0.1, 10)
assert np.allclose(mine, w), f"After ten steps it is at {w}, and yours at {mine}."
print("After ten steps at", w.round(3))

# %% [markdown]
# **4.** Write `normalized(x)` and `backward(x, g)`: batch normalization of the columns of `x`,
# with scale 1, shift 0 and 1e-5 below the root, and the gradient by `x` for `g` by the outputs.


# %% [solution]
def normalized(x):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)


def backward(x, g):
    u = normalized(x)
    return (g - g.mean(axis=0) - u * (g * u).mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)


# %% [check]
x, g = rng.normal(2, 3, size=(6, 4)), rng.normal(size=(6, 4))
network = Network(BatchNorm(), input_shape=(4,))
y = network.forward(x, Mode(training=True)).copy()
assert np.allclose(normalized(x), y), "The way forward differs."
assert np.allclose(backward(x, g), network.backward(g.copy(), wants_input=True)), "The way back."
print("As the layer's.")

# %% [markdown]
# **5.** Write `rate(epoch)`, half a cosine from 0.1 in epoch 0 to 0 in epoch 20.


# %% [solution]
def rate(epoch):
    return 0.1 * (1 + np.cos(np.pi * epoch / 20)) / 2


# %% [check]
schedule = Cosine(0.1, n_epochs=20)
assert np.allclose([rate(e) for e in range(20)], [schedule.rate(e, 0) for e in range(20)]), "No."
print([round(float(rate(epoch)), 3) for epoch in (0, 5, 10, 15)])
