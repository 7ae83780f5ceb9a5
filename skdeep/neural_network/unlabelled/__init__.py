"""Networks that learn from samples without labels."""

from skdeep.neural_network.unlabelled.adversarial import GenerativeAdversarialNetwork
from skdeep.neural_network.unlabelled.autoencoder import Autoencoder
from skdeep.neural_network.unlabelled.variational import VariationalAutoencoder

__all__ = ["Autoencoder", "GenerativeAdversarialNetwork", "VariationalAutoencoder"]
