"""
Gates and attention while reading
=================================

Is there an x in the word? A recurrent network has to remember that it has seen one; a transformer
can look for it from every step. Their gates and attention weights show how they do it.
"""

# %%
# The words
# ---------

import matplotlib.pyplot as plt
import numpy as np

from skdeep import RecurrentClassifier, Seq2SeqTranslator, TransformerClassifier
from skdeep.inspection import AttentionDisplay, AttributionDisplay, GateDisplay

rng = np.random.default_rng(0)


def words(n, letters, low, high):
    """Return words of random letters and lengths."""
    return ["".join(rng.choice(list(letters), size=rng.integers(low, high))) for _ in range(n)]


train, test = words(600, "abcx", 6, 16), words(200, "abcx", 6, 16)
target = ["x" in word for word in train]
shown = "abcabcabxabcabca"

# %%
# Gates
# -----
# An LSTM, unit by unit (rows), letter by letter. At the x, input gates open and forget gates close
# for a moment; behind it, forget gates are open (bright: nothing is forgotten), and the states stay
# what they are.

reader = RecurrentClassifier((24,), learning_rate="cosine", max_iter=30, random_state=0)
reader.fit(train, target)
print(f"accuracy {reader.score(test, ['x' in word for word in test]):.1%}")
GateDisplay.from_estimator(reader, shown)
plt.show()

# %%
# What each letter contributes
# ----------------------------
# Integrated gradients of the output: the x says it all.

AttributionDisplay.from_estimator(reader, [shown, "abcab", "xxabc"])
plt.show()

# %%
# Attention
# ---------
# A head of the first layer looks at the x from almost every letter.

looker = TransformerClassifier(
    16, n_heads=2, n_layers=1, learning_rate="cosine", max_iter=30, random_state=0
)
looker.fit(train, target)
print(f"accuracy {looker.score(test, ['x' in word for word in test]):.1%}")
AttentionDisplay.from_estimator(looker, shown[:12])
plt.show()

# %%
# A translator that has learned to write words backwards looks along the other diagonal. Nobody told
# it to.

pairs = words(1500, "abcdef", 3, 9)
model = Seq2SeqTranslator(
    (48,), cell="gru", max_iter=20, learning_rate="cosine", learning_rate_init=0.01, random_state=0
)
model.fit(pairs, [word[::-1] for word in pairs])
print(model.predict(["abcdef"]))
AttentionDisplay.from_estimator(model, "facade")
plt.show()
