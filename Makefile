# `make demo` sets up .venv and runs the comparison; `make test` sets up and runs lint, types and tests.
# Modules are compiled when they are first imported, which is a part of them: installation is half as long.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.installed
export TOKENIZERS_PARALLELISM := false

.PHONY: demo test pytest lint types slow lowest clean

demo: $(SETUP)
	$(BIN)/hf-recurrent benchmark

# The types are checked beside the tests, as they use one core for a minute or more.
test: lint
	$(MAKE) --jobs 2 types pytest

pytest: $(SETUP)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

lint: $(SETUP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(SETUP)
	$(BIN)/mypy

slow: $(SETUP)
	$(BIN)/python -m pytest -m slow

$(SETUP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else "hf-recurrent needs Python 3.11 to 3.13, and %s is %d.%d: run `make PYTHON=python3.11`" % (sys.executable, *v))'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --no-compile -c constraints.txt -e ".[test]"
	touch $(SETUP)

lowest:
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --no-compile torch==2.13.0
	.venv-lowest/bin/python -m pip install --quiet --no-compile -c constraints-lowest.txt -e ".[test]"
	.venv-lowest/bin/python -m pytest -n 2 --dist loadfile -m "not slow"

clean:
	rm -rf $(VENV) .venv-lowest .mypy_cache .pytest_cache .ruff_cache .hypothesis
