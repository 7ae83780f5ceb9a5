"""Estimators of sequences: recurrent networks, transformers, language models, translators."""
