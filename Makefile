# `make run` computes the sample province, `make test` runs every check; each works alone from a fresh clone.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STUDY  ?= data/ha-giang
OUT    ?= out/$(notdir $(STUDY:/=))

# Many tests start phusong as a shell would; compiled once, it starts in three quarters of the time.
export PYTHONDONTWRITEBYTECODE :=

.DELETE_ON_ERROR:
.PHONY: run shell test compiled suite-sample suite-runs suite-pages suite-rooms uncompiled lint docs bundle bundle-check lowest lock sample clean

run: $(VENV)/.installed
	$(BIN)/phusong run $(STUDY) --out $(OUT)
	@echo "Lệnh / the command:  $(abspath $(BIN))/phusong   (make shell: mở cửa sổ lệnh có sẵn phusong / a shell that finds it)"

# A shell in which `phusong` is found; `exit` leaves it.
shell: $(VENV)/.installed
	@PATH="$(abspath $(BIN)):$$PATH" $${SHELL:-/bin/sh}

# Four parts of the suite of about equal length; what no list names is of the last. All begin at once
# and end at about the same time, so that no core idles; each stands alone too.
SAMPLE := tests/desk tests/hostile tests/report $(addprefix tests/test_,benchmarks.py cli_verify.py notebooks.py sample.py tutorial.py) \
          tests/pipeline/parts/egov tests/pipeline/parts/fibre
RUNS   := tests/pipeline tests/test_cli_egov.py
PAGES  := tests/export tests/maps $(filter-out $(SAMPLE) $(RUNS),$(wildcard tests/test_*.py))
PARTS  := suite-sample suite-runs suite-pages suite-rooms
SHARED := $(abspath out/tests)

test: $(VENV)/.installed-dev
	$(MAKE) --no-print-directory --jobs=6 --output-sync=line $(PARTS) lint uncompiled

# The loops are compiled, and the small study is computed and written, once for all parts of the suite.
compiled: $(VENV)/.installed-dev
	rm -rf $(SHARED)
	mkdir -p $(SHARED)
	$(BIN)/python -m pytest -q -p no:cacheprovider \
	  $(addprefix tests/pipeline/test_runner.py::,test_board_reads_as_words test_no_page_names_a_resource_of_the_internet)

suite-sample: PART = $(SAMPLE)
suite-runs:   PART = $(RUNS) $(addprefix --ignore=,$(filter $(addsuffix /%,$(RUNS)),$(SAMPLE) $(PAGES)))
suite-pages:  PART = $(PAGES)
suite-rooms:  PART = $(addprefix --ignore=,$(SAMPLE) $(RUNS) $(PAGES))
compiled $(PARTS): export PHUSONG_TESTS_SHARED = $(SHARED)
# The parts fill the cores already; more threads of the linear algebra only wait for each other.
compiled $(PARTS) uncompiled: export OPENBLAS_NUM_THREADS = 1
$(PARTS): compiled
	$(BIN)/python -m pytest -q -p no:cacheprovider $(PART)

uncompiled: $(VENV)/.installed-dev
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -q -p no:cacheprovider -m kernels $$(grep -rl --include='*.py' 'mark\.kernels' tests)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory docs

# The pages and the reference of the code as one site; refuses docstrings without their sections.
# What was read is kept for the next time, unless there was a warning: it must be told again.
docs: $(VENV)/.installed-dev
	$(BIN)/sphinx-build -q -W -d out/docs/.doctrees docs out/docs || { rm -rf out/docs; exit 1; }

# Archives that install phusong where there is no internet: for this Python on Linux, and for Windows
# with the embeddable Python given as WINDOWS_PYTHON (a ZIP of python.org), or for an installed one.
BUNDLE := PYTHONPATH=tools $(BIN)/python -m bundle --to dist
WINDOWS_PYTHON ?=

bundle: $(VENV)/.installed
	$(BUNDLE) --platform linux_x86_64
	$(BUNDLE) --platform win_amd64 --python-version 3.13 $(if $(WINDOWS_PYTHON),--python $(WINDOWS_PYTHON))

# Installs and uses what `make bundle` built, in a namespace without network; no part of `make test`.
bundle-check: $(VENV)/.installed-dev
	PHUSONG_BUNDLES=dist unshare --map-root-user --net \
	  sh -c 'ip link set lo up && exec $(BIN)/python -m pytest -q -p no:cacheprovider tests/bundle'

# A part of the suite with the oldest libraries that pyproject.toml claims; needs uv. No part of `make test`.
LOWEST := out/lowest
LOWEST_TESTS := $(addprefix tests/,admin egov export fibre inputs study tables test_cli.py test_grid.py pipeline/test_runner.py maps/test_paper.py)

lowest:
	uv venv --quiet --clear --python 3.11 $(LOWEST)
	uv pip compile --quiet --resolution lowest-direct --python-version 3.11 --extra desk --extra parquet --extra postgis pyproject.toml -o $(LOWEST)/lowest.txt
	uv pip install --quiet --python $(LOWEST)/bin/python --requirement $(LOWEST)/lowest.txt --group dev
	uv pip install --quiet --python $(LOWEST)/bin/python --no-deps --editable .
	$(LOWEST)/bin/python -m pytest -q -p no:cacheprovider -o filterwarnings=default $(LOWEST_TESTS)

# Rebuilds the committed sample study from data/ha-giang/facts; needed only when the facts change.
sample: $(VENV)/.installed
	PYTHONPATH=tools $(BIN)/python -m synthetic data/ha-giang

# Rewrites the pinned versions; needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate --generate-hashes --extra desk pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate --generate-hashes --extra dask --extra desk --group dev pyproject.toml -o requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate --generate-hashes --group bundle -o tools/bundle/pip.lock

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "phusong cần Python 3.11 trở lên / phusong needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)

# The lists are whole and pinned, so nothing is left for pip to work out; what is imported is compiled then.
PIP := $(BIN)/python -m pip install --quiet --no-deps --no-compile

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) --requirement requirements.lock
	$(PIP) --editable .
	@touch $@

# Holds what requirements.lock holds and more.
$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(PIP) --requirement requirements-dev.lock
	$(PIP) --editable .
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) out
