"""The client over HTTP: pages, meanings of refusals, and a token that goes to one address only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from sfdd_declare.host.github import GitHub
from sfdd_declare.model.errors import Denied, RemoteError, Terminal, UsageError
from tests.github import REPOSITORY, TOKEN, Hub

HEAD = "a" * 40


@pytest.fixture
def github(hub: Hub) -> Iterator[GitHub]:
    with GitHub(hub.api, REPOSITORY, SecretStr(TOKEN)) as github:
        yield github


def test_all_pages_are_read_in_order(hub: Hub, github: GitHub) -> None:
    made = [hub.comment(7, f"remark {count}")["id"] for count in range(8)]
    assert [comment.id for comment in github.comments(7)] == made


def test_a_jobs_token_writes_as_the_account_of_jobs_and_another_as_its_own(hub: Hub, github: GitHub) -> None:
    assert github.account() == "github-actions[bot]"
    hub.account = "acme-robot"
    assert github.account() == "acme-robot"


@pytest.mark.parametrize(
    ("status", "kind", "id"),
    [(403, Denied, "SFDD-E7010"), (404, Terminal, "SFDD-E7011"), (422, Terminal, "SFDD-E7012")],
)
def test_refusals_have_an_id_and_never_the_token(hub: Hub, github: GitHub, status: int, kind: type, id: str) -> None:
    hub.refuse("POST", "comments", status)
    with pytest.raises(kind) as refused:
        github.add_comment(7, "body of the comment")
    assert refused.value.id == id
    assert str(status) in refused.value.summary
    said = f"{refused.value!r} {vars(refused.value)}"
    assert TOKEN not in said
    assert "body of the comment" not in said


@pytest.mark.parametrize("message", ["ada@example.com is taken", "x\n::error::forged", "Body: `secret`", "y" * 500])
def test_only_a_plain_sentence_of_the_hosts_is_repeated(hub: Hub, github: GitHub, message: str) -> None:
    hub.refuse("POST", "comments", 422)
    hub.message = message
    with pytest.raises(RemoteError) as refused:
        github.add_comment(7, "x")
    assert refused.value.summary == "GitHub answered 422 (POST /issues/{id}/comments)."


def test_a_wrong_token_is_denied_and_not_shown(hub: Hub) -> None:
    with GitHub(hub.api, REPOSITORY, SecretStr("ghs_wrong")) as github, pytest.raises(Denied) as refused:
        github.comments(7)
    assert "ghs_wrong" not in str(vars(refused.value))


def test_a_file_is_fetched_from_the_other_address_without_the_token(hub: Hub, github: GitHub, tmp_path) -> None:
    hub.archive(5, "plan", b"x" * 3000)
    (artifact,) = github.artifacts(5, "plan")
    assert github.fetch(artifact, tmp_path / "a.zip", most=3000) == 3000
    (taken,) = [seen for seen in hub.seen if seen.path.startswith("blob")]
    assert "authorization" not in taken.headers
    with pytest.raises(RemoteError) as refused:
        github.fetch(artifact, tmp_path / "b.zip", most=2999)
    assert refused.value.id == "SFDD-E2010"


@pytest.mark.parametrize("api", ["http://api.github.com", "ftp://x", "", "file:///etc/passwd"])
def test_the_token_is_never_sent_in_the_clear(api: str) -> None:
    with pytest.raises(UsageError) as refused:
        GitHub(api, REPOSITORY, SecretStr(TOKEN))
    assert refused.value.id == "SFDD-E7004"
