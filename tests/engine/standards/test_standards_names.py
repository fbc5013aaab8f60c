"""Company names, credit codes, contacts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from yingcheng.standards.contacts import read_contact
from yingcheng.standards.credit_code import read_credit_code
from yingcheng.standards.names import company_key, read_company_name


@pytest.mark.parametrize(
    ("text", "name", "notes"),
    [
        ("山西某某科技有限公司（国高企业）", "山西某某科技有限公司", ("国高企业",)),
        ("山西某某科技有限公司(专精特新)（上市公司）", "山西某某科技有限公司", ("专精特新", "上市公司")),
        ("某某（北京）有限公司", "某某（北京）有限公司", ()),
        ("某某(集团)有限公司", "某某（集团）有限公司", ()),
        ("某某投资中心（有限合伙）", "某某投资中心（有限合伙）", ()),
        ("山西省某某设计院(有限公司)", "山西省某某设计院（有限公司）", ()),
        ("某某集团（太原）", "某某集团（太原）", ()),
        ("某某有限公司（太原分公司）", "某某有限公司（太原分公司）", ()),
        ("某某有限公司-太原分公司", "某某有限公司太原分公司", ()),
        ("某某（太原）", "某某（太原）", ()),
        ("太原 某某\n科技 有限公司", "太原某某科技有限公司", ()),
        ("１.太原某某有限公司", "太原某某有限公司", ()),
        ("360数字科技有限公司", "360数字科技有限公司", ()),
        ("某某有限公司-国高企业", "某某有限公司", ("国高企业",)),
        ("某某有限公司（国高企业（2023年））", "某某有限公司", ("国高企业（2023年）",)),
        ("Example Tech Ltd", "Example Tech Ltd", ()),
        ("", "", ()),
    ],
)
def test_remarks_leave_the_name_and_legal_parts_stay(text: str, name: str, notes: tuple[str, ...]) -> None:
    reading = read_company_name(text)
    assert (reading.name, reading.notes) == (name, notes)


def test_spellings_of_one_firm_share_a_key() -> None:
    spellings = [
        "太原某某科技有限公司",
        "太原某某科技 有限责任公司",
        "太原某某科技股份有限公司（国高企业）",
        "太原某某科技（集团）有限公司",
        "太原某某科技",
    ]
    assert {company_key(name) for name in spellings} == {"太原某某科技"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("太原某某科技有限公司", "大同某某科技有限公司"),
        ("某某（北京）科技有限公司", "某某（上海）科技有限公司"),
        ("某某有限公司", "某某有限公司太原分公司"),
        ("某某有限公司（北京）", "某某有限公司（太原）"),
        ("某某有限公司-太原分公司", "某某有限公司-大同分公司"),
    ],
)
def test_different_firms_keep_different_keys(one: str, other: str) -> None:
    assert company_key(one) != company_key(other)


@given(st.text(max_size=40))
def test_names_and_keys_never_raise_and_are_stable(text: str) -> None:
    name = read_company_name(text).name
    assert company_key(text) == company_key(name) or read_company_name(name).name != name


CODE = "913101207579106470"


@pytest.mark.parametrize(
    ("text", "code", "valid", "noted"),
    [
        (CODE, CODE, True, False),
        ("９１３１０１２０７５７９１０６４７０", CODE, True, False),
        ("9131 0120 7579 1064 70", CODE, True, False),
        ("统一社会信用代码：913101207579106470", CODE, True, False),
        ("91310120757910647O", CODE, True, True),
        ("9I3101207579106470", CODE, True, True),
        ("91110000600037341l", "91110000600037341L", True, False),
        ("913101207579106471", "913101207579106471", False, True),
        ("91310120757910647", "91310120757910647", False, True),
        ("140100200012345", "140100200012345", False, True),
        ("无", "", False, False),
        ("N/A", "", False, False),
        ("", "", False, False),
    ],
)
def test_credit_codes(text: str, code: str, valid: bool, noted: bool) -> None:
    reading = read_credit_code(text)
    assert (reading.code, reading.valid, bool(reading.note)) == (code, valid, noted)


BODIES = st.tuples(
    st.sampled_from(["91", "92", "93", "11", "12", "N2", "Y1", "A1"]),
    st.from_regex(r"\A[1-6][0-9]{5}\Z"),
    st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9),
).map("".join)


@given(BODIES)
def test_a_code_with_its_check_digit_is_valid_and_no_other_ending_is(body: str) -> None:
    check = uscc.calc_check_digit(body)
    assert read_credit_code(body + check).valid
    wrong = [ending for ending in "0123456789ABCDEFGHJKLMNPQRTUWXY" if ending != check]
    assert not any(read_credit_code(body + ending).valid for ending in wrong)


@given(BODIES, st.integers(0, 16))
def test_two_different_neighbours_exchanged_are_noticed(body: str, first: int) -> None:
    code = body + uscc.calc_check_digit(body)
    swapped = code[:first] + code[first + 1] + code[first] + code[first + 2 :]
    if swapped != code and swapped[2:8].isdigit():
        assert not read_credit_code(swapped).valid


@given(st.text(max_size=30))
def test_credit_codes_never_raise(text: str) -> None:
    reading = read_credit_code(text)
    assert reading.valid or reading.note or not reading.code


@pytest.mark.parametrize(
    ("text", "persons", "phones", "emails", "certain"),
    [
        ("张三 13800000000", ("张三",), ("13800000000",), (), True),
        ("张三13800000000，李四13900000000", ("张三", "李四"), ("13800000000", "13900000000"), (), True),
        ("138-0000-0000", (), ("13800000000",), (), True),
        (
            "联系人：张三；电话：0351-0000000；邮箱：a@example.com",
            ("张三",),
            ("0351-0000000",),
            ("a@example.com",),
            True,
        ),
        ("欧阳明月 (0351)8888888转801", ("欧阳明月",), ("0351-8888888转801",), (), True),
        ("王处长 0351-4000000、4000001", ("王处长",), ("0351-4000000", "0351-4000001"), (), True),
        ("张三（副处长）", ("张三",), (), (), True),
        ("+86 13800000000", (), ("13800000000",), (), True),
        ("张三(13800000000)", ("张三",), ("13800000000",), (), True),
        ("13800000000.0", (), ("13800000000",), (), True),
        ("(010)88888888", (), ("010-88888888",), (), True),
        ("351-8888888", (), ("0351-8888888",), (), True),
        ("400-000-0000", (), ("400-000-0000",), (), True),
        ("张 三", ("张三",), (), (), True),
        ("请在工作时间与招商局投资促进科联系", (), (), (), False),
        ("某某中心招商部 0351-4000000", (), ("0351-4000000",), (), False),
        ("无", (), (), (), True),
        ("", (), (), (), True),
    ],
)
def test_contacts(
    text: str, persons: tuple[str, ...], phones: tuple[str, ...], emails: tuple[str, ...], certain: bool
) -> None:
    reading = read_contact(text)
    assert (reading.persons, reading.phones, reading.emails) == (persons, phones, emails)
    assert (reading.certain, reading.text) == (certain, text)


@given(st.text(max_size=60))
def test_contacts_never_raise_and_keep_the_text(text: str) -> None:
    assert read_contact(text).text == text


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"), st.sampled_from(["", "张三", "李四 "]))
def test_every_mobile_is_found(phone: str, before: str) -> None:
    assert read_contact(before + phone).phones == (phone,)


def test_a_firm_that_does_not_exist_stays_marked_and_meets_its_other_spellings() -> None:
    marked = read_company_name("太原示例智造科技有限公司（虚构，国高企业）")
    assert marked.name == "太原示例智造科技有限公司（虚构）"
    assert marked.notes == ("虚构，国高企业",)
    assert (
        company_key("太原示例智造科技有限公司（虚构）")
        == company_key("太原示例智造科技（虚构示例）")
        == "太原示例智造科技"
    )
