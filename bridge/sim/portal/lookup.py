"""The simulated KQNhanLichSuKCB2024: its checks in order, its result codes and its reply (seed 004)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from bridge.sim.portal.books import PortalAccount, PortalBooks, PortalCard

FIELDS = ("maThe", "hoTen", "ngaySinh", "hoTenCb", "cccdCb")
CARD_NUMBER = re.compile(r"[A-Z]{2}\d{13}|\d{10}", re.ASCII)
BIRTH_DATE = re.compile(r"\d{2}/\d{2}/\d{4}|\d{8}|\d{4}", re.ASCII)
TELLING = frozenset({"000", "001", "002", "003", "004", "010", "110", "120", "121", "122", "123", "124"})
MEANINGS = {
    "000": "Thẻ còn giá trị sử dụng!",
    "001": "Thẻ do BHXH Bộ Quốc phòng quản lý, đề nghị kiểm tra thẻ và thông tin giấy tờ tùy thân!",
    "002": "Thẻ do BHXH Bộ Công an quản lý, đề nghị kiểm tra thẻ và thông tin giấy tờ tùy thân!",
    "003": "Thẻ cũ hết giá trị sử dụng, được cấp thẻ mới!",
    "004": "Thẻ cũ còn giá trị sử dụng, được cấp thẻ mới!",
    "010": "Thẻ hết giá trị sử dụng!",
    "050": "Không thấy thông tin thẻ BHYT!",
    "051": "Mã thẻ BHYT không đúng!",
    "052": "Mã tỉnh cấp thẻ không đúng!",
    "053": "Mã quyền lợi của thẻ không đúng!",
    "054": "Số CCCD của cán bộ tra cứu không tồn tại trong danh sách người sử dụng!",
    "055": "Họ và tên của cán bộ tra cứu không khớp với số CCCD!",
    "060": "Thẻ sai họ tên!",
    "061": "Thẻ sai họ tên (đúng ký tự đầu)!",
    "070": "Thẻ sai ngày sinh!",
    "100": "Lỗi khi lấy dữ liệu sổ thẻ!",
    "101": "Lỗi server!",
    "110": "Thẻ đã thu hồi!",
    "120": "Thẻ đã báo giảm!",
    "121": "Thẻ đã báo giảm, chuyển ngoại tỉnh!",
    "122": "Thẻ đã báo giảm, chuyển nội tỉnh!",
    "123": "Thẻ đã báo giảm do tăng lại cùng đơn vị!",
    "124": "Thẻ đã báo giảm, ngừng tham gia!",
    "130": "Trẻ em không xuất trình thẻ!",
    "205": "Lỗi sai định dạng tham số!",
    "401": "Lỗi xác thực tài khoản!",
}
PERSONAL = (
    *("maThe", "hoTen", "ngaySinh", "gioiTinh", "diaChi", "maDKBD", "cqBHXH", "gtTheTu", "gtTheDen"),
    *("maKV", "ngayDu5Nam", "maSoBHXH", "maTheCu", "maTheMoi", "gtTheTuMoi", "gtTheDenMoi"),
    *("maDKBDMoi", "tenDKBDMoi", "dsLichSuKCB2018", "dsLichSuKT2018"),
)

Reply = dict[str, Any]


def look_up(books: PortalBooks, account: PortalAccount, body: Mapping[str, Any]) -> Reply:
    """Answer a lookup of a holder of a valid token, and note it on the card."""
    code, card = judge(books, account, body, BIRTH_DATE)
    reply = refusal(code) if card is None or code not in TELLING else _telling(books, card)
    if card is not None:
        books.note(
            card,
            {
                "userKT": account.username,
                "thoiGianKT": f"{books.now():%Y%m%d%H%M}",
                "thongBao": reply["ghiChu"],
                "maLoi": code,
            },
        )
    return reply


def refusal(code: str) -> Reply:
    """A reply that tells nothing about a person."""
    return {"maKetQua": code, "ghiChu": MEANINGS[code], **dict.fromkeys(PERSONAL)}


def judge(
    books: PortalBooks, account: PortalAccount, body: Mapping[str, Any], birth_date: re.Pattern[str]
) -> tuple[str, PortalCard | None]:
    """The result code, and the card where one of that number exists. The order of the checks is ours.
    ``birth_date``: how one may be written.
    """
    if any(not isinstance(body.get(name), str) or not body[name].strip() for name in FIELDS):
        return "205", None
    number, name, born = body["maThe"].strip(), body["hoTen"], body["ngaySinh"]
    if not birth_date.fullmatch(born):
        return "205", None
    officer = account.officers.get(body["cccdCb"])
    if officer is None:
        return "054", None
    if _plain(officer) != _plain(body["hoTenCb"]):
        return "055", None
    fault = _number_fault(books, number)
    if fault:
        return fault, None
    card = books.card(number)
    if card is None:
        return "050", None
    return _compared(card, name, born), card


def _number_fault(books: PortalBooks, number: str) -> str:
    if not CARD_NUMBER.fullmatch(number):
        return "051"
    if len(number) == 15 and number[2] not in books.benefits:
        return "053"
    if len(number) == 15 and number[3:5] not in books.provinces:
        return "052"
    return ""


def _compared(card: PortalCard, name: str, born: str) -> str:
    if _plain(name) != _plain(card.name):
        return "061" if _plain(name)[:1] == _plain(card.name)[:1] else "060"
    return card.result if _same_birth(card.born, born) else "070"


def _plain(name: str) -> str:
    """A name for comparison: letter case, blanks and the form of accents do not count."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _same_birth(stored: str, given: str) -> bool:
    """What both sides have is compared: a bare year with the year, a month and year with these."""
    one, other = stored.replace("/", ""), given.replace("/", "")
    length = min(len(one), len(other))
    return one[-length:] == other[-length:]


def _telling(books: PortalBooks, card: PortalCard) -> Reply:
    year = books.now().year
    ended = card.result in ("003", "010")
    since, until = f"01/01/{year - ended}", f"31/12/{year - ended}"
    fresh = (card.new_number, f"01/01/{year}", f"31/12/{year}", "79014", "Phòng khám đa khoa Thử Nghiệm")
    values: Reply = {
        "maThe": card.number,
        "hoTen": card.name,
        "ngaySinh": card.born,
        "gioiTinh": card.sex,
        "diaChi": "Phường Thử Nghiệm, Quận Giả Định, Thành phố Hà Nội",
        "maDKBD": "01832",
        "cqBHXH": "Bảo hiểm Xã hội quận Giả Định",
        "gtTheTu": since,
        "gtTheDen": until,
        "maKV": "",
        "ngayDu5Nam": f"01/06/{year + 1}",
        "maSoBHXH": card.insurance_number,
        "maTheCu": "",
        "dsLichSuKCB2018": None,  # since 2025; see visits.py
        "dsLichSuKT2018": books.checks.get(card.number),
    }
    names = ("maTheMoi", "gtTheTuMoi", "gtTheDenMoi", "maDKBDMoi", "tenDKBDMoi")
    values |= dict(zip(names, fresh if card.new_number else (None,) * len(names), strict=True))
    note = (
        f"{MEANINGS[card.result]} Họ tên : {card.name}, Ngày sinh: {card.born}, Giới tính : {card.sex}! "
        f"(ĐC: {values['diaChi']}; Nơi KCBBĐ: {values['maDKBD']}; Hạn thẻ: {since} - {until}; "
        f"Thời điểm đủ 5 năm liên tục: {values['ngayDu5Nam']})."
    )
    return {"maKetQua": card.result, "ghiChu": note, **{name: values[name] for name in PERSONAL}}
