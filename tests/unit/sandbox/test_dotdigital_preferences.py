"""Preferences: the account's tree of them, and what contacts opt in to, by every way that says so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.dotdigital_side import DotdigitalSide, a_row, codes

Tree = list[dict[str, Any]]


def tree(side: DotdigitalSide, path: str = "/v2/preferences") -> Tree:
    found: Tree = side.http.get(path).raise_for_status().json()
    return found


def numbers(side: DotdigitalSide) -> dict[str, int]:
    """The ids of everything in the tree by private name."""
    flat = [each for top in tree(side) for each in (top, *top.get("preferences", ()))]
    return {each["privateName"]: each["id"] for each in flat}


def made(side: DotdigitalSide, name: str, **more: Any) -> dict[str, Any]:
    body = {"publicName": name, "privateName": name, "isPreference": True, **more}
    found: dict[str, Any] = side.http.post("/v2/preferences", json=body).raise_for_status().json()
    return found


def opted_in(side: DotdigitalSide, email: str = "ada@example.org") -> list[str]:
    return [each["privateName"] for each in side.contact(email)["preferences"]]


def test_an_account_has_a_small_tree_from_the_start(dotdigital: DotdigitalSide) -> None:
    category, single = tree(dotdigital)
    assert (category["privateName"], category["isPreference"], category["preferenceCount"]) == ("Newsletters", False, 2)
    assert [(each["privateName"], each["order"]) for each in category["preferences"]] == [
        *(("Weekly digest", "0"), ("Product news", "1"))
    ]
    assert {each["categoryId"] for each in category["preferences"]} == {category["id"]}
    assert (single["privateName"], single["isPreference"], single["categoryId"]) == ("Events", True, 0)
    assert "preferences" not in single
    dotdigital.control("POST", "reset")
    assert [each["id"] for each in tree(dotdigital)] == [category["id"], single["id"]]


def test_a_preference_is_made_in_its_place(dotdigital: DotdigitalSide) -> None:
    category = made(dotdigital, "Sport", isPreference=False, order="top")
    assert (category["isPreference"], category["order"]) == (False, "0")
    for name, order in (("Tennis", None), ("Chess", "top"), ("Judo", 1)):
        made(dotdigital, name, categoryID=category["id"], order=order)
    (first, *others) = tree(dotdigital)
    assert [each["privateName"] for each in first["preferences"]] == ["Chess", "Judo", "Tennis"]
    assert [each["privateName"] for each in others] == ["Newsletters", "Events"]


def test_a_preference_is_renamed_moved_and_deleted(dotdigital: DotdigitalSide) -> None:
    known = numbers(dotdigital)
    body = {"id": known["Events"], "publicName": "Meetings", "privateName": "Meetings", "isPublic": False}
    path = f"/v2/preferences/{known['Events']}"
    changed = dotdigital.http.put(path, json={**body, "categoryId": known["Newsletters"], "order": 0}).json()
    assert (changed["categoryId"], changed["isPublic"], changed["isPreference"]) == (known["Newsletters"], False, True)
    names = ["Meetings", "Weekly digest", "Product news"]
    assert [each["privateName"] for each in tree(dotdigital)[0]["preferences"]] == names
    assert dotdigital.http.put(path, json={**body, "id": known["Newsletters"]}).status_code == 400
    assert "deleted" in dotdigital.http.delete(f"/v2/preferences/{known['Newsletters']}").text
    assert tree(dotdigital) == []
    assert dotdigital.http.delete(path).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        *({"publicName": ""}, {"privateName": None}, {"isPreference": "yes"}, {"order": "middle"}, {"order": -1}),
        *({"categoryId": 999_999}, {"categoryId": "Newsletters"}, {"isPreference": False, "categoryId": 1}),
    ],
)
def test_a_preference_that_is_none_is_refused(dotdigital: DotdigitalSide, wrong: dict[str, Any]) -> None:
    before = tree(dotdigital)
    body = {"publicName": "News", "privateName": "news", "isPreference": True, **wrong}
    refused = dotdigital.http.post("/v2/preferences", json=body)
    assert (refused.status_code, refused.json()["message"].split()[-1]) == (400, "ERROR_PARAMETER_INVALID")
    assert tree(dotdigital) == before


def test_what_changed_since_comes_in_its_category(dotdigital: DotdigitalSide) -> None:
    dotdigital.control("PUT", "clock", {"at": "2030-03-01T00:00:00Z", "frozen": True})
    known = numbers(dotdigital)
    body = {"publicName": "Daily", "privateName": "Daily"}
    dotdigital.http.put(f"/v2/preferences/{known['Weekly digest']}", json=body).raise_for_status()
    (category,) = tree(dotdigital, "/v2/preferences/modified-since/2030-01-01")
    assert [each["privateName"] for each in category["preferences"]] == ["Daily"]
    assert tree(dotdigital, "/v2/preferences/modified-since/2030-03-02") == []


@pytest.mark.parametrize("place", ["contacts", "contact"])
def test_one_contact_opts_in_and_out(dotdigital: DotdigitalSide, place: str) -> None:
    number, known = dotdigital.a_contact(), numbers(dotdigital)
    inside = [{"id": known["Weekly digest"], "isPreference": True, "isOptedIn": True}]
    body = [
        {"id": known["Newsletters"], "isPreference": False, "preferences": inside},
        {"id": known["Events"], "isPreference": True, "isOptedIn": True},
    ]
    answer = dotdigital.http.put(f"/v2/{place}/{number}/preferences", json=body)
    assert (answer.status_code, answer.content) == (200, b"")
    dotdigital.http.put(f"/v2/{place}/ada@example.org/preferences", json=[{**body[1], "isOptedIn": False}])
    category, single = tree(dotdigital, f"/v2/{place}/ada@example.org/preferences")
    assert [each["isOptedIn"] for each in category["preferences"]] == [True, False]
    assert single["isOptedIn"] is False
    assert "isOptedIn" not in category
    assert dotdigital.http.get(f"/v2/{place}/bo@example.org/preferences").status_code == 404


def test_a_choice_that_is_none_changes_nothing(dotdigital: DotdigitalSide) -> None:
    number, known = dotdigital.a_contact(), numbers(dotdigital)
    right = {"id": known["Events"], "isPreference": True, "isOptedIn": True}
    for wrong in ({"id": 999_999, "isOptedIn": True}, {"id": known["Newsletters"], "isOptedIn": True}, {}, "a"):
        answer = dotdigital.http.put(f"/v2/contacts/{number}/preferences", json=[right, wrong])
        assert answer.status_code == 400, answer.text
    assert opted_in(dotdigital) == []


def test_who_opted_in_to_one(dotdigital: DotdigitalSide) -> None:
    number = numbers(dotdigital)["Events"]
    for email in ("ada@example.org", "bo@example.org", "cy@example.org"):
        dotdigital.a_contact(email)
        dotdigital.act("choose_preference", email=email, preference="events", opted_in=email != "bo@example.org")
    path = f"/v2/contacts/with-preference/{number}"
    first, second = dotdigital.http.get(path).json()
    assert (first["email"], second["email"]) == ("ada@example.org", "cy@example.org")
    assert dotdigital.http.get(path, params={"minContactID": first["id"] + 1}).json() == [second]
    assert dotdigital.http.get("/v2/contacts/with-preference/999999").status_code == 404


def test_version_3_tells_what_a_contact_opted_in_to(dotdigital: DotdigitalSide) -> None:
    known = numbers(dotdigital)
    weekly, events = known["Weekly digest"], known["Events"]
    chosen = [{"id": weekly, "isOptedIn": True}, {"id": events, "isOptedIn": False}]
    body = {"identifiers": {"email": "ada@example.org"}, "preferences": chosen}
    created = dotdigital.http.post("/contacts/v3", json=body).json()
    shown = [{"id": weekly, "publicName": "Weekly digest", "privateName": "Weekly digest", "isOptedIn": True}]
    assert created["preferences"] == shown
    (item,) = dotdigital.page(include="preferences")["_items"]
    assert item["preferences"] == shown
    (item,) = dotdigital.page(include="lists")["_items"]
    assert "preferences" not in item


def test_a_patch_keeps_other_choices_and_a_put_ends_them(dotdigital: DotdigitalSide) -> None:
    known = numbers(dotdigital)
    row = a_row(preferences=[{"id": known["Weekly digest"], "isOptedIn": True}])
    assert dotdigital.imported(row)["summary"]["newContacts"] == 1
    path = "/contacts/v3/email/ada@example.org"
    more = {"preferences": [{"id": known["Events"], "isOptedIn": True}]}
    dotdigital.http.patch(path, json=more).raise_for_status()
    assert opted_in(dotdigital) == ["Events", "Weekly digest"]
    dotdigital.http.put(path, json={"identifiers": {"email": "ada@example.org"}, **more}).raise_for_status()
    assert opted_in(dotdigital) == ["Events"]
    (out,) = [one for one in dotdigital.history(kind="preference") if one["new"] is False]
    assert (out["field"], out["old"]) == (str(known["Weekly digest"]), True)


@pytest.mark.parametrize("chosen", [[], None, [{"id": 1}], [{"id": "1", "isOptedIn": True}], [1], 999_999])
def test_choices_that_are_none_refuse_the_row(dotdigital: DotdigitalSide, chosen: Any) -> None:
    preferences = [{"id": chosen, "isOptedIn": True}] if isinstance(chosen, int) else chosen
    result = dotdigital.imported(a_row(preferences=preferences), a_row("bo@example.org"))
    assert (codes(result), len(result["created"])) == (["ApiSchemaViolation"], 1)
    assert dotdigital.http.patch("/contacts/v3/email/a@b.example", json={"preferences": preferences}).status_code == 400


def collected(side: DotdigitalSide, *contacts: dict[str, Any]) -> Any:
    job = side.http.post("/v2/contacts/import-collection", json={"contacts": contacts}).json()["id"]
    for _ in range(3):
        side.http.get(f"/v2/contacts/import/{job}")
    return side.http.get(f"/v2/contacts/import/{job}/report").json()


def test_an_import_of_version_2_names_preferences_among_the_data_fields(dotdigital: DotdigitalSide) -> None:
    def contact(email: str, **chosen: str) -> dict[str, Any]:
        pairs = [{"key": f"Preference:{name}", "value": value} for name, value in chosen.items()]
        return {"email": email, "dataFields": pairs}

    report = collected(
        dotdigital,
        contact("ada@example.org", **{"newsletters>Weekly Digest": "True", "Events": "false", "Nope": "True"}),
        contact("bo@example.org", Events="True"),
        contact("cy@example.org", Events="maybe"),
    )
    assert (report["newContacts"], report["invalidEntries"]) == (2, 1)
    assert (opted_in(dotdigital), opted_in(dotdigital, "bo@example.org")) == (["Weekly digest"], ["Events"])


def test_a_file_has_columns_of_preferences(dotdigital: DotdigitalSide) -> None:
    content = b"Email,Preference:Newsletters>Product news,Preference:Events\nada@example.org,True,\n"
    job = dotdigital.http.post("/v2/contacts/import", files={"file": ("c.csv", content)}).json()["id"]
    for _ in range(3):
        dotdigital.http.get(f"/v2/contacts/import/{job}")
    assert opted_in(dotdigital) == ["Product news"]


def test_a_deleted_preference_is_forgotten_by_who_chose_it(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact()
    made_here = dotdigital.act("create_preference", name="Chess")
    dotdigital.act("choose_preference", email="ada@example.org", preference=made_here["id"])
    assert opted_in(dotdigital) == ["Chess"]
    dotdigital.act("delete_preference", preference="Chess")
    assert opted_in(dotdigital) == []
    with dotdigital.world.lock:
        assert dotdigital.world.db.execute("SELECT COUNT(*) FROM dd_choice").fetchone()[0] == 0


def test_choices_survive_the_recycle_bin_and_go_with_it(dotdigital: DotdigitalSide) -> None:
    dotdigital.a_contact()
    dotdigital.act("choose_preference", email="ada@example.org", preference="Events")
    dotdigital.http.delete("/contacts/v3/email/ada@example.org").raise_for_status()
    number = numbers(dotdigital)["Events"]
    assert dotdigital.http.get(f"/v2/contacts/with-preference/{number}").json() == []
    dotdigital.act("restore_contact", email="ada@example.org")
    assert opted_in(dotdigital) == ["Events"]
    dotdigital.http.delete("/contacts/v3/email/ada@example.org").raise_for_status()
    dotdigital.control("PUT", "clock", {"advance_seconds": 31 * 86_400})
    dotdigital.page()
    with dotdigital.world.lock:
        assert dotdigital.world.db.execute("SELECT COUNT(*) FROM dd_choice").fetchone()[0] == 0
