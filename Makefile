# Two commands matter: `make run` and `make test`; `make help` lists the rest.
# Any make can read this (GNU from 3.81, BSD): no conditionals, no functions.

PYTHON = python3
VENV = .venv
# What follows the command: make run ARGS="--port 9000", make test ARGS=tests/store
ARGS =
# How often make crash kills the gateway, and how many documents make fuzz invents.
KILLS = 50
DOCUMENTS = 10400
# How many requests make schemathesis invents.
CASES = 5000
# How many combinations of documents make document-search measures, and examples make properties.
EXAMPLES = 1000
# Which faults make chaos plays, and which rows make scale measures (all); the seed of the faults.
ROWS =
SEED = 1
# Which groups of tests/mutants/groups.toml make mutants tries (all), and how many mutants a module.
GROUPS =
SAMPLE = 40
# How many orders of a Weixin Store make test-long reads from the beginning.
ORDERS = 100000
# How long make soak loads the gateway.
MINUTES = 10
# On which database make scale measures: sqlite or postgres (both).
DATABASE =

BIN = $(VENV)/bin
# Bytecode is kept whatever the environment says: else each process of the tests compiles all anew.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/pytest
SCALE = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m bench.scale.run
CHAOS = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m tests.chaos.run
PIP = PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip --quiet
# Node comes as a wheel with the development dependencies.
NPM = PATH="$$PWD/$(BIN):$$PATH" npm --fetch-retry-mintimeout 1000 --fetch-retry-maxtimeout 5000
# make lock UPGRADE=--upgrade takes the newest releases that pyproject.toml allows.
UPGRADE =
UV = build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url $(UPGRADE)

.PHONY: help run test test-long webhooks alerts properties check query-plans lint format types imports lock wheel docs schema-diff assets assets-check bench bench-profile \
	bench-transports bench-tracing bench-hanging bench-intake bench-large scale scale-short soak vulnerabilities document-memory document-search audit chaos chaos-short crash fuzz mutants schemathesis \
	conformance image manifests drill bench-short clean npm-packages bench-packages

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/\1:\2/p' Makefile \
		| awk -F : '{ printf "  make %-14s%s\n", $$1, $$2 }'

run: $(VENV)/run.stamp ## start the sandbox platforms and the gateway on them
	@$(BIN)/gateway run $(ARGS)

test: $(VENV)/dev.stamp npm-packages ## the test suite, but what takes a target of its own
	@$(PYTEST) -n 4 --dist loadgroup $(ARGS)

# Those that have no target of their own.
test-long: $(VENV)/dev.stamp ## the tests that take too long for make test
	@PAST_ORDERS=$(ORDERS) $(PYTEST) -n 4 --dist loadgroup -m long \
		tests/bulk tests/cli tests/e2e/test_large_imports.py tests/index/test_weixin_past.py \
		tests/platforms tests/security/test_thirty_attacks.py $(ARGS)

properties: $(VENV)/dev.stamp ## each property of the suite on more examples (EXAMPLES=1000)
	@PROPERTY_EXAMPLES=$(EXAMPLES) $(PYTEST) -n 4 --dist loadgroup --timeout 7200 \
		-m "hypothesis and not long" $(ARGS)

check: lint types imports test ## everything that must hold before a commit

lint: $(VENV)/dev.stamp ## ruff's rules and format, and hadolint on the Dockerfile
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/hadolint Dockerfile

format: $(VENV)/dev.stamp ## mend what ruff can mend by itself
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

types: $(VENV)/dev.stamp ## mypy, strict, over the code and the tests
	@$(BIN)/mypy

imports: $(VENV)/dev.stamp ## the rooms import each other one way only
	@$(BIN)/lint-imports

lock: build/lock/bin/uv ## write requirements/*.txt anew (UPGRADE=--upgrade for newer releases)
	@$(UV) pyproject.toml -o requirements/run.txt
	@$(UV) --group build -c requirements/run.txt -o requirements/build.txt
	@$(UV) pyproject.toml --group dev -c requirements/run.txt -c requirements/build.txt \
		-o requirements/dev.txt

wheel: $(VENV)/dev.stamp ## build the wheel into dist/, with a list of what it needs (CycloneDX)
	@rm -rf dist
	@$(BIN)/python -m build --wheel --no-isolation
	@$(BIN)/cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml \
		-o dist/sbom.cdx.json requirements/run.txt

docs: $(VENV)/dev.stamp ## write the pages that are made from the code
	@$(BIN)/python -m tests.house.endpoints_page >docs/endpoints.md
	@$(BIN)/python -m tests.house.errors_page >docs/errors.md
	@$(BIN)/python -m tests.house.metrics_table

schema-diff: $(VENV)/dev.stamp ## print how the schema differs from the last release's
	@$(BIN)/python -m tests.house.schema_diff

