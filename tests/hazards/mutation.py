"""Random damage to scenario documents: a leaf replaced, a key lost, doubled, renamed, a list emptied or turned inside out."""

import copy
import math

JUNK = (
    math.nan, math.inf, -math.inf, 1e300, -1e300, 1e20, 1e-320, -1, -0.5, 0, 0.5, 80, 2**63, 10**400, True, False, None, "", " ", "12",
    "1e3", "NaN", "=1+1", "<script>alert(1)</script>", "../../x", "\x00", "\u202e", "x" * 10_000, "é", "e\u0301", [], {}, [[]], {"": ""},
    [1, 2, 3], "2026-02-30", b"bytes".decode(), "None", "-", "😀" * 50,
)  # fmt: skip


def places(value, at=()):
    """Paths of everything inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inner:
        yield (*at, key)
        yield from places(child, (*at, key))


def parent(document, path):
    for key in path[:-1]:
        document = document[key]
    return document


def damaged(document, rng, most=3):
    """A damaged copy of a document, and what was done to it."""
    out, done = copy.deepcopy(document), []
    for _ in range(int(rng.integers(1, most + 1))):
        spots = list(places(out))
        if not spots:
            break
        path = spots[int(rng.integers(len(spots)))]
        home, key = parent(out, path), path[-1]
        what = ("junk", "lose", "double", "rename", "swap")[int(rng.integers(5))]
        if what == "junk":
            home[key] = copy.deepcopy(JUNK[int(rng.integers(len(JUNK)))])
        elif what == "lose":
            del home[key]
        elif what == "double" and isinstance(home, list):
            home.insert(key, copy.deepcopy(home[key]))
        elif what == "rename" and isinstance(home, dict):
            home[str(key)[::-1]] = home.pop(key)
        else:
            other = spots[int(rng.integers(len(spots)))]
            home[key] = copy.deepcopy(parent(out, other)[other[-1]])
        done.append((what, path))
    return out, done
