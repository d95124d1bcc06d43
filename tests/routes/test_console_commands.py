"""``cshis-bridge console ...``: with a bridge at work, without a session, in bad times."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main
from tests.support.bridge_process import Bridge

OLD, NEW, HOSPITAL = "001000000103", "901000000047", "7777777777"
SAMS, READER, CORS = (
    "/api/settings/v1/CloudSam",
    "/api/settings/v1/PcscReader/Default",
    "/api/settings/v1/Cors",
)
FIRST, SECOND = "CASTLES EZ100PU 0", "Generic EMV Smartcard Reader 0"

Console = Callable[..., Result]


@pytest.fixture
def console(bridge: Bridge) -> Console:
    """A command, as a person types it; the requests of the bridge before it are forgotten."""

    def run(*words: str, typed: str = "") -> Result:
        given = ["console", *words, "--data-dir", str(bridge.config.parent)]
        return CliRunner().invoke(main, given, input=typed, catch_exceptions=False)

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a SAM."""
    made = tmp_path / "sam.dat"
    made.write_bytes(bytes(range(256)))
    return made


def ids(sam: str = NEW, hospital: str = HOSPITAL) -> list[str]:
    return ["--sam-id", sam, "--hospital-id", hospital]


def asked(bridge: Bridge) -> list[str]:
    """What the console was asked, method and path."""
    return [
        f"{each['method']} {each['path']}" for each in bridge.sim.requests() if each["service"] == "console"
    ]


def sessions(bridge: Bridge) -> list[str]:
    return [path for path in asked(bridge) if path.endswith(("Initial", "Finalize"))]


def open_session(bridge: Bridge) -> None:
    """A bridge at work."""
    done = CliRunner().invoke(main, ["call", "hisGetBasicData", "--data-dir", str(bridge.config.parent)])
    assert done.exit_code == 0, done.output


# --- cloud SAMs ---------------------------------------------------------------------------------------------


def test_a_sam_is_imported_listed_and_removed(bridge: Bridge, console: Console, file: Path) -> None:
    done = console("sam", "import", str(file), *ids())
    assert (done.exit_code, f"Imported 已匯入: cloud SAM {NEW} of hospital {HOSPITAL}" in done.output) == (
        0,
        True,
    )
    assert (
        f'port number 1, write into the bridge\'s settings, under [reader.devices]: 1 = "{NEW}"'
        in done.output
    )
    assert console("sam", "list").output.split() == [OLD, "in", "use", "(使用中)", NEW]
    listed = json.loads(console("sam", "list", "--json").output)
    assert listed == [{"sam_id": OLD, "in_use": True}, {"sam_id": NEW, "in_use": False}]
    assert f"Removed 已移除: cloud SAM {NEW}." in console("sam", "remove", NEW, "--yes").output
    assert NEW not in console("sam", "list").output


def test_a_session_for_an_import_is_begun_by_the_bridge(bridge: Bridge, console: Console, file: Path) -> None:
    """It is the one owner: a session of the command's own would be ended under a program."""
    assert console("sam", "import", str(file), *ids()).exit_code == 0
    assert sessions(bridge) == ["POST /api/common/v1/Initial"]
    assert asked(bridge).count(f"POST {SAMS}") == 2  # refused for want of a session, then taken
    assert "function=csOpenCom code=0" in bridge.log.read_text(encoding="utf-8")


def test_an_import_beside_a_program_at_work_touches_no_session(
    bridge: Bridge, console: Console, file: Path
) -> None:
    open_session(bridge)
    bridge.sim.clear_requests()
    done = console("sam", "import", str(file), *ids())
    assert (done.exit_code, sessions(bridge), asked(bridge).count(f"POST {SAMS}")) == (0, [], 1)
    assert (
        f"a session is open (已初始化) with device {OLD}, and a bridge works at this console" in done.output
    )


def test_a_session_of_the_commands_own(bridge: Bridge, console: Console, file: Path) -> None:
    done = console("sam", "import", str(file), *ids(), "--standalone")
    assert done.exit_code == 0, done.output
    assert sessions(bridge) == ["POST /api/common/v1/Initial", "POST /api/common/v1/Finalize"]
    assert "device" not in bridge.sim.state()["console"] or not bridge.sim.state()["console"]["initialized"]


