"""What must hold of a routed library, the same on Linux and on Windows: each case is a function of a program
with that library, the folder that it lies in, and the bridge's reader.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.support.cutover import CHILD, DEMO, INI, NO_CARD, UNREACHABLE, WRONG_PERSON, Folder, Person, Reader
from tests.support.legacy_routes import NativeRoute

Case = Callable[[NativeRoute, Folder, Reader], None]
VISIT = b"1151130080000"  # the first time that the stand-in gives a number


def read(his: NativeRoute, function: str = "hisGetBasicData", size: int = 72) -> tuple[int, bytes]:
    """Read from the card. Out: the code, and which software answered."""
    code, outputs = his.call(function, pBuffer=size)
    record = outputs.get("pBuffer", b"")
    assert isinstance(record, bytes)
    return code, b"OLD" if b"OLD" in record else b"NEW" if b"NEW" in record else record


def write(his: NativeRoute, person: Person, function: str = "hisWriteEmergentTel") -> int:
    """Write something that names its patient."""
    last = {"hisWriteEmergentTel": "pEmergentTel", "hisWriteOrganDonate": "pOrganDonate"}[function]
    given = {"pPatientID": person[1].encode(), "pPatientBirthDate": person[2].encode(), last: b"1"}
    return his.call(function, **given)[0]


def take_number(his: NativeRoute) -> tuple[int, bytes]:
    """Take a visit number. Out: the code, and the time of the visit."""
    given = {"cTreatItem": b"01", "cBabyTreat": b" ", "cTreatAfterCheck": b"1"}
    code, outputs = his.call("hisGetSeqNumber256N1", pBuffer=316, **given)
    record = outputs.get("pBuffer", b"")
    assert isinstance(record, bytes)
    return code, record[:13]


def open_port(his: NativeRoute) -> int:
    return his.call("csOpenCom", pComNum=0)[0]


def insert(folder: Folder, new: Reader, old: Person | None, now: Person | None) -> None:
    """Whose cards lie in the two readers."""
    folder.insert(old)
    new.card = now


# --- routes -------------------------------------------------------------------------------------------------


def a_function_goes_to_the_original(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("icd=original")
    code, outputs = his.call("hisGetICD10EnC", pIN=b"A00")
    assert (code, outputs["pOUT"]) == (0, b"OLD   ")
    assert folder.calls() == ["hisGetICD10EnC"]
    assert new.calls() == []


def without_routes_everything_goes_to_the_bridge(his: NativeRoute, folder: Folder, new: Reader) -> None:
    insert(folder, new, DEMO, DEMO)
    assert open_port(his) == 0
    assert read(his) == (0, b"NEW")
    assert write(his, DEMO, "hisWriteOrganDonate") == -2
    assert new.calls() == ["csOpenCom", "hisGetBasicData"]
    assert folder.calls() == []
    assert not folder.kept.exists()


def what_nobody_names_goes_to_the_bridge(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("hisGetICD10EnC=original", "dropped=bridge")
    insert(folder, new, DEMO, DEMO)
    assert read(his) == (0, b"NEW")
    assert his.call("csGetHospID", pBuffer=10)[1]["pBuffer"] == b"3501200000"
    assert write(his, DEMO, "hisWriteOrganDonate") == -2
    assert folder.calls() == []


def a_read_falls_back_where_the_bridge_is_gone(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("icd=bridge, original if unreachable", "sam=bridge")
    assert his.call("hisGetICD10EnC", pIN=b"A00")[1]["pOUT"] == b"NEW"
    new.bridge.stop()
    assert his.call("hisGetICD10EnC", pIN=b"A00")[1]["pOUT"] == b"OLD   "
    assert his.call("csGetHospID", pBuffer=10) == (UNREACHABLE, {})
    assert any("cannot be reached: hisGetICD10EnC" in line for line in folder.log())


def a_code_of_the_bridge_is_no_reason_to_fall_back(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("icd=bridge, original if unreachable")
    new.codes = {"hisGetICD10EnC": 4000}
    assert his.call("hisGetICD10EnC", pIN=b"A00") == (4000, {})
    assert folder.calls() == []


def every_word_arrives_in_its_place(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("card=original")
    code, _ = his.raw("csHisAPI", *(f"i:{value}" for value in range(1, 20)))
    assert code == sum(value * value for value in range(1, 20))


# --- the port -----------------------------------------------------------------------------------------------


def the_port_is_opened_where_the_routes_go(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("card=original", "icd=bridge")
    assert open_port(his) == 0
    assert his.call("csVerifySAMDC")[0] == his.call("csCloseCom")[0] == 0
    asked = ["csOpenCom", "csVerifySAMDC", "csCloseCom"]
    assert (folder.calls(), new.calls()) == (asked, asked)


def the_side_of_the_cards_says_whether_the_port_is_open(
    his: NativeRoute, folder: Folder, new: Reader
) -> None:
    folder.route("card=original", "icd=bridge")
    new.codes = {"csOpenCom": -1}
    assert open_port(his) == open_port(his) == 0
    assert sum("csOpenCom on the other side, the bridge, answers -1" in line for line in folder.log()) == 1
    folder.route("card=bridge", "icd=original")
    folder.calls()
    assert open_port(his) == -1
    assert folder.calls() == []


def a_side_that_is_no_longer_needed_is_closed(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("card=original", "icd=original", "dropped=bridge", "dropped_free=bridge")
    insert(folder, new, DEMO, None)
    open_port(his)
    assert read(his) == (0, b"OLD")
    folder.route("dropped=bridge", "dropped_free=bridge")
    assert open_port(his) == 0
    insert(folder, new, None, CHILD)
    assert read(his) == (0, b"NEW")
    folder.calls()
    assert his.call("csCloseCom")[0] == his.call("csCloseCom")[0] == 0
    assert folder.calls() == ["csCloseCom"]


def an_old_reader_that_is_gone_keeps_nobody_from_opening(
    his: NativeRoute, folder: Folder, new: Reader
) -> None:
    """Its last patient's visit does not count any more."""
    folder.route("card=bridge", "icd=original")
    insert(folder, new, CHILD, DEMO)
    assert open_port(his) == 0
    assert read(his) == (0, b"NEW")
    folder.route("card=original")
    new.bridge.stop()
    assert open_port(his) == 0
    assert read(his) == (0, b"OLD")
    new.bridge.start_again()


