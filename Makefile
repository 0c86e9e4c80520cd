# Each target sets up what it needs, from nothing but Python 3.11 and make.

VENV ?= .venv
BIN := $(VENV)/bin
PINS := pyproject.toml constraints.txt
PYTEST_WORKERS ?= 2
PYTEST_ARGS ?=

# The first Python of this machine that is new enough; PYTHON=... chooses another.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
    "$$p" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v "$$p" && break; done)

# Indirect build requirements obey the pins too.
PIP := PIP_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet

.PHONY: help weigh test lint format bench clean

help:
	@echo 'make weigh   weigh the bundled model against the standard open-release'
	@echo 'make test    everything CI runs: lint, types, layers, sizes, tests with coverage'
	@echo 'make lint    the checks that run no test'
	@echo 'make format  let ruff format and fix what it can'
	@echo 'make bench   speed and scale, never part of the tests'
	@echo 'make clean   remove the environment, the runs and what tools remember'

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo 'No Python 3.11 or newer was found. Install one, or name it: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); echo 'Python cannot make environments here; on Debian or Ubuntu: apt-get install python3-venv' >&2; exit 1; }

$(VENV)/.local: $(PINS) | $(BIN)/python
	@echo 'Setting up $(VENV) to weigh models ...' >&2
	@$(PIP) -e '.[local]'
	@touch $@

$(VENV)/.dev: $(PINS) | $(BIN)/python
	@echo 'Setting up $(VENV) for development ...' >&2
	@$(PIP) -e '.[local,dev]'
	@touch $@ $(VENV)/.local

weigh: $(VENV)/.local
	@$(BIN)/qistas weigh sanja --standard open-release

# Every check runs, whatever the one before it said; pytest speaks last.
test: $(VENV)/.dev
	@status=0; \
	$(MAKE) --no-print-directory lint || status=1; \
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --cov --cov-report=term $(PYTEST_ARGS) || status=1; \
	exit $$status

lint: $(VENV)/.dev
	@status=0; \
	$(BIN)/ruff check . || status=1; \
	$(BIN)/ruff format --check . || status=1; \
	$(BIN)/mypy || status=1; \
	$(BIN)/lint-imports || status=1; \
	$(BIN)/python tools/check_sizes.py || status=1; \
	exit $$status

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

bench: $(VENV)/.dev
	@for script in $$(grep -l __main__ bench/*.py); do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

clean:
	@rm -rf $(VENV) build dist runs htmlcov .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
