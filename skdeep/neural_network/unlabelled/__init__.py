"""Networks that learn from samples without labels."""

from skdeep.neural_network.unlabelled.autoencoder import Autoencoder

__all__ = ["Autoencoder"]
