"""Offer to take back what was just done; both apps make such offers."""

from municipalities.views.undo import offer_undo, take_offer

__all__ = ["offer_undo", "take_offer"]
