# Everything starts here: `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
COMPARE := build/compare/bin/python
DATA_ARCHIVES := $(firstword $(wildcard ../shared/data))
DATA := $(if $(STEADYHAND_DATA),$(STEADYHAND_DATA),$(if $(DATA_ARCHIVES),$(CURDIR)/build/data))
export STEADYHAND_DATA = $(DATA)

.DEFAULT_GOAL := help
.PHONY: help setup data demo test test-deep check format bench results lock package package-twice package-test arm-wheel sign windows-rig windows-test release reliability soak fuzz attack attack-test desktop-test vm-test kill-test signals-kill-test debug-test office-test clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: $(READY)  ## build everything into .venv, with the Debian packages it needs

$(READY): pyproject.toml setup.py packaging/locks/dev.txt $(wildcard _fastfeat/*.pyx _fastfeat/*.pxd _fastfeat/*.h) $(wildcard packaging/debian/*.sh)
	@sh packaging/debian/prerequisites.sh
	@sh packaging/debian/syslog_ng.sh build/syslog-ng
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setup: building Steadyhand into $(VENV)"
	@$(PIP) --require-hashes -r packaging/locks/dev.txt
	@$(PIP) --no-deps --require-hashes -r packaging/locks/axe.txt
	@$(PIP) --no-build-isolation --no-deps --editable .
	@sh packaging/debian/link_gi.sh $(VENV)
	@touch $@

data:
	@if [ -n "$(DATA_ARCHIVES)" ] && [ -z "$(filter-out $(CURDIR)/build/data,$(DATA))" ]; then \
	    sh -c '$(DATA_ARCHIVES)/unpack.sh $(CURDIR)/build/data' >/dev/null; fi

demo: setup  ## owner works, an intruder takes over, the screen locks, the alert arrives
	@$(BIN)/steadyhand demo

test: setup data  ## the whole test suite, on virtual displays
	@$(BIN)/python -m pytest

test-deep: setup  ## the tests of the networks, with the extra `deep` installed (PyTorch for CPUs, hmmlearn)
	@$(PIP) --no-build-isolation --editable '.[deep]'
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/deep tests/agent/engine/test_detectors.py tests/enroll/approaches

check: setup  ## format, lint, types, import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@PATH="$(CURDIR)/$(BIN):$$PATH" cython-lint _fastfeat
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.house

format: setup  ## put the code into its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: settings
settings: setup  ## docs/config.md and the policy templates, from what the settings declare
	@$(BIN)/python -m docs.make_config docs/config.md
	@$(BIN)/python -m docs.make_policy packaging

.PHONY: siem siem-test mutants
siem: setup  ## docs/siem-queries.md, from the Sigma rules in packaging/siem
	@$(BIN)/python -m docs.make_siem docs/siem-queries.md

siem-test: setup  ## the SIEM rules on streams of events; alerts as rsyslog, syslog-ng and journald take them; signals to an identity provider
	@$(BIN)/python -m pytest tests/siem tests/docs/test_make_siem.py tests/e2e/test_journald.py tests/agent/alerts/signals tests/e2e/test_signals.py

.PHONY: month demos
month: setup  ## a month of 200 made-up computers against the rules and `steadyhand verify`; figures to docs/month.md
	@$(BIN)/python -m bench.fleet --write

demos: setup  ## the demonstration over 20 seeds, all reported in docs/demonstration.md (half an hour)
	@$(BIN)/python -m bench.demonstrations --write

bench: setup data $(COMPARE)  ## speed and memory, also as build/bench.json and in docs/kernel.md
	@STEADYHAND_COMPARE=$(CURDIR)/$(COMPARE) $(BIN)/python -m bench

# The usual ways that the kernel is compared with live in an environment of their own: tsfresh brings much along.
$(COMPARE):
	@$(PYTHON) -m venv build/compare
	@$(COMPARE) -m pip install --quiet --disable-pip-version-check numpy pandas tsfresh

soak: setup  ## a minute of constant motion at 1,000 Hz (SECONDS=1800 for longer): nothing lost, memory flat
	@$(BIN)/python -m bench.soak --seconds $(or $(SECONDS),60)

fuzz: setup  ## the readers of profiles, policies, recordings and cohorts against made-up files (EXAMPLES=20000)
	STEADYHAND_FUZZ=$(or $(EXAMPLES),20000) $(BIN)/python -m pytest tests/agent/files/test_hostile.py tests/agent/files/test_hostile_json.py

attack: setup  ## attacks on the real programs by unprivileged accounts, ten minutes of storms (root; SECONDS=60 for less)
	STEADYHAND_ATTACK_S=$(or $(SECONDS),600) $(BIN)/python -m pytest tests/attack --timeout 1800

attack-test: attack

desktop-test: setup  ## the package of dist/ in sessions of GNOME, KDE, Xfce, sway and labwc, on Debian 12 and 13 (root; half an hour)
	$(BIN)/python -m tests.desktop.run

vm-test: setup  ## the mouse service and the agent on a real kernel with a USB mouse, in a virtual machine (root; half an hour)
	$(BIN)/python -m tests.vm.run

.PHONY: odd-day
odd-day: setup  ## an owner's odd day and an intruder who comes back, at the real agent (root; ten minutes; no evidence of rates)
	@$(BIN)/python -m pytest -s tests/e2e/odd_day.py

kill-test: setup  ## kill the whole agent a hundred times: no alert lost, every kill told
	STEADYHAND_KILLS=100 $(BIN)/python -m pytest tests/e2e/test_kill.py

reliability: setup  ## alerts through crashes, refusals and bad disks; figures to docs/reliability.md
	@$(BIN)/python -m bench.reliability --write

results: setup data  ## run protocols that this code has not run, write the tables of docs/results.md (2 h; again where it stopped)
	@$(BIN)/python -m docs.make_results $(DATA) $(if $(BLOCKS),--blocks $(BLOCKS))

mutants: setup  ## small changes to the judgement, locks, outbox and archives: at least 90 % fail a test (N=200 draws that many)
	@$(BIN)/python -m tests.mutants $(N)

signals-kill-test: setup  ## kill the relay a hundred times while it pushes signals: none lost (some minutes)
	@$(BIN)/python -m bench.reliability --only signals

debug-test: setup  ## the kernel's tests on a build with bounds checks
	FASTFEAT_DEBUG=1 $(BIN)/python setup.py -q build_ext --inplace --force
	$(BIN)/python -m pytest tests/fastfeat
	$(BIN)/python setup.py -q build_ext --inplace --force

office-test: setup  ## the administrator's road, from an empty folder through a year: nginx, rsyslog, made-up people (root)
	@STEADYHAND_OFFICE_TEST=1 STEADYHAND_OFFICE_TRANSCRIPT=$(CURDIR)/build/office-transcript.txt \
	    $(BIN)/python -m pytest tests/office/test_road.py -m slow --timeout 1200
	@cat build/office-transcript.txt
	@$(BIN)/python tests/office/write_transcript.py build/office-transcript.txt

package: setup  ## wheels, sdist, .deb, .rpm, MSI and the list of what is in them, in dist/ (root; first time half an hour)
	@sh packaging/debian/prerequisites.sh --package
	@$(PIP) --require-hashes -r packaging/locks/package.txt
	@packaging/python/build.sh $(BIN)/python
	@packaging/frozen/build.sh $(BIN)/python
	@packaging/debian/build.sh $(BIN)/python
	@packaging/rpm/build.sh $(BIN)/python
	@packaging/windows/build.sh

.PHONY: wheel-test
wheel-test:  ## the wheel in dist/ on another Python (PYTHON=python3.14): kernel and judgement, without the sources
	@packaging/python/wheel_test.sh $(PYTHON)

arm-wheel: setup  ## the wheel for arm64, cross-compiled, its kernel compared with this one's under qemu (root)
	@sh packaging/debian/prerequisites.sh --package
	@$(PIP) --require-hashes -r packaging/locks/package.txt
	@packaging/python/aarch64.sh $(BIN)/python

sign: setup  ## sign dist/ with GPG_KEY and PROVENANCE_KEY: detached signatures, apt repository, provenance
	@packaging/release/sign.sh $(BIN)/python

.PHONY: sign-rehearsal
sign-rehearsal: setup  ## sign a copy of dist/ with keys made for it, check it with gpg, apt, rpm, osslsigncode, and forge it
	@packaging/release/rehearse.sh $(BIN)/python

package-twice: setup  ## the packages of this commit twice, in two folders on two days: the same to the bit (root)
	@sh packaging/debian/prerequisites.sh --package
	@$(PIP) --require-hashes -r packaging/locks/package.txt
	@packaging/twice.sh $(BIN)/python packaging/python/build.sh packaging/frozen/build.sh packaging/debian/build.sh packaging/rpm/build.sh packaging/windows/build.sh

package-test: setup  ## install dist/*.deb into a clean Debian, log in, be enrolled, be locked out, remove it (root)
	@sh packaging/debian/prerequisites.sh --package
	@STEADYHAND_PACKAGE_TEST=1 $(BIN)/python -m pytest tests/packaging -m slow --timeout 1800

.PHONY: upgrade-test
upgrade-test: setup  ## upgrade from the .debs in PREVIOUS=FOLDER to dist/ and back over real state, in a clean Debian (root)
	@sh packaging/debian/prerequisites.sh --package
	@STEADYHAND_PREVIOUS_DEBS=$(abspath $(PREVIOUS)) $(BIN)/python -m pytest tests/packaging/test_upgrade.py -m slow --timeout 1800

lock: setup  ## pin every dependency with its hashes, in packaging/locks
	@sh packaging/locks/renew.sh $(BIN)/python

.PHONY: lowest-test
lowest-test: setup  ## kernel, judgement and training on the lowest versions that pyproject.toml allows
	@packaging/locks/lowest.sh $(BIN)/python

windows-test: windows-rig  ## what does not need Linux, on the Windows Python; LONG=1 also the MSI, used (root; some minutes)
	@PYTHON=$(BIN)/python packaging/windows/rig/test.sh
	@if [ -n "$(LONG)" ]; then packaging/windows/rig/installed.sh $(BIN)/python; fi

release: setup  ## say what keeps this commit from being a release (ADVISORIES=FILE of OSV advisories)
	@packaging/release/check.sh $(BIN)/python $(ADVISORIES)

windows-rig: setup  ## a Windows Python under Wine, in build/windows-rig (root; two minutes and 1.5 GB the first time)
	@packaging/windows/rig/build.sh $(BIN)/python

clean:  ## remove what was built
	rm -rf build dist *.egg-info $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name '*.so' -not -path './$(VENV)/*' -delete
