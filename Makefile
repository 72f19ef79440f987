# Two commands matter: `make scout` (see it work) and `make test` (run the suite). Everything lives in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What one process has compiled the next one reads, whatever the machine is set to: tests start many.
export PYTHONDONTWRITEBYTECODE :=
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: scout test test-core test-python test-lowest slow lint image docs bench fuzz clean

$(VENV)/bin/python:
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.core: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable .
	@touch $@

# The core comes with it, in the same pass.
$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable ".[dev]"
	@touch $(VENV)/.core $@

scout: $(VENV)/.core
	$(BIN)/python -m matscout demo

# Two processes test at the same time; with threads of their own they would wait for each other. Each begins with half of
# the tests, and takes some of the other's when it is through.
test: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

# The small suite with the core alone, without any extra; each in a virtual environment of its own, made anew.
# $(call small,NAME,PYTHON,CONSTRAINTS,OPTIONS)
SMALL := tests/test_small.py tests/data/test_tables.py tests/data/test_reading.py tests/data/test_neighbour_bounds.py tests/app/viewing/test_bonds.py
define small
	"$(2)" -m venv --clear .venv-$(1)
	.venv-$(1)/bin/python -m pip install --quiet --disable-pip-version-check --constraint $(3) --editable ".[small]"
	.venv-$(1)/bin/python scripts/built_here.py
	OMP_NUM_THREADS=1 .venv-$(1)/bin/python -m pytest -m 'small and not slow' $(SMALL) $(4)
endef

test-core:
	$(call small,core,$(PYTHON),constraints.txt)

# `make test-python PY=3.13`; pyenv's interpreters are found, too.
PY ?= 3.13
OTHER_PYTHON = $(or $(lastword $(sort $(wildcard $(HOME)/.pyenv/versions/$(PY).*/bin/python))),python$(PY))
test-python:
	$(call small,$(PY),$(OTHER_PYTHON),constraints.txt)

# Old packages warn about newer ones beside them, which is no fault of matscout.
test-lowest:
	$(call small,lowest,$(PYTHON),constraints-lowest.txt,-W default)

$(VENV)/.slow: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable ".[slow]"
	@touch $(VENV)/.core $(VENV)/.dev $@

# Also what needs force fields or Ray. A test that is skipped for a reason that tests/skips.py does not expect fails it.
slow: $(VENV)/.slow
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m slow -n 2 --dist worksteal --skip-budget

lint: $(VENV)/.dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

# Built and tried; skipped with a reason where there is no Docker.
image:
	sh scripts/check_image.sh

docs: $(VENV)/.dev
	$(BIN)/python -m mkdocs build --strict

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/run.py

# Ten thousand altered inputs for every reader; what ends badly is kept among the tests.
fuzz: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(BIN)/python scripts/fuzz.py

clean:
	rm -rf $(VENV) .venv-* site .pytest_cache .mypy_cache .ruff_cache
