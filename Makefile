# duban: `make` lists what there is. Needs Python 3.11 or newer, git and make; brings the rest.
#
#   PYTHON=python3.12    the interpreter that .venv is made from (else the first suitable one)
#   TESTS=tests/unit     what `make suite` runs (else everything)
#   SECONDS=60           how long `make chaos` runs each campaign
#   TARGETS=1000000      how many targets `make bench` has (else 10,000, then 100,000)
#   DATABASE=sqlite      what `make bench` and `make bench-peers` measure: sqlite, postgresql or both

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
PYTEST := $(BIN)/python -m pytest
LOCALE := adapters/locale
SECONDS := 600
TESTS :=
QUICK := $(wildcard tests/unit tests/property tests/contract tests/architecture \
	engine workflows adapters cli.py)

.PHONY: help
help:  ## list what there is
	@echo "duban · 督办"
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' Makefile | \
		while IFS='|' read -r name text; do printf '%-18s %s\n' "$$name" "$$text"; done

# --- the environment ---------------------------------------------------------------------------

# Two stamps, so that a new version number in pyproject.toml does not fetch every package again.
$(VENV)/.locked: requirements-dev.lock
	@$(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || { \
		for python in $(PYTHON) $(if $(PYTHON),,python3.13 python3.12 python3.11 python3); do \
			"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
				>/dev/null 2>&1 || continue; \
			echo "Making $(VENV) with $$("$$python" --version)."; \
			"$$python" -m venv --clear $(VENV); exit; \
		done; \
		echo "duban needs Python 3.11 or newer with its venv module, and found none" \
			"(tried: $(or $(PYTHON),python3.13 python3.12 python3.11 python3))." \
			"Install one (on Debian and Ubuntu also its python3-venv package)," \
			"or name it: make PYTHON=/path/to/python3" >&2; \
		exit 1; }
	@echo "Installing what requirements-dev.lock pins (once; about a minute)."
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# --- running -----------------------------------------------------------------------------------

# Ctrl-C goes to everything that runs in the terminal's foreground group, make too, and a make that
# gets it always ends with "Error 130". So the command gets a foreground group of its own, as a
# shell would give it, and make sees only how it ended. Without a terminal there is nothing to do.
define IN_FOREGROUND
import os, signal, subprocess, sys

try:
    terminal = os.open("/dev/tty", os.O_RDWR)
except OSError:
    terminal = None
if terminal is None or os.tcgetpgrp(terminal) != os.getpgrp():
    os.execv(sys.argv[1], sys.argv[1:])
signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # taking the terminal back is no offence
signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # Ctrl-Z: nobody could wake the command again
command = subprocess.Popen(sys.argv[1:], process_group=0)
os.tcsetpgrp(terminal, command.pid)
for number in signal.SIGTERM, signal.SIGHUP:
    signal.signal(number, lambda number, frame: command.send_signal(number))
status = command.wait()
os.tcsetpgrp(terminal, os.getpgrp())
sys.exit(status if status >= 0 else 128 - status)
endef
export IN_FOREGROUND

.PHONY: run
run: $(VENV)/.installed  ## open a trial year if there is none, show it, run its daemon until Ctrl-C
	@exec $(BIN)/python -c "$$IN_FOREGROUND" $(BIN)/duban run

# --- testing -----------------------------------------------------------------------------------

.PHONY: test
test: lint types suite  ## everything: lint, types, all tests, bounded campaigns (under 15 minutes)

.PHONY: check
check: lint types  ## every day: lint, types, quick tests (under 3 minutes)
	$(PYTEST) -n 2 -m "not slow and not chaos and not benchmark" $(QUICK)

.PHONY: lint
lint: $(VENV)/.installed  ## ruff: rules and layout
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: types
types: $(VENV)/.installed  ## mypy, strict
	$(BIN)/mypy

.PHONY: suite
suite: $(VENV)/.installed  ## all tests, or those in TESTS=…
	DUBAN_CAMPAIGN_SECONDS=30 $(PYTEST) -n 2 --dist worksteal $(TESTS)

.PHONY: chaos
chaos: $(VENV)/.installed  ## the campaigns, SECONDS=600 each
	DUBAN_CAMPAIGN_SECONDS=$(SECONDS) $(PYTEST) -n 2 --timeout 0 -m chaos tests

.PHONY: bench
bench: $(VENV)/.installed  ## the figures, as ratios to a floor measured in the same run
	$(BIN)/python -m tests.benchmarks.run $(DATABASE:%=--database %) $(TARGETS:%=--targets %)

.PHONY: bench-peers
bench-peers: $(VENV)/.installed  ## the same work by other products, each in an environment of its own
	$(BIN)/python -m tests.benchmarks.peers $(DATABASE:%=--database %) $(TARGETS:%=--targets %)

.PHONY: coverage
coverage: $(VENV)/.installed  ## which branches no test takes
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

# --- making what is kept in git ----------------------------------------------------------------

.PHONY: format
format: $(VENV)/.installed  ## lay out the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: docs
docs: $(VENV)/.installed  ## write the generated pages anew
	$(BIN)/python docs/generate.py

.PHONY: messages
messages: $(VENV)/.installed  ## gather what people see, update and compile the catalogues
	@mkdir -p build
	$(BIN)/pybabel --quiet extract --mapping-file babel.toml --no-wrap --sort-by-file \
		--add-location=file --project duban --copyright-holder duban --output build/duban.pot .
	@for language in zh en; do \
		if [ -f $(LOCALE)/$$language/LC_MESSAGES/duban.po ]; then \
			$(BIN)/pybabel --quiet update --domain duban --input-file build/duban.pot \
				--output-dir $(LOCALE) --locale $$language --no-wrap --no-fuzzy-matching \
				--ignore-obsolete --ignore-pot-creation-date || exit; \
		else \
			$(BIN)/pybabel --quiet init --domain duban --input-file build/duban.pot \
				--output-dir $(LOCALE) --locale $$language --no-wrap || exit; \
		fi; \
	done
	$(BIN)/pybabel --quiet compile --domain duban --directory $(LOCALE) --statistics

# uv resolves for every Python and system at once, which pip cannot; nothing else needs it, so it
# lives apart. What is locked names no host: whoever installs decides where packages come from.
UV := build/uv/bin/uv
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --extra postgresql --extra timestamp

.PHONY: lock
lock: $(VENV)/.locked  ## pin the dependencies anew; UPGRADE=--upgrade for newer versions
	@[ -x $(UV) ] || { $(BIN)/python -m venv build/uv && \
		build/uv/bin/python -m pip --quiet --disable-pip-version-check install uv; }
	$(LOCK) $(UPGRADE) --output-file requirements.lock pyproject.toml
	$(LOCK) $(UPGRADE) --output-file requirements-dev.lock --group dev \
		--constraint requirements.lock pyproject.toml

.PHONY: clean
clean:  ## remove what make made; databases stay
	rm -rf $(VENV) build dist *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
