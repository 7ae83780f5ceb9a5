"""
What pooling does to a shifted picture
======================================

A convolution follows its picture: move a digit by one pixel, and its feature maps move by one
pixel. A pool keeps the strongest answer of every two by two places, so that most of it stays where
it was. What it says is nearly the same wherever a stroke lies within its window.
"""

# %%
# One digit, moved step by step
# -----------------------------
# A network is trained on digits of 8 x 8 pixels in the middle of 16 x 16. Then the digits of the
# test are moved to the right, and what each layer says of them is compared with what it says of
# those in the middle, by the cosine of the angle between both.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdeep import ConvNetClassifier
from skdeep.inspection import feature_maps

N_SHIFTS = 5
digits, y = load_digits(return_X_y=True)
digits = (digits / 16).astype(np.float32).reshape(-1, 8, 8)


def moved(by):
    """Return the digits in the middle of 16 x 16 pixels, moved so many to the right."""
    pictures = np.zeros((len(digits), 16, 16), dtype=np.float32)
    pictures[:, 4:12, 4 + by : 12 + by] = digits
    return pictures


train, test = train_test_split(np.arange(len(y)), test_size=400, stratify=y, random_state=0)
net = ConvNetClassifier("16, 32, 32 | 32", max_iter=15, random_state=0)
net.fit(moved(0)[train], y[train])
LAYERS = {"convolution": 2, "pool of 2": 3, "second pool": 7, "third pool": 11}
print(net.summary())


def alike(layer, by):
    """Return the mean cosine between a layer's answers to the digits, moved and not."""
    one, other = (feature_maps(net, moved(k)[test], layer).reshape(400, -1) for k in (0, by))
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(((one * other).sum(1) / norms).mean())


shifts = np.arange(N_SHIFTS)
likeness = {name: [alike(layer, by) for by in shifts] for name, layer in LAYERS.items()}
likeness["the pixels themselves"] = [
    float(
        np.mean(
            [
                (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum())
                for a, b in zip(moved(0)[test], moved(by)[test], strict=True)
            ]
        )
    )
    for by in shifts
]
accuracy = [net.score(moved(by)[test], y[test]) for by in shifts]
for name, values in likeness.items():
    print(f"{name:<22}", *(f"{value:.2f}" for value in values))
print(f"{'accuracy':<22}", *(f"{value:.1%}" for value in accuracy))

# %%
# Each pool forgives another pixel or two
# ---------------------------------------
# It forgives, and is not blind: the dense layer behind the last pool has seen digits in one place
# only, and reads fewer right with each pixel. With a shift of four, the steps of the first two
# pools taken together, the maps are moved by a whole place again, and some accuracy comes back.
# Training on shifted digits (``augment="shift"``) is what makes the whole network indifferent.

figure = plt.figure(figsize=(10.5, 4.2), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=(1, 1.5))
grid = left.subplots(2, 3)
for row, by in zip(grid, (0, 1), strict=True):
    picture = moved(by)[test[:1]]
    maps = [feature_maps(net, picture, layer)[0] for layer in (2, 3)]
    best = int(feature_maps(net, moved(0)[test[:1]], 2)[0].sum((0, 1)).argmax())
    shown = [picture[0], *(m[:, :, best] for m in maps)]
    for axes, image, title in zip(row, shown, ("picture", "a map", "its pool of 2"), strict=True):
        axes.imshow(image, cmap="gray_r")
        axes.set_xticks([])
        axes.set_yticks([])
        if by == 0:
            axes.set_title(title, fontsize=10)
    row[0].set_ylabel("moved by 1" if by else "as it was")
axes = right.subplots()
colors = {"the pixels themselves": "#999999"} | dict(
    zip(LAYERS, ("#9CC9E8", "#4B9CD0", "#0072B2", "#003B66"), strict=True)
)
for name, values in likeness.items():
    axes.plot(shifts, values, "o-", color=colors[name], lw=2, label=name)
axes.plot(shifts, accuracy, "s--", color="#D55E00", lw=1.5, label="accuracy")
axes.set(xlabel="pixels that the digits move", ylabel="cosine with the answer to those in place")
axes.set_xticks(shifts)
axes.legend(frameon=False)
axes.grid(alpha=0.3)
axes.spines[["top", "right"]].set_visible(False)
plt.show()
