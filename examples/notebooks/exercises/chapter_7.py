# %% [markdown]
# # Exercises to chapter 7: sequences
# Each exercise asks for a name to be defined, and the cell below it checks the answer. Run the
# cells from top to bottom.

# %%
import numpy as np

from skdeep import RecurrentClassifier
from skdeep.nn import LSTM, MultiHeadAttention, Network, SimpleRNN, summarize

rng = np.random.default_rng(0)

# %% [markdown]
# **1.** Write `read(x, W, U, b)`, which returns the last state of the simple cell with tanh after
# it has read `x` of shape (steps, features).


# %% [solution]
def read(x, W, U, b):
    h = np.zeros(len(b))
    for x_t in x:
        h = np.tanh(x_t @ W + h @ U + b)
    return h


# %% [check]
network = Network(SimpleRNN(4), input_shape=(7, 3), random_state=0)
x = rng.normal(size=(7, 3))
W, U, b = (values for _, values, _ in network.parameters())
assert np.allclose(read(x, W, U, b), network.forward(x[None])[0]), "The layer says something else."
print("As the layer's.")

# %% [markdown]
# **2.** How many parameters has a long short-term memory of five units that reads three features?
# Call the answer `parameters`.

# %% [solution]
parameters = 4 * (3 * 5 + 5 * 5 + 5)

# %% [check]
found = summarize(LSTM(5), (10, 3)).parameters
assert parameters == found, f"There are {found}."
print(found)

# %% [markdown]
# **3.** A simple cell with one ReLU unit, `h = max(x W + h U + b, 0)`, is to count the ones in a
# sequence of zeros and ones. Find `W, U, b`.

# %% [solution]
W, U, b = 1, 1, 0

# %% [check]
counter = Network(SimpleRNN(1, activation="relu"), input_shape=(20, 1), random_state=0)
for (_, values, _), number in zip(counter.parameters(), (W, U, b), strict=True):
    values[...] = number
bits = rng.integers(0, 2, size=(50, 20, 1)).astype(float)
assert np.allclose(counter.forward(bits)[:, 0], bits.sum(axis=(1, 2))), "It miscounts."
print("It counts.")

# %% [markdown]
# **4.** Write `attend(Q, K, V)`, softmax of `Q K' / sqrt(k)` over keys, times `V`.


# %% [solution]
def attend(Q, K, V):
    scores = Q @ K.T / np.sqrt(Q.shape[1])
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ V


# %% [check]
network = Network(MultiHeadAttention(1), input_shape=(6, 4), random_state=0)
named = {path: values for path, values, _ in network.parameters()}
x = rng.normal(size=(6, 4))
Q, K, V = np.split(x @ named["weight"] + named["bias"], 3, axis=1)
mine = attend(Q, K, V) @ named["output_weight"] + named["output_bias"]
assert np.allclose(mine, network.forward(x[None])[0]), "The layer says something else."
print("As the layer's.")

# %% [markdown]
# **5.** Is the number of a's odd? Train `clf` on the first 300 words, such that it is right about
# 95% of the others.

# %%
words = ["".join(rng.choice(list("ab"), size=rng.integers(1, 9))) for _ in range(500)]
odd = [word.count("a") % 2 for word in words]

# %% [solution]
clf = RecurrentClassifier((16,), learning_rate_init=0.02, max_iter=60, random_state=0)
clf.fit(words[:300], odd[:300])

# %% [check]
score = clf.score(words[300:], odd[300:])
assert score >= 0.95, f"{score:.3f} is not enough."
print(f"{score:.2f}")