# --- the file -----------------------------------------------------------------------------------------------


def a_change_is_taken_when_the_port_is_opened(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("icd=original", "stage=one")
    his.call("hisGetICD10EnC", pIN=b"A00")
    folder.route("icd=bridge", "stage=two")
    assert his.call("hisGetICD10EnC", pIN=b"A00")[1]["pOUT"] == b"OLD   "
    open_port(his)
    assert his.call("hisGetICD10EnC", pIN=b"A00")[1]["pOUT"] == b"NEW"
    assert [line for line in folder.log() if line.startswith("routes:")] == [
        "routes: cshis-bridge.ini is in force, stage one",
        "routes: cshis-bridge.ini is in force, stage two",
    ]


def a_wrong_file_is_refused_as_a_whole_and_once(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("icd=original")
    assert open_port(his) == 0
    folder.route("icd=bridge", "hisGetEverything=original")
    assert open_port(his) == open_port(his) == 0
    assert his.call("hisGetICD10EnC", pIN=b"A00")[1]["pOUT"] == b"OLD   "
    refused = [line for line in folder.log() if "refused" in line]
    assert refused == [
        "routes: cshis-bridge.ini is refused as a whole: line 3: there is no such function or group; "
        "the routes from before stay in force"
    ]


def a_wrong_file_from_the_beginning_makes_no_call(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("icd=sideways")
    insert(folder, new, DEMO, DEMO)
    assert open_port(his) == -1
    assert read(his) == (UNREACHABLE, b"")
    assert (folder.calls(), new.calls()) == ([], [])
    assert "line 2: there is no such route; there are none from before" in folder.log()[0]


def a_file_that_cannot_be_read_whole_is_refused(his: NativeRoute, folder: Folder, new: Reader) -> None:
    """Being written, saved as UTF-16, without an end, not to be opened: nothing goes elsewhere meanwhile."""
    folder.route("icd=original")
    assert open_port(his) == 0
    ini = folder.path / INI
    good = ini.read_bytes()
    for content in (b"", good.decode().encode("utf-16"), good + b"; remark\r\n" * 7000):
        ini.write_bytes(content)
        assert open_port(his) == open_port(his) == 0
        assert his.call("hisGetICD10EnC", pIN=b"A00")[1]["pOUT"] == b"OLD   "
    ini.unlink()
    ini.mkdir()
    assert open_port(his) == 0
    assert his.call("hisGetICD10EnC", pIN=b"A00")[1]["pOUT"] == b"OLD   "
    ini.rmdir()
    refused = [line.split(": ")[2].split(";")[0] for line in folder.log() if "refused" in line]
    assert len(refused) == 4
    assert refused[:3] == ["it is empty", "it is no plain text", "it is longer than 65536 bytes"]
    assert open_port(his) == 0
    assert his.call("hisGetICD10EnC", pIN=b"A00")[1]["pOUT"] == b"NEW"  # taken away on purpose


# --- a visit ------------------------------------------------------------------------------------------------


def a_visit_stays_where_it_began(his: NativeRoute, folder: Folder, new: Reader) -> None:
    """The stage changes while a patient is there."""
    folder.route("card=original", "icd=bridge")
    insert(folder, new, DEMO, None)
    assert open_port(his) == 0
    assert read(his) == (0, b"OLD")
    assert take_number(his) == (0, VISIT)
    folder.route("card=bridge", "icd=bridge")
    assert open_port(his) == 0
    assert read(his, "hisGetEmergentTel", 14) == (0, b"OLD")
    assert write(his, DEMO) == 0
    insert(folder, new, None, CHILD)
    new.calls()
    assert read(his) == (0, b"NEW")
    assert write(his, CHILD) == 0
    assert "hisWriteEmergentTel" in new.calls()


def a_number_goes_back_where_it_was_taken(his: NativeRoute, folder: Folder, new: Reader) -> None:
    """Whatever the routes say now, and whoever was read since."""
    folder.route("card=original", "icd=bridge")
    insert(folder, new, DEMO, None)
    open_port(his)
    read(his)
    assert take_number(his) == (0, VISIT)
    folder.route("card=bridge", "icd=original")
    open_port(his)
    insert(folder, new, None, CHILD)
    assert read(his) == (0, b"NEW")
    folder.calls()
    new.calls()
    assert his.call("csUnGetSeqNumber", pUnTreatDate=VISIT)[0] == WRONG_PERSON
    insert(folder, new, DEMO, CHILD)
    given = {"pDateTime": VISIT, "pPatientID": DEMO[1].encode(), "pPatientBirthDate": DEMO[2].encode()}
    assert his.call("hisWriteTreatmentData", pDataWrite=b"1".ljust(69), **given)[0] == 0
    assert his.call("csUnGetSeqNumber", pUnTreatDate=VISIT)[0] == 0
    assert folder.calls()[-3:] == ["hisGetBasicData", "hisWriteTreatmentData", "csUnGetSeqNumber"]
    assert "csUnGetSeqNumber" not in new.calls()


def upload(his: NativeRoute, folder: Folder, *visits: bytes) -> int:
    """Upload a file with these visits. Out: the code."""
    file = folder.old / "upload.xml"
    file.write_bytes(b"".join(b"<d31>" + visit + b"</d31>" for visit in visits))
    size = str(file.stat().st_size).encode()
    given = {"pUploadFileName": folder.seen(file).encode(), "fFileSize": size, "pNumber": b"1"}
    return his.call("csUploadData", pBuffer=50, **given)[0]


def an_upload_goes_where_its_visits_were(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("card=original", "upload=original")
    insert(folder, new, DEMO, None)
    open_port(his)
    read(his)
    assert take_number(his) == (0, VISIT)
    folder.route("card=bridge", "upload=bridge")
    open_port(his)
    insert(folder, new, None, CHILD)
    read(his)
    code, newer = take_number(his)
    assert (code, newer) == (0, b"1151130090000")
    folder.calls()
    new.calls()
    assert upload(his, folder, VISIT, b"1151130111111") == 0
    assert (folder.calls(), new.calls()) == (["csUploadData"], [])
    assert upload(his, folder, newer) == upload(his, folder, b"1151130111111") == 0
    assert (folder.calls(), new.calls()) == ([], ["csUploadData", "csUploadData"])
    assert upload(his, folder, newer, VISIT) == 6018
    assert (folder.calls(), new.calls()) == ([], [])
    assert "upload: the file of csUploadData holds visits of both sides: make one for each" in folder.log()


def one_person_with_a_change_stays_although_the_card_is_elsewhere(
    his: NativeRoute, folder: Folder, new: Reader
) -> None:
    folder.route("card=original", "icd=bridge")
    insert(folder, new, DEMO, None)
    open_port(his)
    read(his)
    assert write(his, DEMO) == 0
    folder.route("card=bridge", "icd=original")
    open_port(his)
    insert(folder, new, None, DEMO)
    assert read(his) == (NO_CARD, b"")
    insert(folder, new, CHILD, DEMO)
    folder.calls()
    assert take_number(his) == (WRONG_PERSON, b"")
    assert read(his, "hisGetEmergentTel", 14) == (WRONG_PERSON, b"")
    assert {*folder.calls(), *new.calls()} <= {"csOpenCom", "hisGetBasicData"}
    insert(folder, new, DEMO, None)
    assert read(his) == (0, b"OLD")


def reads_alone_bind_nobody(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("card=original", "icd=bridge")
    insert(folder, new, DEMO, None)
    open_port(his)
    assert read(his) == (0, b"OLD")
    folder.route("card=bridge", "icd=original")
    open_port(his)
    insert(folder, new, None, DEMO)
    assert read(his) == (0, b"NEW")
    assert write(his, DEMO) == 0
    assert "hisWriteEmergentTel" not in folder.calls()


def a_change_that_meets_another_person_is_refused(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("card=original", "icd=bridge")
    insert(folder, new, DEMO, None)
    open_port(his)
    assert read(his) == (0, b"OLD")
    folder.route("card=bridge", "icd=original")
    open_port(his)
    insert(folder, new, None, CHILD)
    assert write(his, CHILD) == WRONG_PERSON
    assert any(
        line.startswith("person: hisWriteEmergentTel to the bridge answers 5020") for line in folder.log()
    )
    assert read(his) == (0, b"NEW")
    assert write(his, CHILD) == 0
    assert not {*DEMO, *CHILD} & {word for line in folder.log() for word in line.split()}


def a_kind_of_visit_goes_its_own_way(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("card=original", "hisGetEmergentTel=bridge")
    insert(folder, new, DEMO, CHILD)
    open_port(his)
    assert read(his) == (0, b"OLD")
    assert read(his, "hisGetEmergentTel", 14) == (0, b"OLD")  # the same visit
    insert(folder, new, None, CHILD)
    assert read(his, "hisGetEmergentTel", 14) == (0, b"NEW")
    assert read(his) == (0, b"NEW")
    insert(folder, new, DEMO, None)
    assert read(his) == (0, b"OLD")


def a_bridge_that_goes_in_the_middle_of_a_visit_is_a_code(
    his: NativeRoute, folder: Folder, new: Reader
) -> None:
    """There is no way back to the old software within a visit, whatever lies in its reader."""
    folder.route("card=bridge", "icd=bridge, original if unreachable")
    insert(folder, new, DEMO, DEMO)
    open_port(his)
    assert read(his) == (0, b"NEW")
    assert write(his, DEMO) == 0
    new.bridge.stop()
    folder.calls()
    assert read(his) == (UNREACHABLE, b"")
    assert write(his, DEMO) == UNREACHABLE
    assert folder.calls() == []
    folder.route("card=original")
    open_port(his)
    insert(folder, new, CHILD, DEMO)
    assert write(his, CHILD) == WRONG_PERSON  # the last read was the other one's
    assert read(his) == (0, b"OLD")
    assert write(his, CHILD) == 0


# --- with the card moved ------------------------------------------------------------------------------------


def a_moved_card_must_be_that_of_the_visit(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("card=bridge", moved=("hisGetEmergentTel=original",))
    insert(folder, new, CHILD, DEMO)
    open_port(his)
    assert read(his) == (0, b"NEW")
    assert read(his, "hisGetEmergentTel", 14) == (WRONG_PERSON, b"")
    insert(folder, new, DEMO, None)
    assert read(his, "hisGetEmergentTel", 14) == (0, b"OLD")
    insert(folder, new, None, DEMO)
    assert write(his, DEMO) == 0
    assert "hisWriteEmergentTel" in new.calls()


def a_card_exchanged_behind_the_check_shows_nobody(his: NativeRoute, folder: Folder, new: Reader) -> None:
    """The answer itself is looked at: nothing of another person reaches the program."""
    folder.route("card=bridge", moved=("hisGetBasicData=original",))
    insert(folder, new, DEMO, DEMO)
    open_port(his)
    assert write(his, DEMO) == 0
    assert read(his) == (0, b"OLD")
    (folder.old / "next").write_text(" ".join(CHILD), encoding="ascii")
    code, outputs = his.call("hisGetBasicData", pBuffer=72)
    assert (code, outputs["pBuffer"]) == (WRONG_PERSON, b" " * 72)


def after_a_moved_card_a_change_needs_the_same_person_back(
    his: NativeRoute, folder: Folder, new: Reader
) -> None:
    folder.route("card=bridge", moved=("hisGetEmergentTel=original",))
    insert(folder, new, DEMO, DEMO)
    open_port(his)
    read(his)
    assert read(his, "hisGetEmergentTel", 14) == (0, b"OLD")
    insert(folder, new, DEMO, CHILD)
    assert write(his, CHILD) == WRONG_PERSON
    assert read(his) == (0, b"NEW")
    assert write(his, CHILD) == 0


def what_6_0_dropped_is_done_on_the_old_card(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("card=bridge")
    insert(folder, new, None, DEMO)
    open_port(his)
    assert read(his) == (0, b"NEW")
    assert write(his, DEMO, "hisWriteOrganDonate") == WRONG_PERSON
    insert(folder, new, CHILD, None)
    assert write(his, DEMO, "hisWriteOrganDonate") == WRONG_PERSON
    assert write(his, CHILD, "hisWriteOrganDonate") == WRONG_PERSON
    insert(folder, new, DEMO, None)
    folder.calls()
    assert write(his, DEMO, "hisWriteOrganDonate") == 0
    assert folder.calls() == ["hisGetBasicData", "hisWriteOrganDonate"]


def a_visit_that_ends_is_checked_although_the_other_side_was_asked_last(
    his: NativeRoute, folder: Folder, new: Reader
) -> None:
    """By a function with the card moved."""
    folder.route("card=bridge")
    insert(folder, new, DEMO, DEMO)
    open_port(his)
    assert read(his) == (0, b"NEW")
    assert write(his, DEMO, "hisWriteOrganDonate") == 0
    insert(folder, new, CHILD, None)
    folder.route("card=original", "icd=bridge")
    open_port(his)
    folder.calls()
    assert take_number(his) == (WRONG_PERSON, b"")
    assert "hisGetSeqNumber256N1" not in folder.calls()


def what_names_nobody_is_not_read_from_another_person(his: NativeRoute, folder: Folder, new: Reader) -> None:
    """Nobody could see from the answer that it is not the patient's."""
    folder.route("card=original", "icd=bridge")
    insert(folder, new, DEMO, CHILD)
    open_port(his)
    assert read(his) == (0, b"OLD")
    folder.route("card=bridge", "icd=original")
    open_port(his)
    insert(folder, new, None, CHILD)
    assert read(his, "hisGetEmergentTel", 14) == (WRONG_PERSON, b"")
    assert his.call("hisGetCardStatus", CardType=2)[0] != WRONG_PERSON
    assert take_number(his) == (WRONG_PERSON, b"")
    assert read(his) == (0, b"NEW")
    assert read(his, "hisGetEmergentTel", 14) == (0, b"NEW")


# --- compared -----------------------------------------------------------------------------------------------


def lines_of(folder: Folder, word: str, wanted: int = 1) -> list[str]:
    """The lines that begin with a word, once there are so many: they are written by a thread."""
    deadline = time.monotonic() + 10
    while True:
        found = [line for line in folder.log() if line.startswith(word)]
        if len(found) >= wanted or time.monotonic() > deadline:
            return found
        time.sleep(0.02)


def until_asked(new: Reader, times: int) -> None:
    """Wait until the bridge was asked so often: the thread that asks has its own time."""
    deadline = time.monotonic() + 10
    while len(new.bridge.requests) < times:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def both_sides_are_asked_and_one_answers(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("icd=bridge, compared", "sam=original, compared")
    assert his.call("hisGetICD10EnC", pIN=b"A00")[1]["pOUT"] == b"NEW"
    assert his.call("csGetHospID", pBuffer=10)[1]["pBuffer"] == b"3501200000"
    assert set(lines_of(folder, "compared:", 3)) == {
        "compared: hisGetICD10EnC: answer 1 differs from byte 0 on",
        "compared: hisGetICD10EnC: 1 compared, 1 of them different, 0 not compared",
        "compared: csGetHospID: 1 compared, 0 of them different, 0 not compared",
    }


def cards_are_compared_where_both_hold_the_same(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("card=original, compared", "icd=bridge")
    insert(folder, new, DEMO, None)
    open_port(his)
    new.calls()
    assert read(his) == (0, b"OLD")
    until_asked(new, 1)
    insert(folder, new, DEMO, CHILD)
    assert read(his) == (0, b"OLD")
    until_asked(new, 2)
    assert write(his, DEMO) == 0
    insert(folder, new, DEMO, DEMO)
    assert read(his, "hisGetEmergentTel", 14) == (0, b"OLD")
    assert lines_of(folder, "compared:", 2) == [
        "compared: hisGetEmergentTel: answer 1 differs from byte 10 on",
        "compared: hisGetEmergentTel: 1 compared, 1 of them different, 0 not compared",
    ]
    assert "hisWriteEmergentTel" not in new.calls()


def a_hanging_comparison_holds_nobody_up(his: NativeRoute, folder: Folder, new: Reader) -> None:
    folder.route("icd=bridge, compared", "sam=bridge")
    folder.switch("hang hisGetICD10EnC")
    begun = time.monotonic()
    for _ in range(80):
        assert his.call("hisGetICD10EnC", pIN=b"A00")[1]["pOUT"] == b"NEW"
    assert his.call("csGetHospID", pBuffer=10)[0] == 0
    assert time.monotonic() - begun < 10


CASES: tuple[Case, ...] = (
    a_function_goes_to_the_original,
    without_routes_everything_goes_to_the_bridge,
    what_nobody_names_goes_to_the_bridge,
    a_read_falls_back_where_the_bridge_is_gone,
    a_code_of_the_bridge_is_no_reason_to_fall_back,
    every_word_arrives_in_its_place,
    the_port_is_opened_where_the_routes_go,
    the_side_of_the_cards_says_whether_the_port_is_open,
    a_side_that_is_no_longer_needed_is_closed,
    an_old_reader_that_is_gone_keeps_nobody_from_opening,
    a_change_is_taken_when_the_port_is_opened,
    a_wrong_file_is_refused_as_a_whole_and_once,
    a_wrong_file_from_the_beginning_makes_no_call,
    a_file_that_cannot_be_read_whole_is_refused,
    a_visit_stays_where_it_began,
    a_number_goes_back_where_it_was_taken,
    an_upload_goes_where_its_visits_were,
    one_person_with_a_change_stays_although_the_card_is_elsewhere,
    reads_alone_bind_nobody,
    a_change_that_meets_another_person_is_refused,
    a_kind_of_visit_goes_its_own_way,
    a_bridge_that_goes_in_the_middle_of_a_visit_is_a_code,
    a_moved_card_must_be_that_of_the_visit,
    a_card_exchanged_behind_the_check_shows_nobody,
    after_a_moved_card_a_change_needs_the_same_person_back,
    what_6_0_dropped_is_done_on_the_old_card,
    a_visit_that_ends_is_checked_although_the_other_side_was_asked_last,
    what_names_nobody_is_not_read_from_another_person,
    both_sides_are_asked_and_one_answers,
    cards_are_compared_where_both_hold_the_same,
)
