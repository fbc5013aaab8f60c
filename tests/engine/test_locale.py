"""The English catalogue: every text translated, placeholders kept, compiled file up to date."""

import ast
import io
import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from yingcheng import i18n
from yingcheng.i18n import _
from yingcheng.web.messages import extract_templates

SOURCE = Path(__file__).parents[2] / "src" / "yingcheng"
WEB = SOURCE / "web"
# The catalogue of the engine with the command line, and that of the web's pages.
CATALOGUES = {
    "yingcheng": SOURCE / "locale" / "en" / "LC_MESSAGES" / "yingcheng.po",
    "django": WEB / "locale" / "en" / "LC_MESSAGES" / "django.po",
}
COMMANDS = (WEB / "commands.py", WEB / "environment.py")

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")  # with its punctuation
QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
# Values a user would type, shown as they are typed.
EXAMPLES = (
    "50人-200人",
    "3年",
    "2026年5月21日",
    "2025年底前",
    "太原市小店区",
    "3.5亿元",
    "3000-5000万元",
)


@pytest.fixture(scope="module", params=CATALOGUES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def english(name: str) -> dict[str, str]:
    with CATALOGUES[name].open("rb") as file:
        return texts_of(read_po(file, locale="en"))


def texts_of(catalogue: Catalog) -> dict[str, str]:
    return {message.id: message.string for message in catalogue if message.id}


def modules_of(name: str) -> list[Path]:
    of_the_web = {path for path in WEB.rglob("*.py") if path not in COMMANDS}
    return sorted(of_the_web if name == "django" else set(SOURCE.rglob("*.py")) - of_the_web)


def templates_of(name: str) -> list[Path]:
    return sorted((WEB / "templates").rglob("*.html")) if name == "django" else []


def extracted(name: str) -> set[str]:
    texts = set()
    for path in modules_of(name):
        with path.open("rb") as file:
            found = extract_python(file, {"_": None, "gettext_lazy": None}, [], {"encoding": "utf-8"})
            texts |= {message for _line, _call, message, _comments in found if isinstance(message, str)}
    for path in templates_of(name):
        with path.open("rb") as file:
            texts |= {message for _line, _call, message, _comments in extract_templates(file, None, None, None)}
    return texts


def called(name: str) -> set[str]:
    """The texts as Python sees them: the extractor misses those inside an f-string."""
    texts = set()
    for path in modules_of(name):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "gettext_lazy"}:
                argument = node.args[0]
                assert isinstance(argument, ast.Constant), f"{path.name}:{node.lineno}: _() needs a literal text"
                texts.add(argument.value)
    return texts


def placeholders(text: str) -> set[str]:
    """``{count}``, ``{seconds:.1f}``: a placeholder with all that stands in its braces."""
    fields = string.Formatter().parse(text)
    named = {f"{name}!{conversion}:{spec}" for _before, name, spec, conversion in fields if name is not None}
    return named | set(re.findall(r"%\(\w+\)s|%%", text))


def test_every_text_has_an_english_translation(name: str, english: dict[str, str]) -> None:
    texts = extracted(name)
    assert len(texts) > 300
    assert sorted(text for text in texts | called(name) if not english.get(text, "").strip()) == []


def test_no_translation_is_left_over(name: str, english: dict[str, str]) -> None:
    assert sorted(english.keys() - called(name) - extracted(name)) == []


def test_placeholders_are_kept(english: dict[str, str]) -> None:
    assert {text: there for text, there in english.items() if placeholders(text) != placeholders(there)} == {}


def test_compiled_catalogue_is_up_to_date(name: str, english: dict[str, str]) -> None:
    compiled = io.BytesIO()
    with CATALOGUES[name].open("rb") as file:
        write_mo(compiled, read_po(file, locale="en"))
    compiled.seek(0)
    with CATALOGUES[name].with_suffix(".mo").open("rb") as file:
        committed = texts_of(read_mo(file))
    assert committed == texts_of(read_mo(compiled))
    assert committed == english


def test_chinese_stands_only_in_quotes_and_examples(name: str, english: dict[str, str]) -> None:
    unused = set(EXAMPLES if name == "yingcheng" else ())
    wrong = {}
    for text, translation in english.items():
        rest = QUOTED.sub("", translation)
        for example in EXAMPLES:
            if example in text and example in rest:
                unused.discard(example)
                rest = rest.replace(example, "")
        if CHINESE.search(rest):
            wrong[text] = translation
    assert wrong == {}
    assert unused == set()


def test_header_names_nobody_and_no_date(name: str) -> None:
    header = CATALOGUES[name].read_text("utf-8").partition("\n\n")[0]
    assert not re.search(r"@|-Date|Last-Translator|Report-Msgid|PROJECT|FIRST AUTHOR", header)


def test_language_is_chosen_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINGCHENG_LANG", "en")
    assert _("请检查路径。") == "Please check the path."
    assert _("{count} 行空白").format(count=3) == "Blank rows: 3"
    assert _("没有人翻译过的话") == "没有人翻译过的话"
    monkeypatch.setenv("YINGCHENG_LANG", "en_GB.UTF-8")
    assert _("请检查路径。") == "Please check the path."
    monkeypatch.setenv("YINGCHENG_LANG", "zh")
    assert _("请检查路径。") == "请检查路径。"
    monkeypatch.delenv("YINGCHENG_LANG")
    assert _("请检查路径。") == "请检查路径。"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_empty_text_stays_empty(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("YINGCHENG_LANG", language)
    assert _("") == ""


def test_the_catalogue_lies_where_the_package_looks() -> None:
    compiled = CATALOGUES["yingcheng"].with_suffix(".mo")
    assert compiled == i18n.LOCALE / "en" / "LC_MESSAGES" / "yingcheng.mo"
    assert compiled.is_file()