assets: $(VENV)/dev.stamp ## build the pages into gateway/static/
	@$(NPM) --prefix assets ci
	@$(NPM) --prefix assets run build

assets-check: $(VENV)/dev.stamp ## fail where gateway/static/ is not what assets/ builds
	@$(NPM) --prefix assets ci
	@ASSETS_OUT="$$PWD/build/static" $(NPM) --prefix assets run build
	@diff -r build/static gateway/static || { \
		echo "gateway/static is not what assets/ builds: commit what make assets makes."; exit 1; }

crash: $(VENV)/dev.stamp ## kill the gateway while orders come in, on each database (KILLS=50)
	@CRASH_KILLS=$(KILLS) $(PYTEST) -n 2 -m long tests/crash $(ARGS)

webhooks: $(VENV)/dev.stamp ## send 1,000 changes to a receiver that fails and hangs, and kill the gateway
	@$(PYTEST) -m long tests/webhooks $(ARGS)

chaos: $(VENV)/dev.stamp ## play every fault of docs/guarantees.md (SEED=7 ROWS=A1,B3)
	@$(CHAOS) --seed "$(SEED)" --rows "$(ROWS)" $(ARGS)

chaos-short: $(VENV)/dev.stamp ## the same as single shots, on SQLite
	@$(CHAOS) --short --seed "$(SEED)" --rows "$(ROWS)" $(ARGS)

fuzz: $(VENV)/dev.stamp ## compare random queries with graphql-core's answers (DOCUMENTS=10400)
	@FUZZ_DOCUMENTS=$(DOCUMENTS) $(PYTEST) -n 2 --timeout 7200 -m long \
		tests/executor/test_random_documents.py $(ARGS)

schemathesis: $(VENV)/dev.stamp ## ask what Schemathesis invents from our descriptions (CASES=5000)
	@SCHEMATHESIS_CASES=$(CASES) $(PYTEST) -m long tests/e2e/test_schemathesis.py $(ARGS)

document-memory: $(VENV)/dev.stamp ## resident memory over 20,000 documents that differ
	@$(PYTEST) -m long tests/security/test_document_memory.py $(ARGS)

document-search: $(VENV)/dev.stamp ## look for documents that take too much CPU (EXAMPLES=1000)
	@DOCUMENT_EXAMPLES=$(EXAMPLES) $(PYTEST) --timeout 7200 -m "long or not long" \
		tests/security/test_document_cpu.py tests/security/test_thirty_attacks.py $(ARGS)

mutants: build/mutants/bin/mutmut ## change the code and count what the tests notice (GROUPS="tokens outbox")
	@nice -n 10 build/mutants/bin/python -m tests.mutants.run \
		--sample "$(SAMPLE)" --seed "$(SEED)" $(GROUPS) $(ARGS)

alerts: $(VENV)/dev.stamp ## make the cause of each alert, see it fire, and run every query of the dashboard
	@$(PYTEST) -n 2 --dist loadgroup -m long tests/monitoring $(ARGS)

conformance: $(VENV)/dev.stamp ## run graphql-core's own execution tests on our executor
	@$(PYTEST) -m long tests/executor/test_graphql_core.py $(ARGS)

query-plans: $(VENV)/dev.stamp ## explain and measure every statement of the store on 100,000 rows
	@$(PYTEST) -n 2 -m long tests/store/test_query_plans.py $(ARGS)

image: $(VENV)/dev.stamp ## install by the Dockerfile's lines, and ask what the README asks
	@$(PYTEST) -m long tests/house/test_image.py $(ARGS)

manifests: $(VENV)/dev.stamp ## check the compose files and manifests of deploy/ by their schemas
	@$(PYTEST) -m long tests/deploy $(ARGS)

drill: $(VENV)/dev.stamp ## lose everything and restore it; upgrade and roll back while serving
	@$(PYTEST) -n 2 -m long tests/drill $(ARGS)

bench-short: $(VENV)/dev.stamp bench-packages ## the benchmark's servers answer alike; one short round
	@$(PYTEST) -m long tests/bench/test_variants.py $(ARGS)

vulnerabilities: build/audit/bin/pip-audit ## look the locked packages up in the index's advisories
	@build/audit/bin/pip-audit --disable-pip --require-hashes -r requirements/run.txt $(ARGS)

audit: $(VENV)/dev.stamp npm-packages ## npm's GraphQL-over-HTTP audit against a running gateway
	@$(PYTEST) -rA tests/http/test_audit.py $(ARGS)

bench: $(VENV)/dev.stamp bench-packages ## measure the gateway beside what else could be taken
	@$(BIN)/python -m bench.run $(ARGS)

bench-profile: $(VENV)/dev.stamp ## show which room takes a request's time (ARGS="--kept B")
	@$(BIN)/python -m bench.profile $(ARGS)

