"""Everything that knows Salesforce: logging in, SOQL, describes, set-up, people, writes, deploying the registry.

`client` sends, the readers and writers above it implement `model.ports`. Errors are told apart by meaning in `errors`.
"""
