# The house's commands. A machine needs Python 3.11 or newer, make and git, and for the first run
# a package index. Every target makes its own environment in $(VENV); a second run reinstalls nothing.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# Tests and benchmarks start the program hundreds of times: let it be compiled once.
unexport PYTHONDONTWRITEBYTECODE
# Errors alone: pip takes an extra named html_clean for another than html-clean, and warns of it.
INSTALL := $(BIN)/python -m pip install --quiet --quiet --progress-bar off
LOCKED := --require-hashes --only-binary :all:

RUNTIME := $(VENV)/.installed-runtime
PROJECT := $(VENV)/.installed-project
DEVELOPMENT := $(VENV)/.installed-development

.PHONY: help demo test check format services stop-services test-services test-proofs bench lock clean

help:
	@echo "make demo           show the nightly job on the shipped samples"
	@echo "make test           every test that needs no outside service"
	@echo "make check          format, lint, types, layers, documents"
	@echo "make format         put the code into the house's format"
	@echo "make services       start PostgreSQL, Ceph, WordPress, MediaWiki, Bluesky, an emulated Mastodon, Dovecot, Chromium here"
	@echo "make test-services  the tests that need them"
	@echo "make stop-services  stop them"
	@echo "make test-proofs    the slow proofs"
	@echo "make bench          the benchmarks; prints the table of docs/benchmarks.md"
	@echo "                    (one part alone: make bench ONLY=purge)"
	@echo "make lock           choose the dependencies' versions anew and write the lock files"
	@echo "make clean          remove what these commands made"

demo: $(PROJECT)
	$(BIN)/archiver demo

test: $(DEVELOPMENT)
	$(BIN)/python -m pytest -m "not service and not proof"

check: $(DEVELOPMENT)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_house_rules.py tests/test_docs.py

format: $(DEVELOPMENT)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

services:
	services/start

stop-services:
	services/stop

test-services: $(DEVELOPMENT)
	@test -s .services/env || { echo "the services are not running: run make services"; exit 1; }
	set -a && . ./.services/env && set +a && $(BIN)/python -m pytest -m service

test-proofs: $(DEVELOPMENT)
	$(BIN)/python -m pytest -m "proof and not service"

bench: $(PROJECT)
	$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY))

lock: $(DEVELOPMENT)
	$(BIN)/uv pip compile $(LOCKING) --extra postgresql --group build \
		-o requirements.lock pyproject.toml
	$(BIN)/uv pip compile $(LOCKING) --group dev -c requirements.lock -o requirements-dev.lock
	$(BIN)/uv pip compile $(LOCKING) -o services/mastodon/requirements.lock \
		services/mastodon/requirements.in

# Every platform and every Python we support in one file; wheels only, so that nothing unhashed
# is ever built; no index's address, so that a department may use its own.
LOCKING := --quiet --upgrade --universal --python-version 3.11 --only-binary :all: \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header

clean:
	@test ! -e .services/env || services/stop
	rm -rf $(VENV) .demo .services dist build .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache
	find archiver connectors tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not that:"; \
		echo "install it, or name another: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "'$(PYTHON)' cannot make environments; on Debian: apt-get install python3-venv"; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.lock | $(BIN)/python
	@echo "installing what the archiver needs, from requirements.lock"
	@$(INSTALL) $(LOCKED) -r requirements.lock
	@touch $@

$(PROJECT): pyproject.toml $(RUNTIME)
	@$(INSTALL) --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(DEVELOPMENT): requirements-dev.lock $(PROJECT)
	@echo "installing what the tests need, from requirements-dev.lock"
	@$(INSTALL) $(LOCKED) -r requirements-dev.lock
	@touch $@
