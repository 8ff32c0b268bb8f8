# One-word commands; CI runs the same ones. `make help` explains each.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATASET ?= data/current
PORT ?= 8050
export CRIME_ATLAS_DATASET ?= $(DATASET)

.DEFAULT_GOAL := help
.PHONY: help run test check format demo bench clean

help:  ## Explain every command
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.run: requirements.txt
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else f"Crime Atlas needs Python 3.11 or newer; this is {v.major}.{v.minor}. Name another with: make run PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-dask.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: $(VENV)/.run  ## Start the dashboard on http://127.0.0.1:8050 (makes the demo dataset if there is none)
	@test -e "$(CRIME_ATLAS_DATASET)" || $(BIN)/python -m data_pipeline demo --out "$(CRIME_ATLAS_DATASET)"
	$(BIN)/python app.py --port $(PORT)

demo: $(VENV)/.run  ## Make the synthetic demo dataset anew
	$(BIN)/python -m data_pipeline demo --out "$(CRIME_ATLAS_DATASET)"

test: $(VENV)/.dev  ## Install what the tests need, a browser included, and run them all
	$(BIN)/python -m tests.install_browser
	$(BIN)/python -m pytest

check: $(VENV)/.dev  ## Lint, formatting, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## Apply the formatter and the safe lint fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev  ## Time the pipeline beside unzip, DuckDB and pandas, and the map in a browser beside other ways
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.map

clean:  ## Remove the virtual environment and caches (datasets stay)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
