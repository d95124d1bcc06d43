"""The kinds of differences, with their names for people in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """``label`` in English, ``label_zh`` in Chinese; ``hint``: what a person should think of."""

    label: str
    label_zh: str
    hint: str


KINDS: Mapping[str, Kind] = {
    "other_person": Kind(
        "another person", "不同人",
        "A fault that endangers patients, or simply another card in the reader: find out which.",
    ),
    "code": Kind("return code", "回傳碼不同", "The program may take another way."),
    "length": Kind("length", "長度不同", "A program that trusts the length reads too much or too little."),
    "no_answer": Kind("no answer", "無回應", "The call did not end in time, or the connection was lost."),
    "field_order": Kind("field order", "欄位順序", "Two fields stand in each other's place."),
    "moved": Kind("shifted", "欄位位移", "The same value stands elsewhere in the record."),
    "blanks_zeros": Kind("blanks against zeros", "空白與零", "A program that converts numbers may fail."),
    "nul_blank": Kind("NUL against blanks", "NUL 與空白", "A C program takes the text for shorter at a NUL."),
    "padding": Kind("padding", "補位方式", "The same content, otherwise aligned or filled up."),
    "placeholder": Kind("character outside code page 950", "CP950 以外的字", "It shows as □."),
    "form": Kind("wrong form", "格式不符", "It may differ, but must look otherwise than this."),
    "rows_order": Kind("order of rows", "資料列順序", "6.0 gives the newest first."),
    "row_missing": Kind("row missing", "缺少資料列", "The old software gave it, the new one does not."),
    "row_extra": Kind("row more", "多出資料列", "The new software gives it, the old one did not."),
    "number": Kind("number", "數值不同", "A number that the call wrote."),
    "text": Kind("text", "文字不同", "A text that the call wrote."),
    "value": Kind("value", "內容不同", "The field holds something else."),
}  # fmt: skip
