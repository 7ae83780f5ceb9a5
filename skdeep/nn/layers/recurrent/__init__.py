"""Recurrent layers: a state that goes from step to step, and back-propagation through time."""

from skdeep.nn.layers.recurrent.bidirectional import Bidirectional
from skdeep.nn.layers.recurrent.encoder_decoder import EncoderDecoder
from skdeep.nn.layers.recurrent.gru import GRU
from skdeep.nn.layers.recurrent.lstm import LSTM
from skdeep.nn.layers.recurrent.simple import SimpleRNN

__all__ = ["GRU", "LSTM", "Bidirectional", "EncoderDecoder", "SimpleRNN"]
