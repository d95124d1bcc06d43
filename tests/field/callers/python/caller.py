"""caller.py LIBRARY FILE HABIT...: a program in Python; FILE is what it uploads."""

import ctypes
import os
import sys
import threading

import cshis

DIRT = b"\xa5"
RUBBISH = b"\xfe\x01Q\xff" * 16

path, upload_file, *habits = sys.argv[1:]
library = cshis.load(path)


def say(*words):
    print(*words, flush=True)


def call(name, *before, size=72, room=0, kind=ctypes.c_short):
    """A call whose last arguments are a record and its length. Out: code, length, all of the room."""
    record = ctypes.create_string_buffer(DIRT * (room or size), room or size)
    length = kind(room or size)
    code = getattr(library, name)(
        *before, record, ctypes.cast(ctypes.byref(length), ctypes.POINTER(ctypes.c_short))
    )
    return code, length.value, record.raw


def person(record):
    return (
        record[:12].decode(),
        record[12:32].decode("cp950").rstrip(),
        record[32:42].decode(),
        record[42:49].decode(),
    )


def whole_visit(habit, made, count=2):
    """Take a number, write prescriptions, give the number back; ``made`` makes a text of the value."""
    _, _, who = call("hisGetBasicData")
    code, length, number = call("hisGetSeqNumber256", made(b"01"), made(b" "), made(b"1"), size=296)
    say(habit, "number", code, length, number[13:17].decode())
    at, one = number[:13], b"1AC44444100        TIDPC             03000090001"
    block, rows = made((at + one) * count), ctypes.byref(ctypes.c_short(count))
    code, length, _ = call(
        "hisWriteMultiPrescriptSign",
        made(at),
        made(who[32:42]),
        made(who[42:49]),
        block,
        rows,
        size=40 * count,
    )
    say(habit, "write", code, length)
    say(habit, "back", library.csUnGetSeqNumber(made(at)))


def visit():
    say("visit open", library.csOpenCom(0))
    say("visit sam", library.csVerifySAMDC())
    code, record = cshis.read_basic(library)
    say("visit basic", code, len(record), *person(record))
    say("visit status", library.hisGetCardStatus(2))
    whole_visit("visit", bytes)
    say("visit close", library.csCloseCom())


def large():
    code, length, record = call("hisGetBasicData", room=4096)
    say("large basic", code, length, *person(record), "kept" if record[72:] == DIRT * 4024 else "CHANGED")


def unterminated():
    whole_visit("unterminated", lambda value: value + RUBBISH, 1)


def blanks():
    whole_visit("blanks", lambda value: value.ljust(200), 1)


def wide():
    say("wide status", library.hisGetCardStatus(0x4FFB0002))
    code, length, record = call("hisGetBasicData", kind=ctypes.c_int)
    say("wide basic", code, length, *person(record))


def marks():
    for mark in (0, 1, 2):
        code, _, number = call("hisGetSeqNumber256", b"01", b" ", bytes([mark]), size=296)
        say("marks", mark, code, number[13:17].decode(), library.csUnGetSeqNumber(number[:13]))


def threads():
    good = []

    def work():
        for _ in range(10):
            code, record = cshis.read_basic(library)
            good.append(code == 0 and record[:12] == b"000073898381")

    crowd = [threading.Thread(target=work) for _ in range(8)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    say("threads", sum(good), "of", len(good))


def reopen():
    good = 0
    for _ in range(20):
        good += library.csOpenCom(0) == 0 and cshis.read_basic(library)[0] == 0 and library.csCloseCom() == 0
    say("reopen", good, "of 20")


def version():
    room = ctypes.create_string_buffer(DIRT * 64, 64)
    code = library.csGetVersionEx(room)
    say("version", code, room.value.decode(), "kept" if room.raw[16:] == DIRT * 48 else "CHANGED")


def order():
    say("order close", library.csCloseCom())
    code, record = cshis.read_basic(library)
    say("order basic", code, len(record), *person(record))
    code, length, record = call("hisGetBasicData", size=71)
    say("order small", code, length, "kept" if record == DIRT * 71 else "CHANGED")
    say("order null", library.hisGetBasicData(None, None))
    say("order back", library.csUnGetSeqNumber(b"1010101010101"))


def upload():
    code, length, receipt = call(
        "csUploadData", upload_file.encode(), b"3" + RUBBISH, b"1" + RUBBISH, size=50
    )
    say("upload", code, length, receipt[:22].decode())


def names():
    for name in os.environ["UPLOAD_NAMES"].encode().split(b"|"):
        size = b"%d" % len(name)
        code, *_ = call("csUploadData", name + RUBBISH, size + RUBBISH, b"1" + RUBBISH, size=50)
        say("names", len(name), code)


def chinese():
    item = "流感疫".encode("cp950")
    say("chinese", library.hisWriteInoculateData(b"Z299999929", b"0920315", item, b"TEST0010"))


def offline():
    say("offline open", library.csOpenCom(0))
    say("offline basic", *call("hisGetBasicData")[:2])


for habit in habits:
    globals()[habit]()
