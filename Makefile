# Needs python3, make and bash. Everything is installed into .venv beside this file; `make clean` removes it.

SHELL := bash
PYTHON ?= python3
# Tests wait more than they work: for a prompt, for a session to run out.
JOBS ?= 4

# All paths are relative: make cannot hold a blank in a target's name, and a checkout's path may have one.
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
BASH_FILES := .ci/run $(wildcard shell/*.bash completions/*.bash tests/shell/*/*.bash)

.PHONY: help venv demo test lint bench prove coverage docs picture clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

venv: $(VENV)/test.stamp ## what the checks need, in .venv

demo: $(VENV)/demo.stamp ## see it work, in your own shell, against an AWS on this machine
	@$(BIN)/shellhook demo

test: lint ## all checks
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

lint: $(VENV)/test.stamp ## the checks that run nothing of ours
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/python -m mypy
	@$(BIN)/shellcheck $(BASH_FILES)

bench: $(VENV)/test.stamp ## measure, beside the peers found on the PATH
	@$(BIN)/python -m benchmarks

prove: $(VENV)/test.stamp ## the proofs at full length: long
	@JOBS=$(JOBS) $(BIN)/python -m tests.proof

coverage: $(VENV)/test.stamp ## lines and branches that the tests reach: long
	@$(BIN)/python -m tests.proof.reached -n $(JOBS)

docs: $(VENV)/test.stamp ## docs/commands.md and the manual pages, from the commands
	@$(BIN)/python -m docs.reference

picture: $(VENV)/test.stamp ## docs/picture.svg, from a real terminal
	@$(BIN)/python -m docs.picture

clean: ## remove what these targets made
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are younger than pyproject.toml while what it asks for is installed.
$(VENV)/demo.stamp: pyproject.toml | $(BIN)/python
	@echo "installing shellhook and its demo into $(VENV)" >&2
	@$(PIP) install --editable '.[demo]'
	@touch $@

$(VENV)/test.stamp: pyproject.toml | $(BIN)/python
	@echo "installing shellhook and what its checks need into $(VENV)" >&2
	@$(PIP) install --editable '.[test]'
	@touch $@ $(VENV)/demo.stamp

# Debian splits ensurepip off; without it another pip, virtualenv or uv will do.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "shellhook needs Python 3.10 or later. Name one: make PYTHON=python3.12" >&2; exit 1; }
	@if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then $(PYTHON) -m venv --clear $(VENV); \
	elif $(PYTHON) -m pip --help 2>/dev/null | grep -q -e --python && $(PYTHON) -c 'import venv' 2>/dev/null; then \
	  $(PYTHON) -m venv --clear --without-pip $(VENV) && \
	  $(PYTHON) -m pip --quiet --disable-pip-version-check --python $(BIN)/python install pip; \
	elif $(PYTHON) -m virtualenv --version >/dev/null 2>&1; then $(PYTHON) -m virtualenv --quiet --clear $(VENV); \
	elif command -v uv >/dev/null; then uv venv --quiet --seed --clear --python $(PYTHON) $(VENV); \
	else \
	  echo "$(PYTHON) cannot make a virtual environment: its venv module is not complete." >&2; \
	  echo "On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; \
	fi