bench-transports: $(VENV)/dev.stamp ## measure our transport beside other HTTP clients
	@$(BIN)/python -m bench.transports $(ARGS)

bench-tracing: $(VENV)/dev.stamp ## measure what traces cost (ARGS="--rounds 20 A")
	@$(BIN)/python -m bench.tracing $(ARGS)

bench-hanging: $(VENV)/dev.stamp ## time lists over 60 shops of which one hangs (ARGS="--shops 5")
	@$(BIN)/python -m bench.hanging_shop $(ARGS)

bench-intake: $(VENV)/dev.stamp ## how fast orders are taken in (ARGS="--platform baidu bulk")
	@$(BIN)/python -m bench.intake $(ARGS)

bench-large: $(VENV)/dev.stamp ## how long large answers hold the event loop (ARGS="--rounds 20")
	@$(BIN)/python -m bench.large_answers $(ARGS)

scale: $(VENV)/dev.stamp ## measure a million orders (ROWS=paging,drain DATABASE=sqlite ARGS=--write)
	@$(SCALE) --rows "$(ROWS)" --database "$(DATABASE)" $(ARGS)

scale-short: $(VENV)/dev.stamp ## the same with 100,000 orders on SQLite: nothing lost, nothing twice
	@$(SCALE) --short --rows "$(ROWS)" $(ARGS)

soak: $(VENV)/dev.stamp ## mixed load with faults: memory, descriptors, tasks stay level (MINUTES=10)
	@$(BIN)/python -m bench.scale.soak --minutes "$(MINUTES)" $(ARGS)

clean: ## remove what make made, but not .gateway/, which holds the data of `make run`
	@rm -rf $(VENV) build dist assets/node_modules tests/js/node_modules bench/js/node_modules \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Set-up. A stamp tells that the environment holds what the lock files name.

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found." \
		"Install Python 3.11 or newer, or name it: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is older than 3.11, which the gateway needs." \
		"Name another one: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/run.stamp: $(BIN)/python pyproject.toml requirements/run.txt requirements/build.txt
	@echo "Installing what the gateway needs ..."
	@$(PIP) install --require-hashes -r requirements/run.txt -r requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# The wheels kept beside it let the test of the Dockerfile install them without the network;
# graphql-core's source distribution holds the tests that our executor must pass, too.
$(VENV)/dev.stamp: $(BIN)/python pyproject.toml requirements/run.txt requirements/build.txt \
		requirements/dev.txt tests/executor/graphql-core.txt
	@echo "Installing what the gateway and its tests need ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@cat requirements/run.txt requirements/build.txt | cmp -s - $(VENV)/wheels/names.txt \
		|| { $(PIP) download --require-hashes --dest $(VENV)/wheels \
			-r requirements/run.txt -r requirements/build.txt \
		&& cat requirements/run.txt requirements/build.txt >$(VENV)/wheels/names.txt; }
	@cmp -s tests/executor/graphql-core.txt $(VENV)/sdists/names.txt \
		|| { $(PIP) download --no-deps --no-binary graphql-core --require-hashes \
			--dest $(VENV)/sdists -r tests/executor/graphql-core.txt \
		&& cp tests/executor/graphql-core.txt $(VENV)/sdists/names.txt; }
	@touch $@

# The suites of npm that the tests run. Without an index they are left out, and the tests say so.
npm-packages: $(VENV)/dev.stamp
	@cmp -s tests/js/package-lock.json tests/js/node_modules/installed.json \
		|| { $(NPM) --prefix tests/js ci \
			&& cp tests/js/package-lock.json tests/js/node_modules/installed.json; } \
		|| echo "The packages of tests/js could not be installed: their tests will be left out."

bench-packages: $(VENV)/dev.stamp
	@cmp -s bench/js/package-lock.json bench/js/node_modules/installed.json \
		|| { $(NPM) --prefix bench/js ci \
			&& cp bench/js/package-lock.json bench/js/node_modules/installed.json; } \
		|| echo "The packages of bench/js could not be installed: Mercurius will be left out."

build/audit/bin/pip-audit:
	@$(PYTHON) -m venv --clear build/audit
	@PIP_DISABLE_PIP_VERSION_CHECK=1 build/audit/bin/python -m pip install --quiet pip-audit

build/lock/bin/uv:
	@$(PYTHON) -m venv --clear build/lock
	@PIP_DISABLE_PIP_VERSION_CHECK=1 build/lock/bin/python -m pip install --quiet uv

# mutmut runs the tests within its own process: it sees the packages of $(VENV) behind its own.
build/mutants/bin/mutmut: $(VENV)/dev.stamp
	@$(PYTHON) -m venv --clear build/mutants
	@PIP_DISABLE_PIP_VERSION_CHECK=1 build/mutants/bin/python -m pip install --quiet mutmut==3.8.1
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' >"$$( \
		build/mutants/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/project.pth"
