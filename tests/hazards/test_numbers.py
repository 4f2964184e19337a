"""Rows 6, 7 and 30: no NaN, no infinity, no number out of its documented range, in any numeric field of any document."""

import copy
import json
import math
import re

import numpy as np
import pytest
from mutation import damaged, parent, places

import ccopt as cc
from ccopt.scenario.checks import validated
from ccopt.scenario.entities import Scenario

DOCUMENTS = {
    i.name: json.loads(cc.load_instance(i.name).model_dump_json(exclude_unset=True)) for i in cc.list_instances()
}
NEVER = (math.nan, math.inf, -math.inf, 1e300, -1e300, 1e25, "12", True)


def numeric_leaves():
    """One place per numeric field of all packaged documents: (instance, path)."""
    found = {}
    for name, document in DOCUMENTS.items():
        for path in places(document):
            value = parent(document, path)[path[-1]]
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                pattern = ".".join("*" if isinstance(k, int) else k for k in path)
                found.setdefault(pattern, (name, path))
    return found


LEAVES = numeric_leaves()


@pytest.mark.parametrize("pattern", LEAVES)
def test_no_such_number_gets_through_and_the_place_is_named(pattern):
    name, path = LEAVES[pattern]
    for value in NEVER:
        document = copy.deepcopy(DOCUMENTS[name])
        parent(document, path)[path[-1]] = value
        with pytest.raises(cc.ScenarioError) as error:
            validated(document)
        field = next(k for k in reversed(path) if isinstance(k, str))
        assert any(field in p.place for p in error.value.problems), (value, str(error.value))


def test_every_number_of_the_schema_has_a_lower_and_an_upper_end():
    schema = Scenario.model_json_schema()
    open_ended = []

    def walk(node, at):
        if not isinstance(node, dict):
            return
        if node.get("type") in ("number", "integer"):
            low = "minimum" in node or "exclusiveMinimum" in node
            high = "maximum" in node or "exclusiveMaximum" in node
            if not (low and high) and "enum" not in node and "const" not in node:
                open_ended.append(at)
        for key, child in node.items():
            for i, part in enumerate(child if isinstance(child, list) else [child]):
                walk(part, f"{at}.{key}" + (f"[{i}]" if isinstance(child, list) else ""))

    walk(schema, "schema")
    assert not open_ended


def problems_in(document):
    """Problems of a document; one without any reads as a scenario that checks and writes finite numbers."""
    try:
        scenario = validated(document)
    except cc.ScenarioError as error:
        return error.problems
    cc.check(scenario)
    return () if not re.search(r"NaN|Infinity", scenario.model_dump_json()) else ("not finite",)


def test_damaged_documents_are_refused_in_words_or_are_whole():
    rng = np.random.default_rng(47)
    small = [d for d in DOCUMENTS.values() if len(json.dumps(d)) < 30_000]
    refused = 0
    for _ in range(600):
        document, done = damaged(small[int(rng.integers(len(small)))], rng)
        problems = problems_in(document)
        refused += bool(problems)
        assert all(p.rule and "\n" not in str(p) and len(str(p)) < 2000 for p in problems), done
    assert refused > 400  # the damage is real
