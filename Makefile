# One-word commands; CI runs the same ones. `make help` explains each.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One process a processor; the tests of a file stay together, since they share what they set up.
SIDE_BY_SIDE := --numprocesses auto --dist loadfile
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
DATASET ?= data/current
PORT ?= 8050
export CRIME_ATLAS_DATASET ?= $(DATASET)

.DEFAULT_GOAL := help
.PHONY: help run serve test test-fast soak check format demo lock bench clean

help:  ## Explain every command
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.run: requirements.lock
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else f"Crime Atlas needs Python 3.11 or newer; this is {v.major}.{v.minor}. Name another with: make run PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/.run  ## Start the dashboard on http://127.0.0.1:8050 (makes the demo dataset if there is none)
	@test -e "$(CRIME_ATLAS_DATASET)" || $(BIN)/python -m data_pipeline demo --out "$(CRIME_ATLAS_DATASET)"
	$(BIN)/python app.py --port $(PORT)

serve: $(VENV)/.run  ## Serve many readers: several processes with many threads (gunicorn.conf.py)
	$(BIN)/gunicorn app:server

demo: $(VENV)/.run  ## Make the synthetic demo dataset anew
	$(BIN)/python -m data_pipeline demo --out "$(CRIME_ATLAS_DATASET)"

test: $(VENV)/.dev  ## Install what the tests need, a browser included, and run them all
	$(BIN)/python -m tests.install_browser
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

test-fast: $(VENV)/.dev  ## The tests of the edit loop: no browser, no real sample, nothing slow
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not (soak or browser or real or slow)"

soak: $(VENV)/.dev  ## Run what is too long for every run, such as long walks over the page
	$(BIN)/python -m tests.install_browser
	$(BIN)/python -m pytest -m soak

check: $(VENV)/.dev  ## Lint, formatting, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if ! command -v npm >/dev/null; then echo "Scripts and style sheets are not checked: there is no Node here."; \
	elif ! npm ci --silent --no-audit --no-fund; then echo "Scripts and style sheets are not checked: Biome cannot be installed."; \
	else npx --no-install biome ci --colors=off --error-on-warnings assets; fi

format: $(VENV)/.dev  ## Apply the formatter and the safe lint fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@if [ -d node_modules ]; then npx --no-install biome check --write assets; fi

lock: $(VENV)/.dev  ## Pin what requirements.txt and the others bring, for every platform, after a change of them
	$(LOCK) requirements.txt --output-file requirements.lock
	$(LOCK) requirements-dev.txt --constraints requirements.lock --output-file requirements-dev.lock

bench: $(VENV)/.dev  ## Time the pipeline beside unzip, DuckDB and pandas, and the map in a browser beside other ways
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.map

clean:  ## Remove the virtual environment and caches (datasets stay)
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
