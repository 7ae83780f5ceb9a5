"""A model card: what one has to know of a fitted estimator, on a page."""

from skdeep.inspection.card.model_card import ModelCard, model_card

__all__ = ["ModelCard", "model_card"]
