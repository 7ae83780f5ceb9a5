"""
Initial weights of deep networks
================================

What standard deviation should the initial weights of a layer have? Behind ten layers of ReLU units
the answer decides whether a signal arrives at all. With 0.01, each layer passes on a fraction of
what it gets, and the last one gets almost nothing. With 1, each layer multiplies the signal, and it
explodes. Glorot's rule, made for linear units, loses a factor of about 1.4 a layer. He's rule takes
into account that ReLU halves the variance, and keeps the scale. LSUV looks at the data: it divides
the weights of each layer by what comes out of it, and needs no theory of the activation.
"""

# %%
# A signal on its way
# -------------------
# Handwritten digits go through ten layers of 512 units. The layers are those that
# :class:`~skdeep.MLPClassifier` trains, only nothing is trained here.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler

from skdeep.nn import Dense, Network, ReLU, Sequence, unit_variance

DEPTH, WIDTH = 10, 512


def standard_normal(shape, fans, random_state):
    """Return weights of standard deviation 1; any function like this is an initializer."""
    return random_state.normal(size=shape)


def activations(weight_init):
    """Return what comes out of each ReLU layer of a fresh network."""
    by_data = weight_init == "lsuv"
    weight_init = "orthogonal" if by_data else weight_init
    layers = []
    for _ in range(DEPTH):
        layers += [Dense(WIDTH, weight_init=weight_init), ReLU()]
    network = Network(Sequence(*layers), input_shape=X.shape[1:], random_state=0)
    if by_data:
        unit_variance(network, X[:500])
    x, found = X, []
    for layer in network.layers():
        x = layer.forward(x)
        if isinstance(layer, ReLU):
            found.append(x.copy())  # the next layer may write over it
    return found


X = StandardScaler().fit_transform(load_digits().data)
SCHEMES = {
    "standard deviation 0.01": "normal",
    "standard deviation 1": standard_normal,
    "Glorot (Xavier)": "glorot_normal",
    "He": "he_normal",
    "LSUV": "lsuv",
}
outputs = {name: activations(scheme) for name, scheme in SCHEMES.items()}

# %%
# What arrives
# ------------
# The last layer's standard deviation, relative to the first layer's:

for name, layers in outputs.items():
    print(f"{name:<24} {layers[-1].std() / layers[0].std():.2g}")

# %%
# And the distributions of all positive activations, layer by layer. Where the curves lie on top of
# each other, the signal keeps its scale. Last, the standard deviations alone.

figure, panels = plt.subplots(2, 3, figsize=(12, 6.5), layout="constrained")
*histograms, by_layer = panels.flat
colors = plt.colormaps["viridis"](np.linspace(0, 0.92, DEPTH))
for axes, (name, layers) in zip(histograms, outputs.items(), strict=True):
    for depth, (values, color) in enumerate(zip(layers, colors, strict=True), start=1):
        logarithms = np.log10(values[values > 0])
        height, edges = np.histogram(logarithms, bins=60, density=True)
        label = f"layer {depth}" if depth in (1, DEPTH) else None
        axes.plot((edges[1:] + edges[:-1]) / 2, height, color=color, lw=2, label=label)
    lost = layers[-1].std() / layers[0].std()
    axes.set_title(f"{name}\nlayer {DEPTH} / layer 1: {lost:.2g}", loc="left")
    axes.set_xlabel("activation, power of ten")
    axes.set_ylabel("density")
panels[0, 0].legend(frameon=False)
for name, layers in outputs.items():
    deviations = [values.std() for values in layers]
    by_layer.semilogy(range(1, DEPTH + 1), deviations, "o-", ms=4, lw=2, label=name)
by_layer.set_title("Standard deviation\nof activations", loc="left")
by_layer.set_xlabel("layer")
by_layer.legend(frameon=False, fontsize="small")
for axes in panels.flat:
    axes.spines[["top", "right"]].set_visible(False)
plt.show()
