"""The test tools tested: the driver and the clinic program find each misbehaviour of the stand-in library."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from native.compiler import compile_program
from tests.support.hosts.driver import (
    NULL,
    Driver,
    DriverDied,
    DriverFailed,
    DriverTimeout,
    long,
    room,
    scalar,
    short,
    text,
)

TESTS = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hosts")


@pytest.fixture(scope="module")
def standin(built: Path) -> Path:
    return compile_program(TESTS / "support/hosts/standin.c", built / "standin.so", "-shared", "-fPIC")


@pytest.fixture(scope="module")
def clinic(built: Path) -> Path:
    return compile_program(TESTS / "legacy_his/clinic.c", built / "clinic", "-ldl")


@pytest.fixture
def driver(standin: Path, built: Path) -> Iterator[Driver]:
    with Driver(standin, built) as running:
        yield running


def test_a_well_behaved_call(driver: Driver) -> None:
    answer = driver.call("standinFill", room(5), short(4))
    assert answer.code == 0
    assert answer.intact
    assert answer.data(0) == b"xxxx\xa5"
    assert answer.number(1) == -4


@pytest.mark.parametrize("fill", [b"[XXXXXXX]", b"\x00"])
def test_a_buffer_is_filled_with_the_repeated_pattern(driver: Driver, fill: bytes) -> None:
    assert driver.call("standinEcho", scalar(0), room(20, fill)).data(1) == (fill * 20)[:20]


@pytest.mark.parametrize("value", [0, -1, 4013, 0x4FFB0000, -(2**31), 2**31 - 1])
def test_a_scalar_keeps_all_its_bits(driver: Driver, value: int) -> None:
    assert driver.call("standinEcho", scalar(value)).code == value


def test_a_write_behind_the_buffer(driver: Driver) -> None:
    answer = driver.call("standinWriteBehind", room(72), short(72))
    assert not answer.arguments[0].intact
    assert answer.arguments[1].intact


def test_a_write_before_the_buffer(driver: Driver) -> None:
    assert not driver.call("standinWriteBefore", room(72)).intact


def test_a_32_bit_write_to_a_16_bit_length(driver: Driver) -> None:
    answer = driver.call("standinWriteWide", short(72))
    assert not answer.intact
    with pytest.raises(AssertionError, match="broken guards"):
        answer.number(0)


def test_the_same_write_to_a_32_bit_variable_is_within_it(driver: Driver) -> None:
    assert driver.call("standinWriteWide", long(72)).number(0) == 72 + 65536


def test_a_32_bit_variable(driver: Driver) -> None:
    assert driver.call("standinNegate", long(100_000)).number(0) == -100_000


def test_a_changed_in_string(driver: Driver) -> None:
    assert not driver.call("standinChangeText", text(b"Z299999929")).intact


def test_the_last_byte_of_an_in_string_can_be_read(driver: Driver) -> None:
    answer = driver.call("standinReadAt", text(b"1130901083000"), scalar(12))
    assert answer.code == ord("0")
    assert answer.intact


@pytest.mark.parametrize("value", [b"", b"1", b"x" * 4096, b"x" * 4097])
def test_one_byte_behind_an_in_string_cannot(driver: Driver, value: bytes) -> None:
    with pytest.raises(DriverDied, match="exit code -11"):
        driver.call("standinReadAt", text(value), scalar(len(value)))


def test_a_null_pointer(driver: Driver) -> None:
    assert driver.call("standinIsNull", NULL).code == 1
    assert driver.call("standinIsNull", text(b"")).code == 0


def test_arguments_arrive_in_order(driver: Driver) -> None:
    numbers = [10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1]
    expected = sum(place * number for place, number in enumerate(numbers, start=1))
    assert driver.call("standinSum8", *(scalar(number) for number in numbers)).code == expected


def test_nineteen_arguments(driver: Driver) -> None:
    assert driver.call("standinNineteenth", *[scalar(0)] * 18, scalar(19)).code == 19


def test_a_crash_shows_what_the_library_said(driver: Driver) -> None:
    with pytest.raises(DriverDied, match="about to crash"):
        driver.call("standinCrash")
    with pytest.raises(DriverDied):
        driver.call("standinCount")


def test_a_call_without_end(standin: Path, built: Path) -> None:
    with Driver(standin, built, timeout=0.3) as driver, pytest.raises(DriverTimeout, match="standinHang"):
        driver.call("standinHang")


def test_unload_and_load(driver: Driver) -> None:
    assert [driver.call("standinCount").code for _ in range(2)] == [1, 2]
    driver.unload()
    with pytest.raises(DriverFailed, match="not loaded"):
        driver.call("standinCount")
    with pytest.raises(DriverFailed, match="does not apply"):
        driver.unload()
    driver.load()
    assert driver.call("standinCount").code == 1


def test_the_environment_reaches_the_library(standin: Path, built: Path) -> None:
    with Driver(standin, built, env={"STANDIN_FAULT": "code"}) as driver:
        assert driver.call("csOpenCom", scalar(0x4FFB0000)).code == 0
        assert driver.call("hisGetBasicData", room(72), short(72)).code == 4013


def test_a_missing_export(driver: Driver) -> None:
    with pytest.raises(DriverFailed, match="missing"):
        driver.call("hisGetNothing")


@pytest.mark.parametrize(
    "argument",
    [
        "x",
        "i:",
        "i:1x",
        "i:4294967296",
        "s:1",
        "s:0g",
        "b:",
        "b:-1",
        "b:5:1",
        "b:5:zz",
        "l:",
        "L:5,",
        "q:1",
        "nn",
    ],
)
def test_an_argument_without_sense(driver: Driver, argument: str) -> None:
    with pytest.raises(DriverFailed, match="makes no sense"):
        driver.call("standinEcho", argument)
    assert driver.call("standinEcho", scalar(7)).code == 7


def test_too_many_arguments(driver: Driver) -> None:
    with pytest.raises(DriverFailed, match="too many"):
        driver.call("standinEcho", *[scalar(0)] * 21)


def test_a_library_that_cannot_be_loaded(built: Path) -> None:
    with (
        Driver(built / "none.so", built) as driver,
        pytest.raises(DriverDied, match=r"exit code 3(.|\n)*none\.so"),
    ):
        driver.call("csCloseCom")


def visit(clinic: Path, library: Path, fault: str = "", *port: str) -> subprocess.CompletedProcess[str]:
    """Run the clinic program, with one misbehaviour of the stand-in."""
    return subprocess.run(
        [clinic, library, *port], env={"STANDIN_FAULT": fault}, capture_output=True, text=True, timeout=20
    )


def fields(output: str) -> list[str]:
    """Return ``name value`` of every printed field, without the dots between them."""
    return [" ".join(word for word in line.split() if word.strip(".")) for line in output.splitlines()]


def test_a_visit(clinic: Path, standin: Path) -> None:
    done = visit(clinic, standin)
    assert (done.returncode, done.stderr) == (0, "")
    printed = fields(done.stdout)
    assert "name 姓名 測試十" in printed
    assert "card valid until 卡片有效期限 1141231" in printed
    assert printed.count("visit sequence 就醫序號 W002") == 2  # the number, and the newest visit of the list
    assert "practitioner 醫事人員身分證號 C123456789" in printed
    # 16 calls with the port opened and closed around each, and one close more
    assert printed[-1] == "clinic: 49 calls, all as expected"


@pytest.mark.parametrize("fault", ["expired", "empty"])
def test_a_visit_with_a_card_update(clinic: Path, standin: Path, fault: str) -> None:
    done = visit(clinic, standin, fault)
    assert (done.returncode, done.stderr) == (0, "")
    assert "csUpdateHCContents" in done.stdout


def test_a_second_visit_on_the_same_day(clinic: Path, standin: Path) -> None:
    assert visit(clinic, standin, "same-day").returncode == 0


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("code", "hisGetBasicData: answered 4013, expected 0"),
        ("guard", "hisGetBasicData: byte 72 of the record buffer (72 bytes long) was changed"),
        ("input", "hisWriteTreatmentData: byte 0 of the id number (21 bytes long) was changed"),
        ("length", "hisGetBasicData: the length is 73, expected 72"),
        ("wide", "hisGetBasicData: the memory beside the length was changed"),
        ("silent", "hisGetBasicData: the record was not written"),
        ("nul", "hisGetBasicData: there is a NUL in the record"),
        ("number", "hisGetTreatmentNoNeedHPC: copayment, 31 days on 急性31天起 is no number: 000000 "),
        ("other", "hisGetBasicData: the card number is 000073898390, was 000073898381 before"),
        (
            "old",
            "hisGetTreatmentNoNeedHPC: the newest visit's time is 1130901083000, was 1131120103000 before",
        ),
    ],
)
def test_a_misbehaving_library_ends_the_visit(
    clinic: Path, standin: Path, fault: str, complaint: str
) -> None:
    done = visit(clinic, standin, fault)
    assert (done.returncode, done.stderr) == (1, f"clinic: {complaint}\n")
    assert "all as expected" not in done.stdout


def test_a_port_that_cannot_be_opened(clinic: Path, standin: Path) -> None:
    done = visit(clinic, standin, "", "-1")
    assert (done.returncode, done.stderr) == (1, "clinic: csOpenCom: answered -1, expected 0\n")


def test_a_library_without_the_functions(clinic: Path, built: Path) -> None:
    source = built / "almost.c"
    source.write_text("int csOpenCom(int port) { return port; }\n")
    almost = compile_program(source, built / "almost.so", "-shared", "-fPIC")
    done = visit(clinic, almost)
    assert done.returncode == 2
    assert done.stderr.endswith("has no function csCloseCom\n")


def test_no_library(clinic: Path, built: Path) -> None:
    assert visit(clinic, built / "none.so").returncode == 3


def test_a_port_that_is_no_number(clinic: Path, standin: Path) -> None:
    done = visit(clinic, standin, "", "COM1")
    assert done.returncode == 64
    assert done.stderr.startswith("usage:")
