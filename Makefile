# Everything works where only python3 (3.11 or newer) with venv and pip exists.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OUT    ?= out/taiyuan

.PHONY: demo serve test check bench messages lock clean

$(VENV)/.run: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

# Exit code 1 says that a file was refused: the example holds a broken one on purpose.
demo: $(VENV)/.run
	$(BIN)/yingcheng run examples/taiyuan --out $(OUT) || [ $$? -eq 1 ]

# The results in a browser, for machines where a file:// page is not at hand. Only this machine can reach it.
serve: demo
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(OUT) 8000

test: $(VENV)/.dev
	$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

messages: $(VENV)/.dev
	$(BIN)/pybabel -q extract -k _ --no-location --sort-output -o $(VENV)/yingcheng.pot src/yingcheng
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-pot-creation-date -D yingcheng -i $(VENV)/yingcheng.pot -d src/yingcheng/locale -l en
	sed -i -E '/^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Report-Msgid-Bugs-To|Generated-By|Language-Team)/d' src/yingcheng/locale/en/LC_MESSAGES/yingcheng.po
	$(BIN)/pybabel -q compile -D yingcheng -d src/yingcheng/locale

# Needs uv. Versions and hashes only: any mirror serves.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra paper --group build -o requirements/run.txt pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra paper --extra semantic --extra onnx --extra scale --group build --group dev -c requirements/run.txt -o requirements/dev.txt pyproject.toml

clean:
	rm -rf $(VENV) out
