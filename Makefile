# Every target makes the virtual environment it needs, and makes it again only when a lock changes.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
SBOM ?= sbom.json
NODE_TOOLS := html-validate@10.17.0 ical.js@2.2.1 syllable@5.0.1
SIDE_BY_SIDE := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: run test faults bench lint sbom locks
.DEFAULT_GOAL := run

.venv/run: requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch .venv/run $@

.venv/node: Makefile .venv/dev
	@if command -v npm >/dev/null; then npm install --silent --no-audit --no-fund --no-package-lock --prefix .venv/node_tools $(NODE_TOOLS) >/dev/null; fi
	@touch $@

run: .venv/run
	@PORTAL_DEMO=true PORTAL_URL=http://localhost:$(PORT) PORT=$(PORT) $(BIN)/flask --app wsgi serve

# Both halves run, whatever the first one says.
test: .venv/dev .venv/node
	@failed=0; \
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --browser-sample 30 --form-sample 4 -m "not full" || failed=1; \
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --database postgresql --sample 40 --form-sample 4 -m "not browser and not full" || failed=1; \
	exit $$failed

faults: .venv/dev
	$(BIN)/python -m pytest -m "full or browser"
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --database postgresql -m "not browser and not full"

bench: .venv/dev
	$(BIN)/python -m tests.bench

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/complexipy portal --max-complexity-allowed 15 --failed

# What is installed to run, and in which version: CycloneDX, from the lock with its hashes.
sbom: .venv/dev
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible -o $(SBOM) requirements.lock

# Locks carry hashes and no addresses; they need uv.
locks:
	uv pip compile --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 --quiet pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 --quiet pyproject.toml --group dev -o requirements-dev.lock