def test_a_console_without_any_device_says_where_the_first_sam_is_imported(
    bridge: Bridge, console: Console, file: Path
) -> None:
    assert console("sam", "remove", OLD, "--yes").exit_code == 0
    assert "The console has no cloud SAM (沒有雲端安全模組)" in console("sam", "list").output
    done = console("sam", "import", str(file), *ids())
    assert (done.exit_code, "code -1; it has no device at all" in done.output) == (1, True)
    assert "console's own window" in done.output


def test_what_is_imported_already_is_not_sent_again(bridge: Bridge, console: Console, file: Path) -> None:
    """The file is good for one import."""
    done = console("sam", "import", str(file), *ids(OLD))
    assert (done.exit_code, "已在清單; nothing was sent" in done.output) == (1, True)
    assert f"POST {SAMS}" not in asked(bridge)


@pytest.mark.parametrize(
    ("content", "given", "word"),
    [
        (b"", ids(), "is empty"),
        (bytes(1024 * 1024 + 1), ids(), "larger than 1 MiB"),
        (b"x", ids("90100000004"), "--sam-id: 12 characters"),
        (b"x", ids("90100000004/"), "--sam-id: 12 characters"),
        (b"x", ids(hospital="777777777"), "--hospital-id: 10 characters"),
    ],
)
def test_what_is_no_sam_is_not_sent(
    bridge: Bridge, console: Console, file: Path, content: bytes, given: list[str], word: str
) -> None:
    file.write_bytes(content)
    done = console("sam", "import", str(file), *given)
    assert (done.exit_code, word in done.output) == (1, True), done.output
    assert asked(bridge) == []


def test_a_file_that_the_console_refuses(bridge: Bridge, console: Console, file: Path) -> None:
    bridge.sim.arm("console", "status", 1610, path="CloudSam/")
    bridge.sim.arm("console", "status", 1610, path=SAMS)
    done = console("sam", "list")
    assert done.exit_code == 1
    assert (
        "主控台拒絕: 1610 雲端安全模組檔案格式錯誤 (The file of the cloud SAM has a wrong form)"
        in done.output
    )
    assert "cshis-bridge console sam list" in done.output  # what to do
    assert file.name not in done.output


def test_an_answer_that_is_lost_is_never_taken_for_a_failure(
    bridge: Bridge, console: Console, file: Path
) -> None:
    assert console("sam", "import", str(file), *ids("901000000048")).exit_code == 0
    bridge.sim.arm("console", "lost", path=f"{SAMS}/{OLD}", times=1)
    done = console("sam", "remove", OLD, "--yes", "--in-use")
    assert done.exit_code == 1
    assert "It may have been done all the same; see: cshis-bridge console sam list" in done.output
    assert OLD not in console("sam", "list").output


def test_the_sam_of_the_open_session_is_not_removed_by_the_way(bridge: Bridge, console: Console) -> None:
    open_session(bridge)
    done = console("sam", "remove", OLD, "--yes")
    assert (done.exit_code, "Nothing was changed" in done.output, "--in-use" in done.output) == (
        1,
        True,
        True,
    )
    assert f"DELETE {SAMS}/{OLD}" not in asked(bridge)
    done = console("sam", "remove", OLD, "--yes", "--in-use")
    assert (done.exit_code, "calls may fail" in done.output) == (0, True)


def test_a_sam_is_removed_only_where_somebody_said_yes(bridge: Bridge, console: Console) -> None:
    assert console("sam", "remove", OLD).exit_code == 1
    assert console("sam", "remove", OLD, typed="n\n").exit_code == 1
    assert f"DELETE {SAMS}/{OLD}" not in asked(bridge)
    assert console("sam", "remove", OLD, typed="y\n").exit_code == 0
    done = console("sam", "remove", OLD, "--yes")
    assert (done.exit_code, "is not on the list 不在清單: none" in done.output) == (1, True)


# --- readers ------------------------------------------------------------------------------------------------


def test_readers_and_the_default(bridge: Bridge, console: Console) -> None:
    assert console("readers").output.splitlines() == [f"{FIRST}  default (預設)", SECOND]
    done = console("use-reader", SECOND)
    assert done.output == f"The default reader is now 預設讀卡機: {SECOND} (before: {FIRST}).\n"
    assert json.loads(console("readers", "--json").output) == [
        {"reader": FIRST, "default": False},
        {"reader": SECOND, "default": True},
    ]
    assert f"(before: {SECOND})" in console("use-reader", "--none").output
    assert "No reader is the default (沒有預設讀卡機)" in console("readers").output
    assert bridge.ask_console("GET", READER) == 1100


