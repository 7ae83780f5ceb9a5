# Every target makes its own environment in .venv; all it needs is Python >= 3.11 and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# What setuptools warns of at length, CONTRIBUTING.md says in a sentence.
PIP := PYTHONWARNINGS="ignore:Editable installation" \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check
WORKERS ?= 2
CASES ?= 20000
QUESTIONS ?= 0

.PHONY: help demo everything test test-quick test-oldest test-newest test-versions test-peers fuzz \
	interrupts memory lint format docs linkcheck notebooks check-notebooks bench clean

help:
	@echo "make demo        skdeep beside scikit-learn: a table and demo.png, in under a minute"
	@echo "make test        the test suite, with every doctest"
	@echo "make test-oldest the suite with the oldest dependencies (make test-newest: pre-releases)"
	@echo "make test-versions  a minute of it with the oldest, and with pre-releases"
	@echo "make test-peers  equality with PyTorch and faiss"
	@echo "make fuzz        CASES=20000 random inputs, QUESTIONS=0 more for each: what they found"
	@echo "make interrupts  Ctrl-C at random moments of every fit: what it leaves behind"
	@echo "make memory      fits by the hundred, and fits that find none: what they leave behind"
	@echo "make lint        style, format and types"
	@echo "make docs        the documentation site, in docs/_build/html"
	@echo "make linkcheck   whether the site's links to other sites still lead somewhere"
	@echo "make notebooks   execute the comparison notebooks anew (make check-notebooks: only compare)"
	@echo "make bench       timings beside the peers"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "skdeep needs Python 3.11 or newer; set PYTHON=python3.x"'
	@echo "Making an environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --upgrade "pip>=24" "setuptools>=77"

# One stamp for each set of extras, so that a target installs only what it needs, once.
$(VENV)/.%: $(BIN)/python pyproject.toml
	@echo "Installing skdeep[$*] ..."
	@$(PIP) --editable ".[$*]"
	@touch $@

# At one go, since pip looks at all that is there for each.
everything: $(BIN)/python
	@echo "Installing skdeep with what .ci/run needs ..."
	@$(PIP) --editable ".[test,lint,peers,docs,notebooks]"
	@cd $(VENV) && touch .test .lint .peers .docs .notebooks

demo: $(VENV)/.plot
	$(BIN)/python examples/demo.py

test: $(VENV)/.test
	$(BIN)/python -m pytest -n $(WORKERS) $(TESTS)

# What meets other libraries: the common checks of all estimators, frames, callbacks, pickles, files.
QUICK := tests/test_common.py tests/test_releases.py tests/utils tests/neighbors/test_tables.py \
	tests/neural_network/test_callbacks.py tests/neural_network/test_validation.py
test-quick: $(VENV)/.quick
	$(BIN)/python -m pytest -n 0 -q $(QUICK)

# Environments of their own. TESTS="tests/test_common.py tests/utils" runs a part.
SUITE ?= test
test-oldest: export PIP_CONSTRAINT = tests/oldest.txt
test-oldest:
	$(MAKE) $(SUITE) VENV=.venv-oldest

test-newest: export PIP_PRE = 1
test-newest: export PIP_UPGRADE = 1
test-newest: export PIP_UPGRADE_STRATEGY = eager
test-newest:
	$(MAKE) $(SUITE) VENV=.venv-newest

test-versions:
	$(MAKE) test-oldest SUITE=test-quick
	@if $(MAKE) test-newest SUITE=.venv-newest/.quick; \
	then $(MAKE) test-newest SUITE=test-quick; \
	else echo "The newest pre-releases do not install, and are not tested."; fi

fuzz: $(VENV)/.test
	$(BIN)/python -m tests.fuzz --cases $(CASES) --questions $(QUESTIONS)

interrupts: $(VENV)/.test
	$(BIN)/python -m tests.faults.interrupts --times 10
	$(BIN)/python -m tests.faults.interrupts --times 10 --lines

memory: $(VENV)/.test
	$(BIN)/python -m tests.faults.memory --times 10 --fits 300
	$(BIN)/python -m tests.faults.memory --times 10 --lines

test-peers: $(VENV)/.test $(VENV)/.peers
	$(BIN)/python -m pytest -n $(WORKERS) -m peers tests

lint: $(VENV)/.lint $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Two of them run at a time, and beside others: threads would wait for each other.
docs notebooks check-notebooks: export OMP_NUM_THREADS = 1

docs: $(VENV)/.docs
	rm -rf docs/_build/html  # or pages that are gone would stay
	$(BIN)/python -m sphinx -W --keep-going -b html -d docs/_build/doctrees docs docs/_build/html
	$(BIN)/python docs/check_site.py docs/_build/html
	@echo "The site begins at docs/_build/html/index.html"

linkcheck: $(VENV)/.docs
	$(BIN)/python -m sphinx -b linkcheck -d docs/_build/doctrees docs docs/_build/linkcheck

notebooks: $(VENV)/.notebooks
	$(BIN)/python examples/notebooks/execute.py
	$(BIN)/python examples/notebooks/exercises/write.py

check-notebooks: $(VENV)/.notebooks
	$(BIN)/python examples/notebooks/execute.py --check

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build demo.png docs/_build docs/auto_examples docs/gen_modules
	rm -rf docs/reference/generated docs/reference/skdeep*.rst docs/notebooks/*.ipynb docs/notebooks/exercises
