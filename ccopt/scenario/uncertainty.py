"""The ``uncertainty`` block: how far the true rates may lie from the expected ones."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ccopt.scenario.base import Document, Name, Share


class Uncertainty(Document):
    """Busyness: the rate of a period is the expected one times a gamma factor of mean 1.

    ``factor_variance`` is the variance of that factor; ``common_share`` is the part of it that all contact types have
    in common in a period. Without ``contact_type`` the row holds for all types that have none of their own.
    """

    factor_variance: Annotated[float, Field(strict=True, ge=0, le=4, allow_inf_nan=False)]
    common_share: Share = 1.0
    contact_type: Name | None = None
    source: str = ""
