# `make run` computes the sample province, `make test` runs every check; each works alone from a fresh clone.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STUDY  ?= data/ha-giang
OUT    ?= out/$(notdir $(STUDY:/=))

# Many tests start phusong as a shell would; compiled once, it starts in three quarters of the time.
export PYTHONDONTWRITEBYTECODE :=

.DELETE_ON_ERROR:
.PHONY: run shell test compiled suite-long suite uncompiled lint docs lock sample clean

run: $(VENV)/.installed
	$(BIN)/phusong run $(STUDY) --out $(OUT)
	@echo "Lệnh / the command:  $(abspath $(BIN))/phusong   (make shell: mở cửa sổ lệnh có sẵn phusong / a shell that finds it)"

# A shell in which `phusong` is found; `exit` leaves it.
shell: $(VENV)/.installed
	@PATH="$(abspath $(BIN)):$$PATH" $${SHELL:-/bin/sh}

# Parts of the suite, the checks and the uncompiled kernels side by side; each stands alone too.
LONG := tests/test_notebooks.py tests/test_sample.py tests/pipeline tests/hostile tests/test_benchmarks.py tests/test_tutorial.py

test: $(VENV)/.installed-dev
	$(MAKE) --no-print-directory --jobs=3 --output-sync=line uncompiled suite-long suite lint

# The loops are compiled once, before two parts of the suite would both begin by it.
compiled: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/pipeline/test_runner.py::test_board_reads_as_words

suite-long: compiled
	$(BIN)/python -m pytest -q -p no:cacheprovider $(LONG)

suite: compiled
	$(BIN)/python -m pytest -q -p no:cacheprovider $(LONG:%=--ignore=%)

uncompiled: $(VENV)/.installed-dev
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -q -p no:cacheprovider -m kernels $$(grep -rl --include='*.py' 'mark\.kernels' tests)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory docs

# The pages and the reference of the code as one site; refuses docstrings without their sections.
docs: $(VENV)/.installed-dev
	$(BIN)/sphinx-build -q -E -W -d out/docs/.doctrees docs out/docs

# Rebuilds the committed sample study from data/ha-giang/facts; needed only when the facts change.
sample: $(VENV)/.installed
	PYTHONPATH=tools $(BIN)/python -m synthetic data/ha-giang

# Rewrites the pinned versions; needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate --generate-hashes pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate --generate-hashes --group dev pyproject.toml -o requirements-dev.lock

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "phusong cần Python 3.11 trở lên / phusong needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) out
