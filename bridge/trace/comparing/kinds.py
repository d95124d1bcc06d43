"""The kinds of differences, with their names for people in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """``label`` in English, ``label_zh`` in Chinese; ``hint``, ``hint_zh``: what a person should think of."""

    label: str
    label_zh: str
    hint: str
    hint_zh: str


KINDS: Mapping[str, Kind] = {
    "other_person": Kind(
        "another person", "不同人",
        "A fault that endangers patients, or simply another card in the reader: find out which.",
        "可能為危及病人安全之錯誤，或僅因讀卡機內為他人卡片，請務必查明。",
    ),
    "code": Kind(
        "return code", "回傳碼不同", "The program may take another way.", "程式可能走不同流程。",
    ),
    "length": Kind(
        "length", "長度不同", "A program that trusts the length reads too much or too little.",
        "依長度讀取之程式會多讀或少讀。",
    ),
    "no_answer": Kind(
        "no answer", "無回應", "The call did not end in time, or the connection was lost.",
        "呼叫逾時或連線中斷。",
    ),
    "field_order": Kind(
        "field order", "欄位順序", "Two fields stand in each other's place.", "兩個欄位位置互換。",
    ),
    "moved": Kind(
        "shifted", "欄位位移", "The same value stands elsewhere in the record.", "相同內容出現在其他位置。",
    ),
    "blanks_zeros": Kind(
        "blanks against zeros", "空白與零", "A program that converts numbers may fail.",
        "將欄位轉為數值之程式可能失敗。",
    ),
    "nul_blank": Kind(
        "NUL against blanks", "NUL 與空白", "A C program takes the text for shorter at a NUL.",
        "C 程式遇 NUL 即視為字串結束。",
    ),
    "padding": Kind(
        "padding", "補位方式", "The same content, otherwise aligned or filled up.",
        "內容相同，對齊或補位方式不同。",
    ),
    "placeholder": Kind(
        "character outside code page 950", "CP950 以外的字", "It shows as □.", "以 □ 顯示。",
    ),
    "form": Kind(
        "wrong form", "格式不符", "It may differ, but must look otherwise than this.",
        "內容可以不同，但格式不符。",
    ),
    "rows_order": Kind(
        "order of rows", "資料列順序", "6.0 gives the newest first.", "6.0 以日期倒排，最新在前。",
    ),
    "row_missing": Kind(
        "row missing", "缺少資料列", "The old software gave it, the new one does not.",
        "舊版有、新版沒有的資料列。",
    ),
    "row_extra": Kind(
        "row more", "多出資料列", "The new software gives it, the old one did not.",
        "新版有、舊版沒有的資料列。",
    ),
    "number": Kind("number", "數值不同", "A number that the call wrote.", "呼叫寫回之數值不同。"),
    "text": Kind("text", "文字不同", "A text that the call wrote.", "呼叫寫回之文字不同。"),
    "value": Kind("value", "內容不同", "The field holds something else.", "欄位內容不同。"),
}  # fmt: skip
