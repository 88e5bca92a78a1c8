# Everything starts here: `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DATA_ARCHIVES := $(firstword $(wildcard ../shared/data))
DATA := $(if $(STEADYHAND_DATA),$(STEADYHAND_DATA),$(if $(DATA_ARCHIVES),$(CURDIR)/build/data))
export STEADYHAND_DATA = $(DATA)

.DEFAULT_GOAL := help
.PHONY: help setup data demo test check format bench results debug-test clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: $(READY)  ## build everything into .venv, with the Debian packages it needs

$(READY): pyproject.toml setup.py $(wildcard _fastfeat/*.pyx _fastfeat/*.pxd _fastfeat/*.h) $(wildcard packaging/debian/*.sh)
	@sh packaging/debian/prerequisites.sh
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setup: building Steadyhand into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[enroll,dev]'
	@sh packaging/debian/link_gi.sh $(VENV)
	@touch $@

data:
	@if [ -n "$(DATA_ARCHIVES)" ] && [ -z "$(filter-out $(CURDIR)/build/data,$(DATA))" ]; then \
	    sh -c '$(DATA_ARCHIVES)/unpack.sh $(CURDIR)/build/data' >/dev/null; fi

demo: setup  ## owner works, an intruder takes over, the screen locks, the alert arrives
	@$(BIN)/steadyhand demo

test: setup data  ## the whole test suite, on virtual displays
	@$(BIN)/python -m pytest

check: setup  ## format, lint, types, import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@PATH="$(CURDIR)/$(BIN):$$PATH" cython-lint _fastfeat
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup  ## put the code into its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup  ## speed and memory, also as build/bench.json
	@$(BIN)/python -m bench

results: setup data  ## run the protocols, put their tables into docs/results.md
	@$(BIN)/python docs/make_results.py $(DATA)

debug-test: setup  ## the kernel's tests on a build with bounds checks
	FASTFEAT_DEBUG=1 $(BIN)/python setup.py -q build_ext --inplace --force
	$(BIN)/python -m pytest tests/fastfeat
	$(BIN)/python setup.py -q build_ext --inplace --force

clean:  ## remove what was built
	rm -rf build dist *.egg-info $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name '*.so' -not -path './$(VENV)/*' -delete
