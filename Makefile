# `make help` lists the commands. Each sets up what it needs in .venv, once, from the lock files.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
# one more than the smallest machine has cores: the browser's tests mostly wait
WORKERS ?= 3
VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/done
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# twice quiet: faults only
LOCKED := $(PIP) install -qq --require-hashes
CHECKED := collector analysis ui tests benchmarks docs/generate.py .ci/lock
# options for the command behind a target, as in: make demo ARGS="--port 9000"
ARGS ?=

# the tests start some hundred processes: each would compile the project anew
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo run test test-peers lint format bench docs pictures lock setup

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(DONE)/buzz ## Run the invented sample posts through the whole pipeline and open the app
	@$(BIN)/buzz demo $(ARGS)

run: $(DONE)/buzz ## Collect on the schedule of config.toml and serve the app
	@$(BIN)/buzz run $(ARGS)

test: lint ## Lint, check types and imports, and run every test, on SQLite and PostgreSQL
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

# real servers, half a gigabyte of them: installed once, into the user's cache
test-peers: $(DONE)/tests ## Run against a real Bluesky server and X's own description
	BUZZ_PEERS_AT="$$($(BIN)/python tests/peers/install.py)" $(BIN)/pytest -o python_files='peers_*.py' -o timeout=600 tests/peers $(ARGS)

lint: $(DONE)/tests ## Check style, types and the floors' imports
	$(BIN)/ruff check --quiet $(CHECKED)
	$(BIN)/ruff format --quiet --check $(CHECKED)
	$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports > $(DONE)/imports.log || { cat $(DONE)/imports.log; exit 1; }

format: $(DONE)/tests ## Lay out the code and mend what can be mended by rule
	$(BIN)/ruff check --quiet --fix $(CHECKED)
	$(BIN)/ruff format --quiet $(CHECKED)

bench: $(DONE)/tests ## Measure speed against a baseline in the same run
	@for script in benchmarks/*.py; do $(BIN)/python "$$script" $(ARGS); done

docs: $(DONE)/buzz ## Write docs/commands.md anew from the commands
	$(BIN)/python docs/generate.py

pictures: $(DONE)/tests ## Take the README's pictures anew, of the demo in Chromium
	$(BIN)/python docs/take_pictures.py

lock: $(DONE)/venv ## Write both lock files anew from pyproject.toml (UPGRADE=1: newest versions)
	$(BIN)/python .ci/lock

setup: $(DONE)/tests ## Only set up .venv

# --- what is set up already is left alone: each step leaves a file behind, and is done again when its lock changes

$(DONE)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Buzzchart needs Python 3.11 or newer; $(PYTHON) is not: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
		|| { echo "Python's venv is missing: apt-get install -y python3-venv, then run the same command again"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p $(DONE) && touch $@

$(DONE)/locked: requirements.lock | $(DONE)/venv
	@echo "Setting up .venv, once: a few minutes."
	@$(LOCKED) -r requirements.lock
	@touch $@

$(DONE)/buzz: pyproject.toml $(DONE)/locked
	@$(PIP) install -qq --no-deps --no-build-isolation --editable .
	@touch $@

$(DONE)/tests: tests/requirements.lock $(DONE)/buzz
	@echo "Setting up what the tests need, once."
	@$(LOCKED) -r tests/requirements.lock
	@touch $@
