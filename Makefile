# Every target sets the project up first (tools/setup.py); what is already in place costs a moment.
PYTHON ?= $(shell sh tools/find-python.sh)
BIN := .venv/bin
WORKERS ?= 2
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test check lint format types contracts pages bench lock wheel clean

help:
	@echo "make demo     a CSMS with 24 simulated stations, in your browser"
	@echo "make serve    the CSMS alone, for real stations     (ARGS='--http 0.0.0.0:8080 ...')"
	@echo "make test     everything: lint, types, contracts, pages, all tests"
	@echo "make check    the quick part of it: no slow, end-to-end, fleet or browser tests"
	@echo "make bench    what a message costs, beside two baselines"
	@echo "make setup    only sets up: .venv, locked packages, dashboard"
	@echo "also: lint, format, types, contracts, pages, wheel, lock, clean"

setup:
	@$(PYTHON) tools/setup.py

demo: setup
	@$(BIN)/voltherd demo $(ARGS)

serve: setup
	@$(BIN)/voltherd serve $(ARGS)

bench: setup
	@$(BIN)/voltherd bench ocpp $(ARGS)

test: lint types contracts pages
	$(BIN)/pytest -v -rs --numprocesses $(WORKERS) --dist loadgroup $(ARGS)

check: lint types contracts pages
	$(BIN)/pytest --numprocesses $(WORKERS) -m "not slow and not browser" --ignore=tests/e2e --ignore=tests/conformance --ignore=tests/simulator --ignore=tests/docs $(ARGS)

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: setup
	$(BIN)/mypy

contracts: setup
	$(BIN)/lint-imports

pages: setup
	$(BIN)/python tools/dashboard.py check

wheel: setup
	$(BIN)/python -m hatchling build -t wheel

lock: setup
	$(BIN)/python tools/lock.py

clean:
	rm -rf .venv build dist web/node_modules src/voltherd/api/static .mypy_cache .ruff_cache .import_linter_cache artifacts
