# %% [markdown]
# # Exercises to chapter 1: learning from data
# Each exercise asks for a name to be defined, and the cell below it checks the answer: it prints
# what is right, or stops and says what is not. Run the cells from top to bottom.

# %%
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdeep import KNNClassifier, KNNClassifierCV, LeastSquaresRegressorCV

digits = load_digits()
X_train, X_test, y_train, y_test = train_test_split(digits.data, digits.target, random_state=0)

# %% [markdown]
# **1.** `x` and `y` below come from a polynomial with noise. Which degree has it? Let five folds
# choose among 1 to 8, and call the answer `degree`.

# %%
rng = np.random.default_rng(2)
x = rng.uniform(-2, 2, size=(200, 1))
y = 2 - x[:, 0] + 1.5 * x[:, 0] ** 3 + rng.normal(size=200)

# %% [solution]
degree = LeastSquaresRegressorCV(degree=range(1, 9), cv=5).fit(x, y).degree_

# %% [check]
assert degree == 3, f"{degree} is not the degree that made them."
print("A cubic it is.")

# %% [markdown]
# **2.** Write `nearest(X, y, query)`, which returns the label of the row of `X` that is nearest to
# `query`, with nothing but NumPy.


# %% [solution]
def nearest(X, y, query):
    return y[((X - query) ** 2).sum(axis=1).argmin()]


# %% [check]
mine = [nearest(X_train, y_train, query) for query in X_test]
assert (mine == KNNClassifier(1).fit(X_train, y_train).predict(X_test)).all(), "They differ."
print(f"The same {len(mine)} answers as KNNClassifier(1).")

# %% [markdown]
# **3.** With how many neighbours is the held-out accuracy best? Let `model` be a classifier that
# chooses by cross-validation on the training rows. The test rows are looked at by the check, once;
# it wants 98%.

# %% [solution]
model = KNNClassifierCV(n_neighbors=range(1, 21)).fit(X_train, y_train)

# %% [check]
score = model.score(X_test, y_test)
assert score >= 0.98, f"{score:.3f} is not enough."
print(f"{score:.3f} of the test rows are right.")

# %% [markdown]
# **4.** `spread(d)` tells how many times farther than the nearest the farthest of 500 random
# points in `d` dimensions is. What is the smallest power of two with a spread below 1.5? Call it
# `d`.


# %%
def spread(d):
    rng = np.random.default_rng(0)
    distances = np.linalg.norm(rng.uniform(size=(500, d)) - rng.uniform(size=d), axis=1)
    return distances.max() / distances.min()


# %% [solution]
d = 1
while spread(d) >= 1.5:
    d *= 2

# %% [check]
assert spread(d) < 1.5 <= spread(d // 2), f"The spread is {spread(d):.2f} in {d} dimensions."
print(f"In {d} dimensions the farthest is {spread(d):.2f} times as far as the nearest.")