def test_a_reader_that_is_not_there(bridge: Bridge, console: Console) -> None:
    done = console("use-reader", "Reader 9")
    assert (done.exit_code, f"there are: {FIRST}, {SECOND}. Nothing was changed" in done.output) == (1, True)
    assert f"POST {READER}" not in asked(bridge)
    assert console("use-reader").exit_code == console("use-reader", FIRST, "--none").exit_code == 2


def test_a_default_that_was_unplugged(bridge: Bridge, console: Console) -> None:
    bridge.sim.arm("console", "wrong_type", path="Readers", field="readers")
    done = console("readers")
    assert f"The default (預設) is {FIRST}, which is not plugged in." in done.output


def test_the_reader_is_found_by_its_card(bridge: Bridge, console: Console) -> None:
    assert console("use-reader", "--none").exit_code == 0
    assert console("detect").output == f"The default reader is now 預設讀卡機: {FIRST}.\n"
    bridge.sim.remove("hc")
    bridge.sim.remove("hpc")
    done = console("detect")
    assert done.exit_code == 1
    assert "the console refuses 主控台拒絕: 1601 自動偵測預設讀卡機失敗" in done.output
    assert "cshis-bridge console use-reader" in done.output


def test_no_detection_while_a_session_is_open(bridge: Bridge, console: Console) -> None:
    """The console's documentation forbids it."""
    open_session(bridge)
    done = console("detect")
    assert (done.exit_code, "Nothing was changed" in done.output) == (1, True)
    assert not [path for path in asked(bridge) if path.endswith("AutoDetected")]
    done = console("detect", "--in-use")
    assert (done.exit_code, "Note: a session is open" in done.output) == (0, True)


# --- web pages ----------------------------------------------------------------------------------------------


def test_hosts_whose_pages_may_call(bridge: Bridge, console: Console) -> None:
    done = console("origins", "add", "medvpn.nhi.gov.tw")
    assert done.output.splitlines() == [
        "Allowed 已新增: medvpn.nhi.gov.tw.",
        "The console heeds it after a restart (變更後需重啟主控台).",
    ]
    assert "Nothing was changed" in console("origins", "add", "medvpn.nhi.gov.tw").output
    assert asked(bridge).count(f"POST {CORS}") == 1
    assert console("origins", "remove", "*.nhi.gov.tw").exit_code == 0  # a star goes through a path
    assert console("origins", "list").output.split() == ["localhost", "medvpn.nhi.gov.tw"]
    assert json.loads(console("origins", "list", "--json").output) == ["localhost", "medvpn.nhi.gov.tw"]
    done = console("origins", "remove", "*.nhi.gov.tw")
    assert (done.exit_code, "不在清單: localhost, medvpn.nhi.gov.tw. Nothing was changed" in done.output) == (
        1,
        True,
    )


@pytest.mark.parametrize("host", ["https://medvpn.nhi.gov.tw", "a:443", "a/b", "", "a b", "a" * 254])
def test_what_is_no_host(bridge: Bridge, console: Console, host: str) -> None:
    done = console("origins", "add", host)
    assert (done.exit_code, "is no name of a host" in done.output) == (1, True), done.output
    assert asked(bridge) == []


def test_a_restart_is_spoken_of_where_a_bridge_is_at_work(bridge: Bridge, console: Console) -> None:
    open_session(bridge)
    assert "PINs have to be typed" in console("origins", "add", "his.example").output


# --- the record ---------------------------------------------------------------------------------------------


def test_the_record_of_calls(bridge: Bridge, console: Console) -> None:
    assert bridge.ask_console("POST", "/api/common/v1/Finalize") == 1000
    assert bridge.ask_console("GET", "/api/common/v1/Status") == 0
    newest, oldest = console("log", "--take", "2").output.splitlines()
    assert newest.endswith("  0     /api/common/v1/Status")
    assert oldest.split("  ")[1:] == [
        "1000", "/api/common/v1/Finalize", "控制軟體尚未初始化 (The control software is not initialised)",
    ]  # fmt: skip
    assert console("log", "--skip", "1", "--failed").output.count("\n") == 1
    (told,) = json.loads(console("log", "--failed", "--json").output)
    assert (told["status"], told["path"]) == (1000, "/api/common/v1/Finalize")


