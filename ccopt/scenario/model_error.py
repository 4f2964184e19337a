"""The ``model_error`` block: how far the queueing model was off on the client's own history."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ccopt.scenario.base import Document, Seconds, Share


class ModelError(Document):
    """Error of a back-test: mean absolute difference between predicted and observed by time of day.

    No promise is finer than it: judges widen their intervals by it. ``safety`` errors are kept as a margin when agents
    are counted: with 1 every promise still holds where the model is off by its mean error. Occupancy, blocking and
    response times carry no margin, because the back-test does not see them.
    """

    abandonment: Share
    service_level: Share
    asa_s: Seconds = 0.0
    safety: Annotated[float, Field(strict=True, ge=0, le=5, allow_inf_nan=False)] = 0.0
    source: Annotated[str, Field(min_length=1, max_length=500)]


# kind of target: field of the error, and +1 where more is stricter
MARGINS = {
    "service_level": ("service_level", 1.0),
    "max_abandonment": ("abandonment", -1.0),
    "max_asa_s": ("asa_s", -1.0),
}
