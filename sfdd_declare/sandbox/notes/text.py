"""The sentences of `docs/sandbox.md` that stand between its tables."""

BEGINNING = """
# The sandbox

Both systems on this machine, in one SQLite file, behind real HTTP: to try configurations out, and what this project's
own tests run against. This page says of every call how far it is the real thing.

## Starting it

```console
$ sfdd sandbox seed --people 200
$ sfdd sandbox serve
```

The second line prints the variables that a configuration takes addresses and credentials from, and ends with Ctrl-C.
`--salesforce-port` and `--dotdigital-port` take fixed ports, `--world` another file.

Other programs need the two addresses alone: they log in with a token, with the client credentials of the connected app,
or with name, password and security token, over OAuth or SOAP. All of that is printed, and `GET access` answers it (see
[Control routes](#control-routes)). No request may leave for `login.salesforce.com`: give the org's address as the
login URL, or instance URL.

Meanwhile, or before, people do what people do:

```console
$ sfdd sandbox sign-up ada@sandbox.example Newsletter FIRSTNAME=Ada
$ sfdd sandbox edit dotdigital contact ada@sandbox.example FIRSTNAME=Augusta
$ sfdd sandbox unsubscribe ada@sandbox.example
$ sfdd sandbox switch overlong=cut
$ sfdd sandbox clock --advance 900
$ sfdd sandbox history ada@sandbox.example
$ sfdd sandbox log --last 10
$ sfdd sandbox reset
```

`edit salesforce Contact` changes records of Salesforce. `--world` takes the URL of a running sandbox too.

## How to read the tables

*Faithful* is as the vendor documents it or as it was seen in recorded answers. *Simplified* does less, or does it
otherwise, and the sentence says what. *Unknown* is what no source settles: where there is a switch or a setting, more
than one answer can be tried; where there is neither, the sandbox does the simple thing.
"""

SALESFORCE = """
## Salesforce

Versions 31.0 to 68.0 are served. `…` stands for `/services/data/{version}`. Refusals are a list of `message` and
`errorCode`, those of a login have `error` and `error_description`. Another method on a known path is 405, an
unknown path 404, and each call counts against a budget that `Sforce-Limit-Info` shows.

Bulk API 1.0, under `/services/async`, takes its session from `X-SFDC-Session` or `Authorization`. Its refusals have an
`exceptionCode` and an `exceptionMessage`, in JSON for whoever sends JSON, otherwise in XML; almost all are 400.
"""

DOTDIGITAL = """
## Dotdigital

Refusals have a `message` in v2, `errorCode` and `description` in v3. Every call has the headers of its rate tier. Which
tier a call really has, how many entries its body may hold, and with which code it succeeds, sources do not settle for
all of them: the setting `dotdigital.calls` says it otherwise.
"""

SWITCHES = """
## Switches

One per behaviour that no source settles, all cautious at first: what the engine has to survive. `sfdd sandbox switch`
shows and sets them. Each has its name in the configuration's assumptions, too.
"""

SETTINGS = """
## Settings

They make limits small enough to meet, and accounts other than the usual. `PUT settings` sets them.
"""

CONTROL = """
## Control routes

Both systems have them under `/__sandbox__/`. They are never counted and no fault hits them; a wrong body is 400 and
`{"error": …}`.
"""

FAULTS = """
## Faults

A rule hits the `nth` request that matches its `system`, `method` and `path` (a regular expression), `times` times in a
row; 0 is from there on always.

```console
$ curl --json '{"kind": "reset_after", "path": "/contacts/v3/import"}' "$DD_URL/__sandbox__/faults"
```
"""
