# Everything works where only python3 (3.11 or newer) with venv and pip exists.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OUT    ?= out/taiyuan
# What has to hold on SQLite and PostgreSQL alike; skipped where the machine has no PostgreSQL server.
ON_BOTH := tests/web/test_web_records.py tests/web/test_web_queries.py tests/web/test_web_attacks.py \
  tests/promises/test_every_write_leaves_an_entry.py tests/promises/test_two_at_once.py tests/promises/test_killed_workers.py

.PHONY: demo serve test check bench messages lock clean

$(VENV)/.run: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.web: $(VENV)/.run requirements/web.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/web.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

# Exit code 1 says that a file was refused: the example holds a broken one on purpose.
demo: $(VENV)/.run
	$(BIN)/yingcheng run examples/taiyuan --out $(OUT) || [ $$? -eq 1 ]

# The web on this machine, with the example in an empty database. Asks for the first administrator, or takes it from
# YINGCHENG_ADMIN_USERNAME and YINGCHENG_ADMIN_PASSWORD. Only this machine can reach it.
serve: $(VENV)/.web
	$(BIN)/yingcheng serve --load examples/taiyuan

test: $(VENV)/.dev
	$(BIN)/python -m pytest
	TEST_DATABASE=postgresql $(BIN)/python -m pytest $(ON_BOTH)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

# Two catalogues, one way: what the engine and the command line say, and what the web says (Django wants its own).
CATALOGUES := yingcheng:src/yingcheng/locale django:src/yingcheng/web/locale

messages: $(VENV)/.dev
	for pair in $(CATALOGUES); do name=$${pair%%:*}; folder=$${pair#*:}; po=$$folder/en/LC_MESSAGES/$$name.po; \
	  $(BIN)/pybabel -q extract -F messages-$$name.ini -k _ -k gettext_lazy --no-location --sort-output -o $(VENV)/$$name.pot src/yingcheng || exit 1; \
	  $(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -D $$name -i $(VENV)/$$name.pot -d $$folder -l en || exit 1; \
	  sed -i -E '/^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Report-Msgid-Bugs-To|Generated-By|Language-Team)/d' $$po; \
	  $(BIN)/pybabel -q compile -D $$name -d $$folder || exit 1; \
	done

# Needs uv. Versions and hashes only: any mirror serves.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra paper --group build -o requirements/run.txt pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra web --extra postgres -c requirements/run.txt -o requirements/web.txt pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra paper --extra semantic --extra onnx --extra scale --extra web --extra postgres --group build --group dev -c requirements/run.txt -o requirements/dev.txt pyproject.toml

clean:
	rm -rf $(VENV) out
