"""Sectors and the packaged instance that is the template of each."""

from __future__ import annotations

SECTORS = {
    "bank": "cross-selling-bank", "utility": "ivr-and-lines", "mail order": "seasonal-retail",
    "software support": "help-desk-three-tiers", "insurance": "insurance-claims", "telecom": "telecom",
    "taxi and food orders": "taxi-and-food", "public service": "public-service", "web shop": "omnichannel-shop",
    "outsourcer": "outsourcer", "emergency and health": "nhs111",
}  # fmt: skip
