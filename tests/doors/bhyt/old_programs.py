"""Hospital programs as they were written for the portal, most of them before August 2024, after public
clients: how they log in, how they write the path, what they send, and how they read the answer.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import requests

GOOD = ("000", "001", "002", "003", "004")  # what these programs take as "the card may be used"


def md5(password: str) -> str:
    """As programs store it."""
    return hashlib.md5(password.encode()).hexdigest()


@dataclass
class Program:
    """What all have in common: an address, an account, a token that is kept, and one more try on 401."""

    base: str
    username: str = "00001_TN"
    password: str = "thu-nghiem-1"
    key: dict[str, str] = field(default_factory=dict)
    logins: int = 0
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False

    def close(self) -> None:
        """End of the program."""
        self.session.close()

    def account(self) -> dict[str, str]:
        """The body of a login."""
        return {"username": self.username, "password": md5(self.password)}

    def query(self) -> str:
        """The query as programs put it together: nothing is escaped."""
        key = self.key
        return (
            f"token={key['access_token']}&id_token={key['id_token']}"
            f"&username={self.username}&password={md5(self.password)}"
        )

    def log_in(self) -> None:
        """Take a token."""
        self.logins += 1
        reply = self.take()
        if reply["maKetQua"] != "200":
            raise PermissionError(reply["maKetQua"])
        self.key = reply["APIKey"]

    def take(self) -> dict[str, Any]:
        """Ask for a token as JSON."""
        return dict(self.session.post(f"{self.base}/api/token/take", json=self.account(), timeout=10).json())

    def check(self, number: str, name: str, born: str) -> dict[str, Any]:
        """Look a card up; on 401 log in again and try once more."""
        if not self.key:
            self.log_in()
        reply = self.ask(number, name, born)
        if reply["maKetQua"] == "401":
            self.log_in()
            reply = self.ask(number, name, born)
        return reply

    def ask(self, number: str, name: str, born: str) -> dict[str, Any]:
        """One lookup."""
        raise NotImplementedError


class FormProgram595(Program):
    """C# with WebClient.UploadValues: forms all the way, the first function, all seven fields, n for N.

    It cuts the answer at names that it expects in this order.
    """

    def take(self) -> dict[str, Any]:
        return dict(self.session.post(f"{self.base}/api/token/take", data=self.account(), timeout=10).json())

    def ask(self, number: str, name: str, born: str) -> dict[str, Any]:
        values = {
            "maThe": number, "hoTen": name, "ngaySinh": born, "gioiTinh": "1", "maCSKCB": "01832",
            "ngayBD": "01/01/2024", "ngayKT": "31/12/2024",
        }  # fmt: skip
        url = f"{self.base}/api/egw/KQnhanLichSuKCB595?{self.query()}"
        answer = self.session.post(url, data=values, timeout=10)
        assert answer.status_code == 200
        text = answer.content.decode("utf-8")
        assert text.startswith('{"maKetQua":"')
        head, visits = text.split(',"dsLichSuKCB":')
        return {
            "maKetQua": head[len('{"maKetQua":"') :].partition('"')[0],
            "dsLichSuKCB": json.loads(visits.partition(',"dsLichSuKT2018":')[0]),
            "text": text,
        }


class JsonProgram2018(Program):
    """C# with HttpClient.PostAsJsonAsync: JSON, the name without KQ and with a small n."""

    path = "/api/egw/nhanLichSuKCB2018"

    def ask(self, number: str, name: str, born: str) -> dict[str, Any]:
        body = {"maThe": number, "hoTen": name, "ngaySinh": born}
        url = f"{self.base}{self.path}?{self.query()}"
        answer = self.session.post(url, json=body, timeout=10)
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        return dict(answer.json())


class JsonProgram2019(JsonProgram2018):
    """The same one year later."""

    path = "/api/egw/KQNhanLichSuKCB2019"


class WebPage2018(Program):
    """PHP behind a web page: http_build_query both times, token and account in the query."""

    def take(self) -> dict[str, Any]:
        header = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        body = f"username={self.username}&password={md5(self.password)}"
        url = f"{self.base}/API/Token/Take"
        return dict(self.session.post(url, data=body, headers=header, timeout=10).json())

    def ask(self, number: str, name: str, born: str) -> dict[str, Any]:
        header = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        url = f"{self.base}/api/egw/NhanLichSuKCB2018?{self.query()}"
        values = {"hoTen": name, "maThe": number, "ngaySinh": born}
        return dict(self.session.post(url, data=values, headers=header, timeout=10).json())


class OldestProgram(Program):
    """C# with a BaseAddress and a path, which together have slashes too many: the first lookup of all, as
    JSON, with result codes of two digits.
    """

    def ask(self, number: str, name: str, born: str) -> dict[str, Any]:
        body = {
            "maThe": number, "hoTen": name, "ngaySinh": born, "gioiTinh": 1, "maCSKCB": "01832",
            "ngayBD": "01/01/2024", "ngayKT": "31/12/2024",
        }  # fmt: skip
        url = f"{self.base}//api//egw/nhanLichSuKCB?{self.query()}"
        return dict(self.session.post(url, json=body, timeout=10).json())


@dataclass
class Program2025(Program):
    """PHP with Guzzle: the function of 2024 as JSON, the visits as a form, with an officer of its own."""

    officer: dict[str, str] = field(
        default_factory=lambda: {"hoTenCb": "Cán Bộ Thử Nghiệm Hai", "cccdCb": "000000000002"}
    )

    def ask(self, number: str, name: str, born: str) -> dict[str, Any]:
        body = {"maThe": number, "hoTen": name, "ngaySinh": born, **self.officer}
        url = f"{self.base}/api/egw/KQNhanLichSuKCB2024?{self.query()}"
        return dict(self.session.post(url, json=body, timeout=10).json())

    def ask_visits(self, number: str, name: str, born: str, kind: str = "data") -> dict[str, Any]:
        """The visits alone; ``kind``: data for a form, json for JSON."""
        body = {"maThe": number, "hoTen": name, "ngaySinh": born, **self.officer}
        url = f"{self.base}/api/egw/Lskcb2025?{self.query()}"
        return dict(self.session.post(url, timeout=10, **{kind: body}).json())


class NewcomerWithoutLogin(Program):
    """A small program that knows of the bridge: no account and no token of its own."""

    def check(self, number: str, name: str, born: str) -> dict[str, Any]:
        return self.ask(number, name, born)

    def ask(self, number: str, name: str, born: str) -> dict[str, Any]:
        url = f"{self.base}/api/egw/KQNhanLichSuKCB2018"
        body = {"maThe": number, "hoTen": name, "ngaySinh": born}
        return dict(self.session.post(url, json=body, timeout=10).json())


PROGRAMS = (FormProgram595, JsonProgram2018, JsonProgram2019, WebPage2018, Program2025, NewcomerWithoutLogin)
