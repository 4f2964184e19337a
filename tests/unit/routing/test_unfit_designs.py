"""A design that does not fit its scenario is refused with every reason at once, each with its place and its remedy."""

import pytest

import ccopt as cc
from ccopt.routing.checks import check_design


def scenario():
    """Calls and letters of two regions, two sites; the second site may have no callers, and one link is closed."""
    return cc.Scenario.model_validate({
        "schema_version": 1, "name": "fit",
        "periods": [{"name": "day", "hours_per_year": 1000}, {"name": "rest", "hours_per_year": 3000}],
        "sites": [{"name": "a", "kind": "inhouse", "wage_per_hour": 20},
                  {"name": "b", "kind": "inhouse", "wage_per_hour": 18, "skill_sets": ["letters"]}],
        "contact_types": [{"name": "call", "talk_s": 200}, {"name": "letter", "talk_s": 300}],
        "skill_sets": [{"name": "calls", "contact_types": ["call"]}, {"name": "letters", "contact_types": ["letter"]}],
        "demand": [{"region": r, "contact_type": c, "contacts_per_hour": 10} for r in ("north", "south") for c in ("call", "letter")],
        "links": [{"region": "north", "site": "a", "allowed": False}],
        "cross_selling": [{"contact_type": "call", "extra_s": 60, "success": 0.1, "revenue": 30}],
    })  # fmt: skip


def group(site="a", skill_set="calls", agents=(5, 5), **more):
    return {"site": site, "skill_set": skill_set, "agents": agents} | more


def route(region="south", contact_type="call", site="a", skill_set="calls", share=(1.0, 1.0)):
    return {"region": region, "contact_type": contact_type, "site": site, "skill_set": skill_set, "share": share}


def offer(**more):
    return {"site": "a", "skill_set": "calls", "contact_type": "call"} | more


@pytest.mark.parametrize(("parts", "words"), [
    ({"open_sites": ("a", "a")}, r"open_sites = 'a': stands there 2 times"),
    ({"open_sites": ("c",)}, r"open_sites\[0\] = 'c': site not declared.*have 'a', 'b'"),
    ({"groups": [group(), group()]}, r"groups = \('a', 'calls'\): stands there 2 times"),
    ({"groups": [group(skill_set="chat")]}, r"groups\[0\].skill_set = 'chat': skill set not declared"),
    ({"open_sites": ("a", "b"), "groups": [group(site="b")]}, r"groups\[0\].skill_set = 'calls': site 'b' may not have.*\['letters'\]"),
    ({"groups": [group("b", "letters")]}, r"groups\[0\].site = 'b': group stands at a closed site"),
    ({"groups": [group(reserve=(1,))]}, r"groups\[0\].reserve = 1 numbers: needs one number for each of the 2 periods"),
    ({"groups": [group(agents=(5,))]}, r"groups\[0\].agents = 1 numbers: needs one number for each of the 2 periods"),
    ({"routes": [route(skill_set="letters")]}, r"routes\[0\] = a/letters: route leads to a group that the design does not have"),
    ({"groups": [group(), group("a", "letters")], "routes": [route(skill_set="letters")]}, r"cannot serve 'call'.*\['letter'\]"),
    ({"routes": [route(region="north")]}, r"routes\[0\] = north -> a: link is not allowed"),
    ({"routes": [route(share=(1.0,))]}, r"routes\[0\].share = 1 numbers: needs one share for each of the 2 periods"),
    ({"offers": [offer(site="b")]}, r"offers\[0\] = b/calls: group not in the design"),
    ({"offers": [offer(contact_type="letter")]}, r"offers\[0\].contact_type = 'letter': cross-selling of this contact type not declared"),
    ({"offers": [offer(route="transfer")]}, r"offers\[0\] = None/None: warm transfer needs a group.*set to_site"),
    ({"offers": [offer(share=(1.0,))]}, r"offers\[0\].share = 1 numbers: needs one share for each of the 2 periods"),
    ({"trunks": {"lines": 3}}, r"trunks.lines = 'lines': bank of lines not declared"),
    ({"contracts": {"a": "night"}}, r"contracts.a = 'night': tariff not declared"),
])  # fmt: skip
def test_what_does_not_fit_is_named(parts, words):
    raw = {"open_sites": ("a",), "groups": [group()], "routes": [route()]} | parts
    with pytest.raises(cc.ScenarioError, match=words):
        check_design(scenario(), cc.Design.model_validate(raw))