def test_the_record_is_cleared_only_where_somebody_said_yes(bridge: Bridge, console: Console) -> None:
    bridge.ask_console("POST", "/api/common/v1/Finalize")
    assert console("log", "--clear").exit_code == 1
    assert console("log", "--failed").output.count("Finalize") == 1
    assert console("log", "--clear", typed="y\n").exit_code == 0
    assert console("log", "--failed").output == "The record has no failed request.\n"


# --- bad times ----------------------------------------------------------------------------------------------

LOOKING = [("sam", "list"), ("readers",), ("origins", "list"), ("log",)]
CHANGING = [
    ("use-reader", FIRST),
    ("detect",),
    ("origins", "add", "a.example"),
    ("sam", "remove", OLD, "--yes"),
]


@pytest.mark.parametrize("words", [*LOOKING, *CHANGING], ids=lambda words: words[0])
@pytest.mark.parametrize("kind", ["garbage", "empty", "down", "half"])
def test_a_console_in_trouble(bridge: Bridge, console: Console, words: tuple[str, ...], kind: str) -> None:
    """One line that says so; never a success, never a trace."""
    bridge.sim.arm("console", kind)
    done = console(*words)
    bridge.sim.clear_faults()
    assert done.exit_code == 1, done.output
    (line,) = done.output.splitlines()
    assert line.startswith("Error: ")
    assert ("nothing was sent" in line) == (kind == "down")


def test_every_request_about_settings_is_sent_by_a_command(
    bridge: Bridge, console: Console, file: Path
) -> None:
    """What nobody can reach is no feature."""
    from bridge.table.loader import default_table

    commands = [*LOOKING, ("use-reader", "--none"), ("use-reader", FIRST), ("detect",)]
    commands += [("origins", "add", "a.example"), ("origins", "remove", "a.example")]
    commands += [
        ("sam", "import", str(file), *ids()),
        ("sam", "remove", NEW, "--yes"),
        ("log", "--clear", "--yes"),
    ]
    for words in commands:
        done = console(*words)
        assert done.exit_code == 0, done.output
    sent = {line.replace(f"/{NEW}", "/{id}").replace("/a.example", "/{id}") for line in asked(bridge)}
    assert {request.console for _, request in default_table().console.settings.named()} <= sent


# --- a reader that is to be unplugged, or was ---------------------------------------------------------------


def test_a_session_is_ended_and_begun_anew(bridge: Bridge, console: Console) -> None:
    open_session(bridge)
    done = console("release")
    assert (done.exit_code, "可以拔除讀卡機" in done.output, OLD in done.output) == (0, True, True)
    assert "A bridge works at this console" in done.output
    assert not bridge.sim.state()["console"]["initialized"]
    assert "No session is open" in console("release").output
    open_session(bridge)  # nobody has to do anything
    assert bridge.sim.state()["console"]["initialized"]


def test_a_reader_that_was_pulled_and_put_back(bridge: Bridge, console: Console) -> None:
    """The doctor says so while it is not there, and not any more when it is."""
    open_session(bridge)
    bridge.sim.change_settings({"readers_plugged": False})
    said = " ".join(CliRunner().invoke(main, ["doctor", "--config", str(bridge.config)]).output.split())
    assert f"the console works with the reader (讀卡機) {FIRST}, which is not plugged in" in said
    assert "console release" in said
    call = ["call", "hisGetBasicData", "--data-dir", str(bridge.config.parent)]
    assert CliRunner().invoke(main, call).exit_code == 1
    bridge.sim.change_settings({"readers_plugged": True})
    assert console("release").exit_code == 0
    open_session(bridge)
    assert "已拔除" not in CliRunner().invoke(main, ["doctor", "--config", str(bridge.config)]).output


def test_a_console_that_hangs_is_told_from_one_that_is_not_there(bridge: Bridge) -> None:
    doctor = ["doctor", "--config", str(bridge.config)]
    bridge.sim.arm("console", "slow", value=60, path="/Status")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CSHIS_BRIDGE_CONSOLE__READ_TIMEOUT", "1")
        said = " ".join(CliRunner().invoke(main, doctor).output.split())
    assert "It hangs (主控台沒有回應)" in said
    assert "console start --again" in said
    bridge.sim.clear_faults()
    bridge.sim.arm("console", "down")
    said = " ".join(CliRunner().invoke(main, doctor).output.split())
    assert "the console (主控台) is not there" in said
    assert "It hangs" not in said
    assert "start cshis6://console" in said
    bridge.sim.clear_faults()
