"""Contact types as an agent group sees them, and which queue they make: plain, by rank, rung back, chats, background."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ccopt.kpis import Target
from ccopt.scenario.entities import ContactType

ALIKE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeInGroup:
    """A contact type as a group sees it: handle time with the skill set's factor, patience (inf: never leaves).

    ``levels_s`` are the handle times of a chat with 1, 2, ... in hand (empty: one at a time), ``background`` marks work
    that is done in idle time, ``accept`` of those who must wait are rung back, which takes ``ring_back_s`` each, and a
    smaller ``priority`` is served first.
    """

    name: str
    aht_s: float
    patience_s: float
    targets: tuple[Target, ...]
    levels_s: tuple[float, ...] = ()
    background: bool = False
    accept: float = 0.0
    ring_back_s: float = 0.0
    priority: int = 1


def type_in_group(kind: ContactType, aht_factor: float) -> TypeInGroup:
    """A contact type with the handle time of a skill set."""
    back = kind.callback
    return TypeInGroup(
        name=kind.name, aht_s=kind.aht_s * aht_factor, patience_s=kind.patience_s or math.inf,
        targets=tuple(e.target() for e in kind.targets), background=kind.background,
        levels_s=tuple(x.handle_s * aht_factor for x in kind.chat_levels), priority=kind.priority,
        accept=back.accept if back else 0.0, ring_back_s=back.ring_back_s if back else 0.0,
    )  # fmt: skip


def is_plain(kinds: Sequence[TypeInGroup]) -> bool:
    """Whether the group model holds as it is."""
    return not (are_chats(kinds) or is_blended(kinds) or any(k.accept for k in kinds) or is_ranked(kinds))


def is_blended(kinds: Sequence[TypeInGroup]) -> bool:
    """Whether background work stands beside other types."""
    behind = [k.background for k in kinds]
    return any(behind) and not all(behind)


def are_chats(kinds: Sequence[TypeInGroup]) -> bool:
    """Whether all types are chats with the same levels."""
    return len(kinds[0].levels_s) > 1 and all(k.levels_s == kinds[0].levels_s for k in kinds)


def is_ranked(kinds: Sequence[TypeInGroup]) -> bool:
    """Whether types differ in priority, and the exact model of ranks holds: handle times and patience alike, nothing else special."""
    if len({k.priority for k in kinds}) < 2 or any(k.accept or k.background or k.levels_s for k in kinds):
        return False
    first = kinds[0]
    return all(math.isclose(k.aht_s, first.aht_s, rel_tol=ALIKE) and k.patience_s == first.patience_s for k in kinds)


def is_simulated(kinds: Sequence[TypeInGroup]) -> bool:
    """Whether types of unlike priority differ in handle time or patience too, so that only simulation knows their waits."""
    apart = is_blended(kinds) or any(k.levels_s for k in kinds)
    return len({k.priority for k in kinds}) > 1 and not apart and not is_ranked(kinds)


def ranks_left_out(kinds: Sequence[TypeInGroup]) -> bool:
    """Whether priorities differ among chats, or beside background work: the models of such groups know no ranks."""
    front = [k for k in kinds if not k.background] or list(kinds)
    apart = is_blended(kinds) or any(k.levels_s for k in kinds)
    return apart and len({k.priority for k in front}) > 1


def in_order(kinds: Sequence[TypeInGroup]) -> list[TypeInGroup]:
    """The types in the order of arrival, whatever their priorities."""
    return [replace(k, priority=1) for k in kinds]
