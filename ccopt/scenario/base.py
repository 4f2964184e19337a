"""Types of the fields of a document, and the base of all documents: frozen, strict, unknown keys refused."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MONEY_LIMIT = 1e12
Name = Annotated[str, Field(min_length=1, max_length=200)]
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Money = Annotated[float, Field(strict=True, ge=0, le=MONEY_LIMIT, allow_inf_nan=False)]
Seconds = Annotated[float, Field(strict=True, ge=0, le=1e9, allow_inf_nan=False)]
Patience = Annotated[float, Field(strict=True, gt=0, le=1e9, allow_inf_nan=False)]
Rate = Annotated[float, Field(strict=True, ge=0, le=1e9, allow_inf_nan=False)]
Hours = Annotated[float, Field(strict=True, gt=0, le=1e6, allow_inf_nan=False)]
Factor = Annotated[float, Field(strict=True, gt=0, le=1e3, allow_inf_nan=False)]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
PositiveCount = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class Document(BaseModel):
    """Base of all documents."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
