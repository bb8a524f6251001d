"""SOQL texts: from a small grammar, with one token of such a text changed, and anything at all."""

from __future__ import annotations

from hypothesis import strategies as st

_OBJECTS = ("Contact", "Lead", "Campaign", "CampaignMember", "Account", "User", "Organization", "Nope__c")
_FIELDS = (
    *(
        "Id",
        "Name",
        "LastName",
        "Email",
        "Status",
        "CreatedDate",
        "SystemModstamp",
        "IsDeleted",
        "Birthdate",
        "Score__c",
    ),
    *("CampaignId", "ContactId", "Contact.Email", "Contact.Account.Name", "Lead.Status", "Owner.Name", "Nope", "A.B.C"),
)
_SELECTED = (
    *("COUNT()", "COUNT(Id)", "MAX(CreatedDate) m", "AVG(Score__c)", "toLabel(Status)", "FORMAT(CreatedDate)"),
    *("FIELDS(ALL)", "FIELDS(STANDARD)", "(SELECT Id FROM CampaignMembers)", "(SELECT Id FROM Contacts LIMIT 1)"),
    *("TYPEOF Owner WHEN User THEN Id ELSE Name END", "CALENDAR_YEAR(CreatedDate)", "COUNT_DISTINCT(Email) n"),
)
_VALUES = (
    *("null", "true", "1", "-1.5", "99999999999999999999", "1e5", "2026-03-01", "2026-03-01T00:00:00Z", "TODAY"),
    *("LAST_N_DAYS:3", "N_DAYS_AGO:0", "LAST_N_DAYS:99999999", "2026-99-99", "'a'", "'%'", "'\\''", "'\\u00e9'", "''"),
    *(
        "'003000000000001AAA'",
        "'\\x'",
        "'a_\\%'",
        "THIS_FISCAL_YEAR",
        "USD5",
        "0000-00-00",
        "9999-12-31T23:59:59-14:00",
    ),
)
_GARBAGE = ("(", ")", ",", "'", "\\", "SELECT", "FROM", "WHERE", "\u0000", "é", "..", "--", "NULLS", ":x", "=", '"')

_operator = st.sampled_from(("=", "!=", "<", "<=", ">", ">=", "LIKE", "<>", "INCLUDES", "like"))
_field = st.sampled_from(_FIELDS)
_value = st.sampled_from(_VALUES)
_listed = st.lists(_value, min_size=1, max_size=3).map(", ".join)
_semi_join = st.builds(
    "{} {} (SELECT {} FROM {} WHERE {} = {})".format,
    *(_field, st.sampled_from(("IN", "NOT IN")), _field, st.sampled_from(_OBJECTS), _field, _value),
)
_comparison = st.one_of(
    st.builds("{} {} {}".format, _field, _operator, _value),
    st.builds("{} IN ({})".format, _field, _listed),
    st.builds("{} NOT IN ({})".format, _field, _listed),
    st.builds("{} INCLUDES ({})".format, _field, _listed),
    _semi_join,
)
_condition = st.recursive(
    _comparison,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("(NOT {})".format, inner),
    ),
    max_leaves=4,
)
_ordering = st.builds("{}{}".format, _field, st.sampled_from(("", " DESC", " ASC NULLS LAST", " NULLS FIRST")))


@st.composite
def _statement(draw: st.DrawFn) -> str:
    def perhaps(text: str, part: st.SearchStrategy[object]) -> str:
        return f" {text} {draw(part)}" if draw(st.integers(0, 3)) == 0 else ""

    selected = draw(st.lists(st.one_of(_field, st.sampled_from(_SELECTED)), min_size=1, max_size=4))
    return (
        f"SELECT {', '.join(selected)} FROM {draw(st.sampled_from(_OBJECTS))}"
        + perhaps("USING SCOPE", st.sampled_from(("everything", "mine", "nope")))
        + perhaps("WHERE", _condition)
        + perhaps("WITH", st.sampled_from(("SECURITY_ENFORCED", "USER_MODE", "NOPE")))
        + perhaps("GROUP BY", st.lists(_field, min_size=1, max_size=2).map(", ".join))
        + perhaps("HAVING COUNT(Id) >", _value)
        + perhaps("ORDER BY", st.lists(_ordering, min_size=1, max_size=2).map(", ".join))
        + perhaps("LIMIT", st.integers(-1, 10**20))
        + perhaps("OFFSET", st.integers(-1, 3000))
        + draw(st.sampled_from(("", "", "", " FOR VIEW", " ALL ROWS", " FOR UPDATE")))
    )


@st.composite
def _broken(draw: st.DrawFn) -> str:
    tokens = draw(_statement()).split(" ")
    tokens[draw(st.integers(0, len(tokens) - 1))] = draw(st.sampled_from((*_GARBAGE, *_VALUES, *_FIELDS)))
    return " ".join(tokens)


SOQL = st.one_of(_statement(), _statement(), _broken(), st.text(max_size=40))
