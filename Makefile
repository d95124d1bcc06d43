# Targets for people and CI. Everything lives in .venv and build/; `make clean` removes both.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: all venv compiler native native-windows dist installer deb run check check-lowest test test-full test-windows test-faults test-hostile test-load test-report test-desk test-screen test-runtimes test-field test-gateway test-installer test-deb test-container test-wheel bench bench-migration audit shell lint clean

all: native

venv: $(STAMP)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "cshis-bridge needs Python 3.11 or later; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "making $(VENV) and installing the bridge and its tools into it (a minute or two)"
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "no virtual environment could be made; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) -e '.[dev]'
	@touch $@

compiler: venv
	@command -v $${CC:-cc} >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null || \
	  $(BIN)/python -c 'import ziglang' 2>/dev/null || \
	  { echo "no C compiler here: taking the one of the Python package ziglang"; \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check 'ziglang>=0.13,<1'; }

native: compiler
	@echo "building the native library into build/native"
	@$(BIN)/python -m native.build --what all

# Needs mingw-w64; `make test-windows` installs it on Debian and Ubuntu.
native-windows: venv
	@echo "building the DLLs for Windows into build/native (mingw-w64)"
	@$(BIN)/python -m native.build --what windows

# Wheels with all native libraries: one for this machine, one for Windows. Needs mingw-w64 as above.
dist: native-windows
	@rm -f dist/*.whl
	@echo "making two wheels, for this machine and for Windows, into dist"
	@CSHIS_BRIDGE_WHEEL=linux $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	@CSHIS_BRIDGE_WHEEL=windows $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	@ls dist/*.whl

# The MSI for Windows and the folder that runs without installing, from pinned parts. Needs Wine and msitools;
# `make test-installer` installs them on Debian and Ubuntu.
INSTALLER_FLAGS ?=
installer: dist
	@echo "making the installer for Windows into dist; its parts are fetched once and checked by their hashes"
	@$(BIN)/python -m native.installer --wheel dist/*win_amd64*.whl $(INSTALLER_FLAGS)

# The package for the Debian or Ubuntu that this is, without root.
DEB_FLAGS ?=
deb: compiler
	@rm -rf build/debian/wheel
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir build/debian/wheel .
	$(BIN)/python -m native.debian --wheel build/debian/wheel/*.whl $(DEB_FLAGS)

run: compiler
	@echo "building the library, then a whole visit of an old-fashioned clinic program on simulators"
	@$(BIN)/python -m native.build --what client
	@$(BIN)/python -m tests.legacy_his.run

# Under a minute: the pure rooms, every row of the table, the cases by bytes, the layers, and one visit through library and HTTP.
PURE := tests/unit/codec tests/unit/table tests/unit/calls tests/unit/bhyt tests/table tests/cases $(wildcard tests/test_*.py)
VISIT := tests/routes/test_visit.py
ONE_VISIT := '$(VISIT)::test_whole_visit[client]' $(VISIT)::test_number_by_http_and_back
check: compiler
	@echo "the quick subset of the tests: under a minute"
	@$(BIN)/python -m pytest -q $(PURE) $(ONE_VISIT)

# The same with the lowest versions that pyproject.toml allows, in a virtual environment of their own.
check-lowest: venv
	@echo "the quick subset with the lowest versions of all packages, in build/lowest"
	@mkdir -p build
	@$(BIN)/python .ci/lowest.py > build/lowest.txt
	@$(MAKE) check VENV=build/lowest PIP_FLAGS="--constraint $(CURDIR)/build/lowest.txt"

# In two halves at once: the code's rooms, and everything that starts processes. Each line says of which half it is.
ROOMS := tests/unit tests/table tests/cases tests/scenarios tests/model tests/migration $(wildcard tests/test_*.py)
HALF = set -o pipefail; PYTHONUNBUFFERED=1 $(BIN)/python -m pytest -q --timeout=300 $(2) 2>&1 | sed -u 's/^/$(1) | /'
test: SHELL := /bin/bash
test: native
	@echo "all ordinary tests, in two halves at once: rooms of the code, and what starts processes (some minutes)"
	@($(call HALF,rooms    ,$(ROOMS))) & rooms=$$!; \
	($(call HALF,processes,$(ROOMS:%=--ignore=%))); processes=$$?; \
	wait $$rooms; exit $$(($$? | processes))

# Installs compilers and Wine where they are missing (root, Debian or Ubuntu).
test-windows: venv
	@tests/windows/run.sh

# The page of a replay in a real browser, alert rules and dashboard in a real Prometheus; installs both where they are missing
# (root, Debian or Ubuntu).
test-report: venv
	@tests/report/setup.sh
	@tests/monitoring/setup.sh
	$(BIN)/python -m pytest tests/report tests/monitoring

# The desk's page in a real browser: DESK_SECONDS says for how long 50 calls a second come, DESK_PICTURES where screenshots go.
# Installs what is missing (root, Debian or Ubuntu).
test-desk: venv
	@tests/desk/setup.sh $(BIN)/python
	$(BIN)/python -m pytest tests/desk

# The window that asks for PINs on a virtual screen; installs one where it is missing (root, Debian or Ubuntu).
test-screen: venv
	@tests/screen/setup.sh $(BIN)/python
	$(BIN)/python -m pytest tests/screen

# Records as other languages' runtimes read them, clients made by generators; installs both (root, Debian or Ubuntu).
test-runtimes: venv
	@tests/runtimes/setup.sh
	$(BIN)/python -m pytest tests/unit/codec/test_real_decoders.py tests/runtimes

# Programs of eight languages call the library as programs of hospitals do; installs the languages (root, Debian or Ubuntu).
test-field: native
	@tests/field/setup.sh
	$(BIN)/python -m pytest tests/field

# What passes through to Viet Nam's portal, and its gateway on two workers with a real Redis (root, Debian or Ubuntu: installs it).
test-gateway: venv
	@tests/gateway/setup.sh
	$(BIN)/python -m pytest tests/gateway

# Every fault of network, upstream, disk and process against every function.
test-faults: native
	$(BIN)/python -m pytest tests/faults

# Fuzzers, sanitizers and valgrind over the native code; hostile requests, files and neighbours.
test-hostile: native
	$(BIN)/python -m pytest tests/hostile

# 64 programs and 64 HTTP clients at once; LOAD_SECONDS says for how long (600 for docs/reference/figures.md).
test-load: native
	$(BIN)/python -m pytest tests/load

# What CI does with small seeds and short times, in full. Its dated figures stand in docs/reference.
test-full: native
	MODEL_STEPS=100000 $(BIN)/python -m pytest --timeout=0 tests/model
	FUZZ_FACTOR=20 $(BIN)/python -m pytest --timeout=0 tests/hostile
	LOAD_SECONDS=600 LOAD_CALLER_KILLS=1000 LOAD_BRIDGE_KILLS=200 $(BIN)/python -m pytest tests/load

# The figures of docs/reference/figures.md. Wants a machine that does nothing else; installs nginx (root, Debian or Ubuntu).
bench: native
	@echo "measuring; nothing else should run on this machine meanwhile"
	@benchmarks/setup.sh
	$(BIN)/python -m benchmarks

# Masking, judging and replaying the trace of a hospital, the old build beside the new one. MIGRATION_FLAGS="--calls
# 10000,100000,1000000 --replay-calls 10000,30000,100000 --old-calls 10000" for the figures of the documentation.
MIGRATION_FLAGS ?=
bench-migration: native
	@echo "measuring; nothing else should run on this machine meanwhile"
	$(BIN)/python -m benchmarks.migration $(MIGRATION_FLAGS)

# Known weaknesses of the installed dependencies; asks the package index.
audit: venv
	@echo "asking the package index for known weaknesses of what is installed"
	@$(BIN)/python -m pip_audit --strict --skip-editable

# The installer, and what it installs, in a Windows made from nothing under Wine; installs what is missing (root, Debian or Ubuntu).
test-installer: venv
	@tests/installer/setup.sh
	@$(MAKE) --no-print-directory native-windows
	$(BIN)/python -m pytest tests/installer

# The package for Debian: installed, at work, upgraded and removed in a Debian with systemd made from nothing (root, Debian or Ubuntu).
test-deb: compiler
	@tests/deb/setup.sh
	$(BIN)/python -m pytest tests/deb

# The images of simulators and gateway, built by buildah (root, Debian or Ubuntu: installs it).
test-container: venv
	@tests/container/setup.sh
	$(BIN)/python -m pytest tests/container

# The wheels of `make dist`, installed in an empty folder.
test-wheel: compiler native-windows
	$(BIN)/python -m pytest tests/wheel

# A shell in which cshis-bridge is found.
shell: venv
	@echo "cshis-bridge is found in this shell; end it with: exit"
	@PATH="$(CURDIR)/$(BIN):$$PATH" VIRTUAL_ENV="$(CURDIR)/$(VENV)" $${SHELL:-/bin/sh}

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 -p bridge

clean:
	@echo "removing $(VENV) and build"
	@rm -rf $(VENV) build
