"""The functions of the table as C, and first inputs for the fuzzers; both are made anew at each run."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from bridge.channel.frame import EVICTION_FRAME, WELCOME, Answer, Refusal, encode_reply, make_frame
from bridge.table.codegen.abi import Slot, signature_hash, slots
from bridge.table.codegen.sources import BAD_ARGUMENT, UNREACHABLE
from bridge.table.model.rows import Function, Table

CODES = (0, 5141, -1)
RECORD = 72  # bytes of a record
CAPACITY = 1400  # bytes stated for one
_KINDS = {"text": 1, "block": 2, "record": 3, "length": 4, "count": 5, "scalar": 6, "text_out": 7, "file": 8}
_KINDS["text_inout"] = 9


def functions(table: Table) -> list[Function]:
    """The exports that make a call, in the order in which shapes.h numbers them."""
    return [row for row in table.exported() if row.status != "unsupported"]


def write_shapes(table: Table, folder: Path) -> None:
    """Write shapes.h: what the generated exports hand to the runtime, as one array."""
    rows = functions(table)
    assert len(rows) <= 128
    lines = []
    for number, row in enumerate(rows):
        inner = ", ".join(_slot(slot) for slot in slots(table, row))
        lines.append(f"static const struct cshis_slot slots_{number}[] = {{{inner or '{0}'}}};")
    entries = ",\n    ".join(_entry(table, row, number) for number, row in enumerate(rows))
    lines.append(f"static const struct cshis_function table_functions[] = {{\n    {entries}\n}};")
    lines.append("#define TABLE_FUNCTIONS (sizeof table_functions / sizeof table_functions[0])\n")
    folder.joinpath("shapes.h").write_text("\n".join(lines), encoding="ascii")


def _slot(slot: Slot) -> str:
    flags = [str(flag).lower() for flag in (slot.terminated, slot.own_path)]
    fields = (
        f"(enum cshis_kind){_KINDS[slot.kind]}",
        slot.most,
        flags[0],
        slot.length,
        flags[1],
        slot.count,
        slot.row,
    )
    return f"{{{', '.join(map(str, fields))}}}"


def _entry(table: Table, row: Function, number: int) -> str:
    sent = slots(table, row)
    unreachable = table.statuses.legacy(*UNREACHABLE, row.contexts)
    bad = table.statuses.legacy(*BAD_ARGUMENT, row.contexts)
    signature = f"0x{signature_hash(row.name, sent):08x}u"
    return f'{{"{row.name}", {signature}, {unreachable}, {bad}, {len(sent)}, slots_{number}}}'


def write_seeds(seeds: Iterator[bytes], folder: Path) -> None:
    """One file for each first input."""
    folder.mkdir(parents=True)
    for number, seed in enumerate(seeds):
        folder.joinpath(f"{number:04}").write_bytes(seed)


def reply_seeds(table: Table) -> Iterator[bytes]:
    """For fuzz_reply: right answers and refusals of every function, and one of a random shape."""
    for number, row in enumerate(functions(table)):
        sent = slots(table, row)
        records = sum(slot.kind == "record" for slot in sent)
        exact, roomy = (
            bytes([number, 0]) + records * struct.pack("<H", room - 1) for room in (RECORD, CAPACITY)
        )
        for code in CODES:
            yield exact + encode_reply(Answer(0, code, tuple(_outputs(sent))))
        yield roomy + encode_reply(Answer(0, 0, tuple(_outputs(sent))))
        yield roomy + encode_reply(Refusal(0, 5020))
    random = bytes([200, 4, 2, 0, 3, 10, 0, 6, 20, 0])  # record, length, text, text_out
    yield (
        random
        + bytes([0])
        + struct.pack("<H", RECORD - 1)
        + encode_reply(Answer(0, 0, ((0, b"x" * RECORD),)))
    )


def _outputs(sent: tuple[Slot, ...]) -> Iterator[tuple[int, bytes | int]]:
    owned = {slot.length for slot in sent}
    for index, slot in enumerate(sent):
        if slot.kind == "record":
            yield index, b"R" * RECORD
        elif slot.kind == "text_out":
            yield index, b"T" * slot.most
        elif slot.kind == "text_inout":
            yield index, b"9"
        elif slot.kind == "length" and index not in owned:
            yield index, 1


def pack_seeds(table: Table) -> Iterator[bytes]:
    """For fuzz_pack: every function with strings of its width, and with one argument missing."""
    for number, row in enumerate(functions(table)):
        sent = slots(table, row)
        arguments = b"".join(_argument(slot, sent) for slot in sent)
        yield bytes([number, 0]) + arguments
        yield bytes([number, 3]) + arguments
        yield bytes([number, 0]) + arguments + b"\xff"
    yield bytes([200, 0, 4, 0, 10, 0, 2, 6, 5, 0]) + bytes(40)


def _argument(slot: Slot, sent: tuple[Slot, ...]) -> bytes:
    match slot.kind:
        case "scalar":
            return struct.pack("<i", 0x4FFB0001)
        case "record":
            return struct.pack("<h", CAPACITY) + b"[XXXXXXX]" + bytes(7)
        case "count":
            return struct.pack("<H", 2)
        case "length":
            return b"" if sent.index(slot) in {each.length for each in sent} else struct.pack("<H", 7)
        case "text_out":
            return b""
    return struct.pack("<HBB", slot.most, 0x20, 1) + b"A" * min(slot.most, 24)


def place_seeds() -> Iterator[bytes]:
    """For fuzz_place: bridge and token file from the environment, the ini file, the token, the timeout."""
    token = b"0123456789abcdefABCDEF0123456789" * 2
    inis = [
        b"",
        b"bridge=127.0.0.1:5068\n",
        b"\xef\xbb\xbf; by hand\r\n# more\r\n bridge = [::1]:5068 \r\ntoken_file=C:\\token\r\n",
        b"bridge=" + b"1" * 70 + b":5068\nbridge=localhost:1\ntoken_file=" + b"t" * 4090 + b"\n",
        b"=\nbridge\nbridge=\nbridge=:\nbridge=a:123456789\n[x]\ntoken_file=/t\nbridge=[]:5",
    ]
    for ini in inis:
        for environment in (b"", b"10.0.0.1:77", b"[::1]:5068", b":", b"localhost:5068"):
            for seconds in (b"", b"5", b"-1", b"99999999999999"):
                yield b"\0".join([environment, b"/token" if ini else b"", seconds, token, ini])


def stream_seeds(table: Table) -> Iterator[bytes]:
    """For fuzz_stream: what the system answers, then what the bridge sends: whole, in pieces, not at all."""
    for number, row in enumerate(functions(table)[:40]):
        frame = encode_reply(Answer(0, 0, tuple(_outputs(slots(table, row)))))
        for script in (b"", bytes([0] * 40), bytes(range(40)), b"\x05" * 40, bytes([1, 2, 3, 4, 5, 6] * 7)):
            for greeting in (0, 1):
                yield bytes([number, greeting, len(script)]) + script + frame + frame
            for size in (0, 63, 64, 65):  # no welcome, though it says it is one
                welcome = make_frame(WELCOME, 0, b"w" * size)
                yield bytes([number, 1, len(script)]) + script + welcome + frame
            evicted = EVICTION_FRAME + frame
            yield bytes([number, 0, len(script)]) + script + evicted + evicted
