# Two commands for a fresh machine: `make up` and `make test`. ARGS="--port 8080" passes flags on.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
# Loading every installed plugin costs seconds a start; these three are all that the tests use.
PYTEST := PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(BIN)/python -m pytest -p pytest_asyncio.plugin -p pytest_timeout -p xdist.plugin
# The tests of real servers and real seconds: what fails there is run once more, one by one, and both results are told.
# What fails twice fails; what passes alone is a finding too (a race, or a machine that stood still), and is named.
AGAIN = || { test $$? -eq 1 && echo "RUN AGAIN, one by one, is what failed above" >&2 && \
	$(PYTEST) -q -rA --show-capture no --last-failed --last-failed-no-failures none
# Extras stay in the pins: an older pip takes the newest of a pinned package when another one asks for it with an extra.
COMPILE := $(BIN)/uv pip compile pyproject.toml --generate-hashes --universal --python-version 3.11 \
	--no-strip-extras --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet

.DEFAULT_GOAL := help
# Only root installs; a mirror that does not answer must not hold everything up.
APT := DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=20

.PHONY: help up test check lint fast slow explore pages test-browser browser bench chaos lock clean

help:
	@echo "make up      start everything on this machine (SQLite, Temporal, API)"
	@echo "make check   lint, types, layers and the fast tests"
	@echo "make test    check, the slow suites, and the pages in a browser where there is one"
	@echo "make test-browser   the drawn pages in a real browser; make browser   install one"
	@echo "make explore  the properties on examples that are new each time"
	@echo "make chaos   kill every part at random under hundreds of lives, and check the books"
	@echo "make bench   measure; make lock   pin again; make clean   remove what was built"

up: $(VENV)/.stamp-run
	$(BIN)/journey up $(ARGS)

test: check slow pages

check: lint fast

lint: $(VENV)/.stamp-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry . --no-ansi

fast: $(VENV)/.stamp-dev
	$(PYTEST) -q -n 2 --dist worksteal -m "not slow and not server and not postgres and not browser" $(ARGS)

SLOW := -m "slow or server or postgres" --ignore tests/chaos
CHAOS := -m slow tests/chaos
KERNEL := --store postgres tests/workflows tests/scenarios tests/activities
slow: $(VENV)/.stamp-dev
	$(PYTEST) -q -n 2 --dist worksteal $(SLOW) $(ARGS) $(AGAIN) $(SLOW) $(ARGS); }
	$(PYTEST) -q $(CHAOS) $(ARGS) $(AGAIN) $(CHAOS) $(ARGS); }
	$(PYTEST) -q -n 2 --dist worksteal $(KERNEL) $(ARGS) $(AGAIN) $(KERNEL) $(ARGS); }

# The properties on other examples than those of `make test`, new ones each time; a failure prints how to repeat it.
explore: $(VENV)/.stamp-dev
	EXPLORE=1 $(PYTEST) -q -n 2 --dist worksteal --timeout 3600 $$(grep -rl --include='test_*.py' hypothesis tests) $(ARGS)

# Part of `make test`: without a browser it says loudly what was left out, and how to get one.
pages: $(VENV)/.stamp-dev
	@if $(BIN)/python -m tests.browser.finding > /dev/null; then $(MAKE) --no-print-directory test-browser; \
	else echo "NOT TESTED: the drawn pages (make test-browser)" >&2; fi

test-browser: $(VENV)/.stamp-dev
	@$(BIN)/python -m tests.browser.finding
	$(PYTEST) -q -m browser tests/browser $(ARGS) $(AGAIN) -m browser tests/browser $(ARGS); }

browser: $(VENV)/.stamp-dev
	@$(BIN)/python -m tests.browser.finding 2> /dev/null || { \
	$(APT) update && $(APT) install -y --no-install-recommends chromium fonts-noto-cjk > /dev/null && \
	$(BIN)/python -m tests.browser.finding; }

bench: $(VENV)/.stamp-dev
	$(BIN)/python -m benchmarks $(ARGS)

# ARGS="--seed 7" repeats a run.
chaos: $(VENV)/.stamp-dev
	$(BIN)/python -m tests.chaos $(ARGS)

# ARGS=--upgrade takes newer versions; index settings come from the environment and are never written down.
lock: $(VENV)/.stamp-dev
	$(COMPILE) --extra build --output-file requirements.txt $(ARGS)
	$(COMPILE) --all-extras --constraint requirements.txt --output-file requirements-dev.txt $(ARGS)

clean:
	rm -rf $(VENV) build dist .coverage htmlcov *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Owner Journey needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("Owner Journey needs Python 3.11 or newer; $(PYTHON) is %d.%d" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "$(PYTHON) cannot make virtual environments: install its venv package (python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# --require-hashes takes nothing that is not pinned; the project itself comes last, built with the pinned setuptools.
$(VENV)/.stamp-run: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q journey starter activities workflows worker.py
	@touch $@

$(VENV)/.stamp-dev: requirements-dev.txt requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(VENV)/.stamp-run $@
