"""
Text, character by character
============================

A network reads the documentation of scikit-learn's estimators, one character after the other, and
learns to say which comes next. That is all it is taught. On the way it finds letters, words, the
sections of a docstring and how parameters are described, in this order; what it means, it does not
find.
"""

# %%
# What it reads
# -------------

import inspect
import warnings

import matplotlib.pyplot as plt
from sklearn import ensemble
from sklearn.exceptions import ConvergenceWarning

from skdeep import CharacterLanguageModel

warnings.simplefilter("ignore", ConvergenceWarning)  # stopped on purpose

texts = [
    inspect.getdoc(getattr(module, name))
    for module in (ensemble,)
    for name in module.__all__
    if inspect.isclass(getattr(module, name))
]
held_out, texts = texts[::8], [text for i, text in enumerate(texts) if i % 8]
print(f"{len(texts)} texts of {sum(map(len, texts)) / 1000:.0f} thousand characters")

# %%
# Samples over training
# ---------------------
# The perplexity is among how many equally likely characters the model hesitates; that of texts it
# has not read falls with that of those it has.

model = CharacterLanguageModel(
    (96,), cell="gru", batch_size=16, learning_rate_init=0.008, random_state=0
)
epochs, perplexities = [1, 3, 15], []
for epoch in range(1, epochs[-1] + 1):
    model.partial_fit(texts)
    perplexities.append((model.perplexity(texts[:3]), model.perplexity(held_out)))
    if epoch in epochs:
        print(f"--- after {epoch} of {epochs[-1]} epochs")
        print(model.sample("max_iter : int", 240, temperature=0.6, random_state=1))

# %%
# The perplexity
# --------------

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
for values, color, label in zip(
    zip(*perplexities, strict=True), ["#0072B2", "#E69F00"], ["read", "not read"], strict=True
):
    axes.plot(range(1, len(values) + 1), values, color=color, lw=2, marker="o", label=label)
axes.set(xlabel="epoch", ylabel="perplexity", title="How many characters it hesitates among")
axes.set_ylim(1, None)
axes.spines[["top", "right"]].set_visible(False)
axes.grid(alpha=0.3)
axes.legend(frameon=False)
plt.show()
