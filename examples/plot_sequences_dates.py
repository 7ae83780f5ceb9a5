"""
Reading dates, and where the network looks
==========================================

"third of march 1987" is 1987-03-03. What is read and what is written differ in length, in order and
in alphabet, and nobody tells the network which letter belongs to which digit. With attention, the
decoder looks at the word that says what it writes next.
"""

# %%
# Dates in words, and in ISO's form
# ---------------------------------

import datetime

import matplotlib.pyplot as plt
import numpy as np

from skdeep import Seq2SeqTranslator

MONTHS = """january february march april may june july august september october november december"""
ORDINALS = """zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh
twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"""
months, ordinals = MONTHS.split(), ORDINALS.split()
ordinals += [f"twenty-{unit}" for unit in ordinals[1:10]] + ["thirtieth", "thirty-first"]


def in_words(date, form):
    """Return a date as people write it, in one of three forms."""
    day, month = ordinals[date.day], months[date.month - 1]
    return [
        f"{day} of {month} {date.year}",
        f"{month} {date.day}, {date.year}",
        f"{date.day} {month[:3]} {date.year}",
    ][form]


rng = np.random.default_rng(0)
days = rng.choice(365 * 120, size=2500, replace=False)
dates = [datetime.date(1920, 1, 1) + datetime.timedelta(days=int(day)) for day in days]
words = [in_words(date, rng.integers(3)) for date in dates]
iso = [date.isoformat() for date in dates]
print(*(f"{a:>32}  {b}" for a, b in zip(words[:4], iso[:4], strict=True)), sep="\n")

# %%
# Learning from 2000 of them
# --------------------------
# ``score`` counts dates of which every character is right.

model = Seq2SeqTranslator(
    (64,), cell="gru", max_iter=20, batch_size=50, learning_rate_init=0.01, random_state=0
)
model.fit(words[:2000], iso[:2000])
print(f"{model.score(words[2000:], iso[2000:]):.1%} of 500 other dates are right")

# %%
# Where it looks
# --------------
# Each row is a character that is written, and shows how much the decoder looks at each letter.

source = "twenty-ninth of february 1988"
written = model.predict([source])[0]
(weights,) = model.attention_weights([source])

figure, axes = plt.subplots(figsize=(10, 4.4), layout="constrained")
axes.imshow(weights[: len(written)], cmap="Blues", vmin=0, aspect="auto")
axes.set_xticks(range(len(source)), list(source))
axes.set_yticks(range(len(written)), list(written))
axes.tick_params(length=0, labelsize=12)
axes.set(xlabel="read", ylabel="written", title="Where the decoder looks")
axes.spines[:].set_visible(False)
plt.show()
