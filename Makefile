# The commands of the README. They need make, and Python 3.11 to 3.13 with its venv module.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Packages are compiled for the processor once, at the install, so that no plan waits for it.
WARM_UP := $(BIN)/python -m railcap_app.warm_up

SCENARIO ?= karachi-chaman-3days
TIME_LIMIT ?= 60
WORKERS ?= 2

.PHONY: help install develop plan test verify lint format clean

help:
	@echo "make plan     install, plan $(SCENARIO) and draw it into out/"
	@echo "make test     install with the test tools, run the tests (minutes)"
	@echo "make verify   run the long tests as well"
	@echo "make lint     ruff, mypy, import-linter, deptry"

install: $(VENV)/.installed
develop: $(VENV)/.developed

$(VENV)/bin/python:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'railcap needs Python 3.11 or newer: make PYTHON=python3.11')"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install -c constraints.txt -e .
	$(WARM_UP)
	touch $@

$(VENV)/.developed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install -c constraints.txt -e '.[dev]'
	$(WARM_UP)
	touch $@ $(VENV)/.installed

plan: install
	$(BIN)/railcap plan $(SCENARIO) --time-limit $(TIME_LIMIT)

test: develop
	$(BIN)/python -m pytest -n $(WORKERS) -m "not long"

verify: develop
	$(BIN)/python -m pytest -n $(WORKERS)

lint: develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

format: develop
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) out
