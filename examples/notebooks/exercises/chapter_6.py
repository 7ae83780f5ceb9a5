# %% [markdown]
# # Exercises to chapter 6: images
# Each exercise asks for a name to be defined, and the cell below it checks the answer. Run the
# cells from top to bottom.

# %%
import numpy as np
from sklearn.datasets import load_digits

from skdeep import ConvNetClassifier
from skdeep.nn import Conv2D, MaxPool2D, Network, Sequence, summarize

# %% [markdown]
# **1.** A picture of 32 x 32 pixels in three colours goes through 16 filters of 5 x 5 with a
# stride of 1 and no border, a pool of 2 x 2, and 32 filters of 3 x 3 with a border of 1. How many
# places are left in each direction, and how many parameters has all of it? Call them `places` and
# `parameters`.

# %% [solution]
places = (32 - 5 + 1) // 2
parameters = 16 * (5 * 5 * 3 + 1) + 32 * (3 * 3 * 16 + 1)

# %% [check]
layers = Sequence(Conv2D(16, 5), MaxPool2D(2), Conv2D(32, 3, padding=1))
summary = summarize(layers, (32, 32, 3))
assert summary.lines[-1].output_shape == (places, places, 32), summary
assert summary.parameters == parameters, summary
print(f"{places} x {places} places, {parameters} parameters.")

# %% [markdown]
# **2.** How many pixels, in one direction, does a unit at the end of those layers see? Call it
# `field`.

# %% [solution]
field = 5 + (2 - 1) * 1 + (3 - 1) * 2

# %% [check]
assert summary.lines[-1].receptive_field == field, summary
print(f"{field} pixels.")

# %% [markdown]
# **3.** Find a `window` of 2 x 2 numbers that answers 1 where it is dark on the left and light on
# the right, and 0 on an even ground.

# %% [solution]
window = np.array([[-0.5, 0.5], [-0.5, 0.5]])

# %% [check]
picture = np.zeros((1, 5, 6, 1))
picture[:, :, 3:] = 1
network = Network(Conv2D(1, 2, use_bias=False), input_shape=(5, 6, 1))
network.params[:] = np.ravel(window)
answers = network.forward(picture)[0, :, :, 0]
assert np.allclose(answers, [[0, 0, 1, 0, 0]] * 4), f"It answers\n{answers}"
print("An edge, and nothing else.")

# %% [markdown]
# **4.** Write `convolve(picture, window)` for pictures and windows of one channel, with loops.


# %% [solution]
def convolve(picture, window):
    rows, columns = np.subtract(picture.shape, window.shape) + 1
    answers = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            part = picture[i : i + window.shape[0], j : j + window.shape[1]]
            answers[i, j] = (part * window).sum()
    return answers


# %% [check]
picture = np.random.default_rng(0).normal(size=(5, 6))
answers = network.forward(picture.reshape(1, 5, 6, 1))[0, :, :, 0]
assert np.allclose(convolve(picture, np.asarray(window)), answers), "The layer says something else."
print("As the layer's.")

# %% [markdown]
# **5.** Train `clf` on the first 1000 digits, such that it is right about 94% of the others with
# at most 3000 parameters.

# %%
X, y = load_digits(return_X_y=True)

# %% [solution]
clf = ConvNetClassifier(
    "8, 16 | 16",
    max_iter=25,
    batch_size=50,
    learning_rate_init=0.01,
    learning_rate="cosine",
    random_state=0,
)
clf.fit(X[:1000], y[:1000])

# %% [check]
score, parameters = clf.score(X[1000:], y[1000:]), clf.summary().parameters
assert score >= 0.94, f"{score:.3f} is not enough."
assert parameters <= 3000, f"{parameters} parameters are too many."
print(f"{score:.2f} with {parameters} parameters.")
