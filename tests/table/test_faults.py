# ruff: noqa: E501 - a fault and its line stand side by side
"""Every kind of fault in the table is found, and its line says where: file and path inside it.

Each case copies a part of the real table, breaks one thing, and loads it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.errors import TableError
from bridge.table.loader import default_directory, default_table, load_table

Files = dict[str, Any]
Edit = Callable[[Files], object]
ROWS = {
    "hisGetEmergentTel": "functions/rows.yaml",
    "hisGetTreatmentNoNeedHPC": "functions/rows.yaml",
    "hisGetCardStatus": "functions/rows.yaml",
    "csGetCardNo": "functions/rows.yaml",
    "csOpenCom": "functions/rows.yaml",
    "hisGetSeqNumber256": "functions/rows.yaml",
    "hisWriteTreatmentData": "functions/rows.yaml",
    "hisWriteMultiPrescriptSign": "functions/rows.yaml",
    "hisWriteOrganDonate": "functions/rows.yaml",
}
KEPT_RECORDS = {
    "out": ["prescription_signatures"],
    "in": [
        "treatment_code", "treatment_code_7", "treatment_code_icd10", "treatment_fee", "treatment_data",
        "treatment_data_7", "treatment_data_icd10", "prescription",
    ],
}  # fmt: skip


@cache
def _part_of_the_real_table() -> Files:
    source = default_directory()
    rows: dict[str, Any] = {}
    for file in sorted((source / "functions").glob("*.yaml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        rows |= {name: row for name, row in content.items() if name in ROWS}
    records = yaml.safe_load((source / "shared_records.yaml").read_text(encoding="utf-8"))
    routes = [{"path": "/VHC/tel", "function": "hisGetEmergentTel", "provenance": "a real client"}]
    return {
        "functions/rows.yaml": rows,
        "shared_records.yaml": {
            direction: {name: records[direction][name] for name in kept}
            for direction, kept in KEPT_RECORDS.items()
        },
        "console.yaml": yaml.safe_load((source / "console.yaml").read_text(encoding="utf-8")),
        "status.yaml": _some_statuses(
            yaml.safe_load((source / "status.yaml").read_text(encoding="utf-8")), rows
        ),
        "vhc.yaml": {"functions": {}, "routes": routes},
    }


def _steps(row: dict[str, Any]) -> list[dict[str, Any]]:
    return row.get("steps") or [row.get("step", {})]


def _some_statuses(statuses: dict[str, Any], rows: dict[str, Any]) -> dict[str, Any]:
    """Those that the rows speak of and a few more: reading all of them would take most of the time."""
    spoken_of = {str(code) for row in rows.values() for s in _steps(row) for code in s.get("tolerate", [])}
    for _, group in default_table().console.statuses.named():
        spoken_of |= {str(code) for code in (*group.statuses, *group.cloud)}
    kept = spoken_of | {"0", "1000", "1102", "3100", "3228"}
    sources = {
        source: {k: entry for k, entry in entries.items() if source in ("transport", "bridge") or k in kept}
        for source, entries in statuses["sources"].items()
    }
    used = {
        code
        for entries in sources.values()
        for e in entries.values()
        for code in [e["legacy"], *e.get("contexts", {}).values()]
    }
    by_context = statuses["unlisted_contexts"].values()
    used |= {*statuses["unlisted"].values(), *(code for codes in by_context for code in codes.values()), 5010}
    codes = {code: text for code, text in statuses["legacy_codes"].items() if code in used}
    return {**statuses, "sources": sources, "legacy_codes": codes}


def _load(directory: Path, edit: Edit) -> None:
    files = copy.deepcopy(_part_of_the_real_table())
    edit(files)
    (directory / "functions").mkdir()
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        (directory / name).write_text(text, encoding="utf-8")
    load_table(directory)


def _faults(directory: Path, edit: Edit) -> list[str]:
    with pytest.raises(TableError) as caught:
        _load(directory, edit)
    return caught.value.faults


def at(*path: str | int) -> Callable[[Any], Any]:
    """The thing at a path inside a row: at("steps", 0, "body")."""

    def find(thing: Any) -> Any:
        for key in path:
            thing = thing[key]
        return thing

    return find


def put(file: str, path: tuple[str | int, ...], value: object) -> Edit:
    """An edit that sets one thing."""
    return lambda files: at(*path[:-1])(files[file]).__setitem__(path[-1], value)


def drop(file: str, path: tuple[str | int, ...]) -> Edit:
    """An edit that takes one thing out."""
    return lambda files: at(*path[:-1])(files[file]).pop(path[-1])


def add(file: str, path: tuple[str | int, ...], value: object) -> Edit:
    """An edit that appends to a list."""
    return lambda files: at(*path)(files[file]).append(value)


R, REC, STA, VHC = "functions/rows.yaml", "shared_records.yaml", "status.yaml", "vhc.yaml"
CON = "console.yaml"
TEL, SEQ, DATA, MULTI = (
    "hisGetEmergentTel",
    "hisGetSeqNumber256",
    "hisWriteTreatmentData",
    "hisWriteMultiPrescriptSign",
)
FIELD = {"name": "tel", "text": 14, "json": "tel"}
TEL_OUT = (TEL, "outputs", "pBuffer")
TEL_FIELD = (*TEL_OUT, "layout", 0)
TEL_RECORD = (TEL, "arguments", 0, "record")

SHAPE_FAULTS: list[tuple[str, Edit, str]] = [
    ("unknown key of a row", put(R, (TEL, "colour"), "red"), f"rows.yaml: {TEL}: colour: Extra inputs"),
    ("missing provenance", drop(R, (TEL, "provenance")), f"rows.yaml: {TEL}: provenance: Field required"),
    ("empty provenance", put(R, (TEL, "provenance"), ""), f"rows.yaml: {TEL}: provenance: String should"),
    ("step without provenance", drop(R, (TEL, "step", "provenance")), "step.provenance: Field required"),
    ("output without provenance", drop(R, (*TEL_OUT, "provenance")), "outputs.pBuffer.provenance: Field"),
    ("unknown status of a row", put(R, (TEL, "status"), "maybe"), f"rows.yaml: {TEL}: status: Input should"),
    ("unknown effect", put(R, (TEL, "effect"), "none"), f"rows.yaml: {TEL}: effect: Input should"),
    ("name that is no C name", lambda f: f[R].update({"a-b": f[R].pop(TEL)}), "rows.yaml: a-b: name: String"),
    ("ordinal 0", put(R, (TEL, "ordinal"), 0), f"rows.yaml: {TEL}: ordinal: Input should be greater"),
    ("argument of unknown kind", put(R, (TEL, "arguments", 0, "kind"), "magic"), f"{TEL}: arguments.0: Input tag"),
    ("text without width", drop(R, (SEQ, "arguments", 0, "width")), "arguments.0.text.width: Field required"),
    ("two targets", put(R, (TEL, "step", "console"), "GET /x"), "step: Value error, needs exactly one of"),
    ("no target", drop(R, ("csOpenCom", "step", "reader")), "step: Value error, needs exactly one of"),
    ("cloud without signature", drop(R, (TEL, "step", "sign")), "a cloud step needs a signature"),
    ("kept answer about a card", put(R, ("csGetCardNo", "steps", 1, "kept"), True), "is kept"),
    ("kept reader operation", put(R, ("csOpenCom", "step", "kept"), True), "is kept"),
    ("unknown method", put(R, (TEL, "step", "cloud"), "FETCH /x"), "step.cloud: String should match"),
    ("service type", put(R, (TEL, "step", "sign"), "hc 1"), f"{TEL}: step.sign: needs sam, hc, hpc or hpchc and a service type"),
    ("unknown need", put(R, ("csGetCardNo", "steps", 0, "needs"), ["luck"]), "steps.0.needs.0: Input should be"),
    (
        "two origins of a value",
        put(R, (SEQ, "step", "body", "treatmentItem", "constant"), "x"),
        "body.treatmentItem: Value error, needs exactly one of",
    ),
    (
        "fields without each",
        put(R, (SEQ, "step", "body", "treatmentItem", "fields"), {"a": {"constant": "x"}}),
        "body.treatmentItem: Value error, 'each'",
    ),
    ("count without a file", put(R, (SEQ, "step", "body", "treatmentItem", "count"), "MB2"), "body.treatmentItem: Value error, 'count' goes with 'content' only"),
    ("converted file", put(R, (SEQ, "step", "body", "x"), {"content": "pFile", "convert": "base_name"}), "body.x: Value error, of a 'content' only its 'count' goes through a converter"),
    ("row that is no mapping", put(R, (TEL,), 5), f"rows.yaml: {TEL}: : Input should be"),
    ("rows that are no mapping", put(VHC, ("functions",), [1]), "vhc.yaml: functions: a mapping is expected"),
    ("field of width 0", put(REC, ("out", "prescription_signatures", "layout", 0, "fields", 0, "text"), 0), "shared_records.yaml: out: prescription_signatures: layout.0.fields.0.text: needs its width"),
    ("record without title", drop(REC, ("out", "prescription_signatures", "title")), "prescription_signatures: title: Field required"),
    ("routes that are no list", put(VHC, ("routes",), {}), "vhc.yaml: routes: a list is expected"),
    ("route without slash", put(VHC, ("routes", 0, "path"), "VHC/tel"), "vhc.yaml: routes[0]: path: String should"),
    ("status without legacy", drop(STA, ("sources", "cloud", "3100", "legacy")), "status.yaml: sources.cloud.3100.legacy"),
    ("file that is no YAML", lambda f: f.update({R: "a: ["}), "rows.yaml: while parsing"),
    ("file that is a list", lambda f: f.update({R: "- a"}), "rows.yaml: a mapping is expected at the top"),
    ("empty file", lambda f: f.update({R: ""}), "rows.yaml: a mapping is expected at the top"),
    ("key written twice", lambda f: f.update({R: "a: {x: 1}\na: {x: 2}"}), "rows.yaml: key 'a' stands twice"),
    ("inner key written twice", lambda f: f.update({VHC: "routes: []\nfunctions: {b: 1, b: 2}"}), "vhc.yaml: key 'b'"),
    ("no function files", lambda f: f.pop(R), "functions: no function files"),
    ("no records file", lambda f: f.pop(REC), "records.yaml: [Errno 2]"),
    ("no console file", lambda f: f.pop(CON), "console.yaml: [Errno 2]"),
    ("request of the console missing", drop(CON, ("requests", "finalise")), "console.yaml: requests.finalise: Field required"),
    ("request nobody knows", put(CON, ("requests", "explode"), {}), "console.yaml: requests.explode: Extra inputs"),
    ("signature missing", drop(CON, ("signatures", "hpchc")), "signatures.hpchc: Field required"),
    ("signature without random", drop(CON, ("signatures", "hc", "reply", "random")), "signatures.hc: Value error, reply: a signature needs random"),
    ("signature without the card", drop(CON, ("signatures", "hpchc", "reply", "hpc_id")), "a signature needs hpc_id"),
    ("signature without service type", put(CON, ("signatures", "sam", "body"), {}), "body: a signature needs service_type"),
    ("field that is no JSON name", put(CON, ("requests", "initialise", "body", "device"), "a-b"), "requests.initialise.body.device.json: String should match"),
    ("request without provenance", drop(CON, ("requests", "status", "provenance")), "requests.status.provenance: Field required"),
    ("group of statuses missing", drop(CON, ("statuses", "no_card")), "statuses.no_card: Field required"),
    ("group without statuses", put(CON, ("statuses", "no_card", "statuses"), []), "statuses.no_card.statuses: Tuple should have at least 1"),
    ("state missing", drop(CON, ("states", "virtual_card")), "states.virtual_card: Field required"),
]  # fmt: skip

CHECK_FAULTS: list[tuple[str, Edit, str]] = [
    ("width that does not add up", put(R, (*TEL_RECORD, "width"), 15), "emergency_tel: its parts add up to 14 bytes, documented are 15"),
    ("field twice", add(R, (*TEL_OUT, "layout"), FIELD), "out-record emergency_tel: field tel stands twice"),
    ("include of nothing", put(REC, ("in", "treatment_data", "layout", 0, "include"), "nothing"), "in-record treatment_data: includes nothing, which does not exist"),
    ("include of itself", put(REC, ("in", "treatment_data", "layout", 0, "include"), "treatment_data"), "in-record treatment_data: includes treatment_data, which includes itself"),
    ("too long for 16 bits", put(REC, ("in", "prescription", "layout", 0, "most"), 600), "36600 bytes do not fit a 16-bit length"),
    ("count without most", drop(REC, ("in", "prescription", "layout", 0, "most")), "a counted group must stand alone and state its most"),
    ("count beside others", add(REC, ("in", "prescription", "layout"), {"name": "x", "text": 1}), "a counted group must stand alone"),
    ("unknown legacy code", put(STA, ("sources", "cloud", "3100", "legacy"), 1234), "status.yaml: cloud: 3100: 1234 is no legacy code"),
    ("unknown code in a context", put(STA, ("sources", "console", "1102", "contexts", "hpc"), 1234), "status.yaml: console: 1102: 1234 is no legacy code"),
    ("failure as success", put(STA, ("sources", "transport", "bad-json", "legacy"), 0), "transport: bad-json: a failure must not become 0"),
    ("failure as success in a context", put(STA, ("sources", "bridge", "internal", "contexts", "open"), 0), "bridge: internal: a failure must not become 0"),
    ("unlisted as success", put(STA, ("unlisted", "cloud"), 0), "unlisted: cloud: 0 is no legacy code of a failure"),
    ("unlisted in a context as success", put(STA, ("unlisted_contexts", "cloud", "orders"), 0), "unlisted: cloud: orders: 0 is no legacy code of a failure"),
    ("unlisted of no source", put(STA, ("unlisted_contexts", "sky"), {"open": -1}), "unlisted_contexts: there is no source sky"),
    ("unknown group of statuses", put(CON, ("requests", "finalise", "accepts"), "luck"), "console.yaml: finalise: there is no group of statuses luck"),
    ("status that is not listed", put(CON, ("statuses", "no_card", "statuses"), [1999]), "console.yaml: no_card: status.yaml lists no console status 1999"),
    ("cloud status that is not listed", put(CON, ("statuses", "pin_not_verified", "cloud"), [9]), "lists no cloud status 9"),
    ("request written twice", put(CON, ("requests", "names", "console"), "GET /api/common/v1/Status"), "console.yaml: GET /api/common/v1/Status stands 2 times"),
    ("GET with a body", put(CON, ("requests", "names", "body"), {"skip": "skip"}), "console.yaml: names: a GET has no body"),
    ("field written twice", put(CON, ("requests", "unlock_practitioner", "body", "puk"), "newPin"), "unlock_practitioner: body: newPin stands 2 times"),
    ("field of a body inside an object", put(CON, ("requests", "verify_pin", "body", "pin"), "a.b"), "verify_pin: body: a.b stands inside an object"),
    ("value in braces that nobody gives", drop(CON, ("settings", "remove_sam", "in_path")), "console.yaml: remove_sam: in_path: other names"),
    ("value for no place in the path", put(CON, ("settings", "list_sams", "in_path"), {"sam_id": "id"}), "list_sams: in_path: other names"),
    ("reply of a request that answers nothing", put(CON, ("settings", "forget_calls", "reply"), {"at": "at"}), "forget_calls: reply: it answers nothing"),
    ("row sends what nobody sends", put(CON, ("requests", "read_sam", "used_by"), "nobody"), "read_sam: a row sends it"),
    ("no fallback", drop(STA, ("unlisted", "cloud")), "unlisted: no fallback for cloud"),
    ("missing failure of the way", drop(STA, ("sources", "transport", "cloud-dropped")), "transport: cloud-dropped is missing"),
    ("missing failure of the bridge", drop(STA, ("sources", "bridge", "wrong-person")), "bridge: wrong-person is missing"),
    ("code beyond 16 bits", put(STA, ("legacy_codes", "70000"), "x"), "status.yaml: 70000 does not fit 16 bits"),
    ("context that nobody knows", put(R, (TEL, "contexts"), ["nowhere"]), f"{TEL}: no status knows the context nowhere"),
    ("ordinal twice", put(R, (TEL, "ordinal"), 32), "ordinal 32 is given 2 times"),
    ("route twice", lambda f: f[VHC]["routes"].append({**f[VHC]["routes"][0], "path": "/vhc/TEL"}), "route /vhc/tel stands 2 times"),
    ("route to nothing", put(VHC, ("routes", 0, "function"), "nothing"), "route /VHC/tel: there is no row nothing"),
    ("row twice", lambda f: f[VHC]["functions"].update({TEL: f[R][TEL]}), f"vhc.yaml: functions: {TEL}: a row of that name exists already"),
    ("argument twice", put(R, (TEL, "arguments", 0, "length"), "pBuffer"), f"{TEL}: argument pBuffer stands twice"),
    ("export without ordinal", drop(R, (TEL, "ordinal")), f"{TEL}: an export needs an ordinal"),
    ("unsupported with steps", put(R, (TEL, "status"), "unsupported"), f"{TEL}: an unsupported function has no steps"),
    ("supported without steps", drop(R, ("hisWriteOrganDonate", "status")), "hisWriteOrganDonate: a supported function needs steps"),
    ("unknown out-record", put(R, (MULTI, "arguments", 4, "record"), "nothing"), f"{MULTI}: pBuffer: there is no out-record nothing"),
    ("unknown in-record", put(R, (DATA, "arguments", 2, "forms"), ["nothing"]), f"{DATA}: pDataWrite: there is no in-record nothing"),
    ("length that is a number too", put(R, ("hisGetCardStatus", "arguments"), [{"kind": "scalar", "name": "n", "c_type": "int"}, {"kind": "text_sized", "name": "t", "length": "n"}]), "hisGetCardStatus: argument n stands twice"),
    ("length of nothing", lambda f: f[R]["csOpenCom"]["arguments"].append({"kind": "length", "name": "n"}), "csOpenCom: n: a length that belongs to no record"),
    ("count that is none", put(R, (MULTI, "arguments", 2, "count"), "iLen"), f"{MULTI}: pDataWrite: iLen is not a count argument"),
    ("alternatives without condition", drop(R, ("csGetCardNo", "steps", 1, "when")), "csGetCardNo: step basic: alternatives need a condition"),
    ("unknown operation", put(R, ("csOpenCom", "step", "reader"), "dance"), "csOpenCom: step: there is no reader operation dance"),
    ("unknown condition", put(R, ("csGetCardNo", "steps", 0, "when", "condition"), "sunny"), "step basic: there is no condition sunny"),
    ("condition on nothing", put(R, ("csGetCardNo", "steps", 0, "when", "argument"), "nothing"), "step basic: there is no argument nothing"),
    ("read that signs for a change", put(R, (TEL, "step", "sign"), "hc 02"), f"{TEL}: step: a read signs with service type 01"),
    ("tolerated status that is unknown", put(R, (TEL, "step", "tolerate"), [1]), f"{TEL}: step: tolerates 1, which status.yaml does not list"),
    ("cloud field without provenance", drop(R, (SEQ, "step", "body", "treatmentItem", "provenance")), f"{SEQ}: step: treatmentItem: a cloud field needs its provenance"),
    ("unknown converter of a value", put(R, (SEQ, "step", "body", "treatmentItem", "convert"), "upside_down"), "treatmentItem: there is no converter upside_down"),
    ("value from nothing", put(R, (SEQ, "step", "body", "treatmentItem", "argument"), "nothing"), "treatmentItem: there is no argument nothing"),
    ("field of one form only", put(REC, ("in", "treatment_code_7", "layout", 0, "name"), "other"), f"{DATA}: step write: afterCheck: there is no field pDataWrite.after_check in every form"),
    ("each of nothing", put(R, (MULTI, "step", "body", "prescriptions", "each"), "pDataWrite.nothing"), "prescriptions: there is no group pDataWrite.nothing"),
    ("field that the group lacks", put(R, (MULTI, "step", "body", "prescriptions", "fields", "days", "field"), "nothing"), "prescriptions: days: there is no field nothing in every form"),
    ("buffer that nothing fills", drop(R, (MULTI, "outputs", "pBuffer")), f"{MULTI}: pBuffer: nothing fills it"),
    ("output to nothing", lambda f: f[R][MULTI]["outputs"].update(x=f[R][MULTI]["outputs"]["pBuffer"]), f"{MULTI}: outputs: x is no argument"),
    ("output to a length", lambda f: f[R][MULTI]["outputs"].update(iLen=f[R][MULTI]["outputs"]["pBuffer"]), "outputs: iLen: cannot be written"),
    ("field that is not filled", drop(R, (MULTI, "outputs", "pBuffer", "groups", "signatures", "fields", "signature")), "outputs: pBuffer: signatures.signature of the record is not filled"),
    ("field that is none", put(R, (MULTI, "outputs", "pBuffer", "fields"), {"fax": {"json": "fax"}}), "outputs: pBuffer: fax is no field of the record"),
    ("source from nowhere", drop(R, (*TEL_FIELD, "json")), "outputs: pBuffer: tel: needs exactly one of json, constant"),
    ("source from two", put(R, (*TEL_FIELD, "constant"), "b"), "tel: needs exactly one of json, constant"),
    ("unknown converter of a reply", put(R, (*TEL_FIELD, "convert"), "upside_down"), "tel: there is no converter upside_down"),
    ("output of no step", put(R, (DATA, "outputs", "pBufferDocID", "step"), "nothing"), f"{DATA}: there is no step nothing"),
    ("result without value", drop(R, ("hisGetCardStatus", "result", "value")), "hisGetCardStatus: result: needs a value"),
    ("notice of no step", put(R, (DATA, "notices"), [{"step": "nothing", "json": "a", "equals": True, "code": 5010, "provenance": "design"}]), f"{DATA}: there is no step nothing"),
    ("notice of success", put(R, (SEQ, "notices", 0, "code"), 0), f"{SEQ}: notice: 0 is no legacy code"),
    ("notice of an unknown code", put(R, (SEQ, "notices", 0, "code"), 1234), f"{SEQ}: notice: 1234 is no legacy code"),
    ("text with fields", lambda f: f[R][DATA]["outputs"]["pBufferDocID"].update(fields={"a": {"json": "a"}}), "outputs: pBufferDocID: "),
    ("patient with another name of a text", put(R, (DATA, "arguments", 1, "id"), "pDateTime"), f"{DATA}: argument pDateTime stands twice"),
    ("patient without the card's signature", lambda f: [s.update(sign="sam 02") for s in f[R][DATA]["steps"] if "sign" in s], f"{DATA}: patient: no step signs with the health card"),
]  # fmt: skip


# What follows from something else is not written, and what stands in a row belongs together.
WRITTEN_FAULTS: list[tuple[str, Edit, str]] = [
    ("a stack", put(R, (TEL, "stack_bytes"), 8), f"rows.yaml: {TEL}: stack_bytes: is not written: it follows"),
    ("the status of most rows", put(R, (TEL, "status"), "mapped"), f"{TEL}: status: 'mapped' is not written"),
    ("an identity", put(R, (DATA, "identity"), {"id": "a", "birthday": "b"}), f"{DATA}: identity: is not written"),
    ("the usual length", put(R, (TEL, "arguments", 0, "length"), "iBufferLen"), f"{TEL}: arguments.0.length: 'iBufferLen' is not written"),
    ("a length behind its record", add(R, (TEL, "arguments"), {"kind": "length", "name": "iBufferLen"}), f"{TEL}: arguments.0: the length iBufferLen behind it is not written"),
    ("the usual names of a patient", put(R, (DATA, "arguments", 1, "id"), "pPatientID"), f"{DATA}: arguments.1.id: 'pPatientID' is not written"),
    ("two patients", add(R, (DATA, "arguments"), {"kind": "patient"}), f"{DATA}: arguments.4: a call names one patient"),
    ("a patient with a width", put(R, (DATA, "arguments", 1, "width"), 10), f"{DATA}: arguments.1.width: a patient has no such key"),
    ("an argument behind a patient", put(R, (DATA, "arguments", 2, "colour"), "red"), f"{DATA}: arguments.2.block.colour: Extra inputs"),
    ("an id of an only step", put(R, (TEL, "step", "id"), "query"), f"{TEL}: step.id: is not written"),
    ("an only step in a list", lambda f: f[R][TEL].update(steps=[{"id": "query", **f[R][TEL].pop("step")}]), f"{TEL}: steps: an only step is written as 'step'"),
    ("step and steps", put(R, (TEL, "steps"), []), f"{TEL}: step: a row has either a step or steps"),
    ("a step that is no mapping", put(R, (TEL, "step"), [1]), f"{TEL}: step: a mapping is expected"),
    ("the reply of an only step", put(R, (*TEL_OUT, "step"), "query"), f"{TEL}: outputs.pBuffer.step: is not written"),
    ("the notice of an only step", put(R, (SEQ, "notices", 0, "step"), "change"), f"{SEQ}: notices.0.step: is not written"),
    ("the result of an only step", put(R, ("hisGetCardStatus", "result", "step"), "query"), "hisGetCardStatus: result.step: is not written"),
    ("a signature in its parts", put(R, (TEL, "step", "signature"), {"kind": "hc", "service_type": "01"}), f"{TEL}: step.signature: is written as 'sign: hc 01'"),
    ("a signature that is none", put(R, (DATA, "steps", 2, "sign"), "hc02"), f"{DATA}: steps.2.sign: needs sam, hc, hpc or hpchc"),
    ("the title of the row", put(R, (*TEL_RECORD, "title"), "讀取緊急聯絡電話資料"), f"{TEL}: arguments.0.record.title: is not written: it is the row's own"),
    ("the row's own source", put(R, (*TEL_RECORD, "provenance"), "manual 3.3 §1.13"), f"{TEL}: arguments.0.record.provenance: is not written"),
    ("a record without name", drop(R, (*TEL_RECORD, "name")), f"{TEL}: arguments.0.record: a record of the row's own needs a name"),
    ("a record that exists", put(R, (*TEL_RECORD, "name"), "prescription_signatures"), f"{TEL}: record prescription_signatures: a record prescription_signatures exists already"),
    ("a layout with the argument", put(R, (*TEL_RECORD, "layout"), [FIELD]), f"{TEL}: arguments.0.record.layout: stands with the output"),
    ("a record without layout", drop(R, (*TEL_OUT, "layout")), f"{TEL}: outputs.pBuffer.layout: the parts of the record emergency_tel are missing"),
    ("a layout of a shared record", put(R, (MULTI, "outputs", "pBuffer", "layout"), [FIELD]), f"{MULTI}: outputs.pBuffer.layout: goes with a record of the row's own"),
    ("fields beside a layout", put(R, (*TEL_OUT, "fields"), {"tel": {"json": "tel"}}), f"{TEL}: outputs.pBuffer: fields and groups stand in the layout"),
    ("width and type apart", put(R, TEL_FIELD, {"name": "tel", "width": 14, "type": "text", "json": "tel"}), f"{TEL}: outputs.pBuffer.layout.0.width: is written as 'code: 12'"),
    ("a field without type", drop(R, (*TEL_FIELD, "text")), f"{TEL}: outputs.pBuffer.layout.0: needs exactly one of text, date"),
    ("a field of two types", put(R, (*TEL_FIELD, "code"), 14), f"{TEL}: outputs.pBuffer.layout.0: needs exactly one of text, date"),
    ("a field as wide as a word", put(R, (*TEL_FIELD, "text"), "wide"), f"{TEL}: outputs.pBuffer.layout.0.text: needs its width in bytes"),
    ("a shared record that says where from", put(REC, ("in", "prescription", "layout", 0, "fields", 0, "json"), "a"), "shared_records.yaml: in: prescription: layout.0: only an output says where a field comes from"),
    ("shared records that are no mapping", put(REC, ("in",), [1]), "shared_records.yaml: in: a mapping is expected"),
]  # fmt: skip


LOOKUP = {"fields": ["pDataWrite.main_code"], "condition": "squeezed", "reply": "icd"}
DECODED, WRITTEN = 1, 2  # positions of the steps in the row that looks codes up
LOOKUP_FAULTS: list[tuple[str, Edit, str]] = [
    ("bracketed record of nothing", put(R, (TEL, "arguments", 0, "bracketed"), "nothing"), f"{TEL}: pBuffer: there is no out-record nothing"),
    ("range of no scalar", put(R, (TEL, "arguments", 0, "range"), {"start": "iBufferLen", "end": "x"}), f"{TEL}: pBuffer: iBufferLen is no scalar"),
    ("for each of nothing", put(R, (DATA, "steps", DECODED, "for_each"), {**LOOKUP, "fields": ["pDataWrite.nothing"]}), "step decoded: there is no field pDataWrite.nothing in every form"),
    ("for each by no condition", put(R, (DATA, "steps", DECODED, "for_each"), {**LOOKUP, "condition": "sunny"}), "step decoded: there is no condition sunny"),
    ("for each of two origins", put(R, (DATA, "steps", DECODED, "for_each"), {**LOOKUP, "step": "write", "json": ["a"]}), "for_each: Value error, needs either fields, or step and json"),
    ("for each of no step", put(R, (DATA, "steps", DECODED, "for_each"), {"step": "nothing", "json": ["a"], "condition": "squeezed", "reply": "icd"}), "step decoded: there is no step nothing"),
    ("a value under no setting", put(R, (SEQ, "step", "body", "treatmentItem", "when"), {"setting": "upload.type", "value": "B1"}), "there is no setting upload.type with the value B1"),
    ("a value of the signature under a setting", put(R, (SEQ, "step", "body", "x"), {"signature": "samId", "when": {"setting": "upload.type", "value": "A1"}, "provenance": "assumed"}), "a value with a 'when' stands at the top of the body, and is none of the signature"),
    ("for each that uses no item", put(R, (DATA, "steps", DECODED, "body", "icd"), {"constant": "x", "provenance": "assumed"}), "step decoded: its body does not say where the item goes"),
    ("lookup in nothing", put(R, (DATA, "steps", WRITTEN, "body", "mainCode", "lookup"), "nothing"), "mainCode: there is no step nothing that runs for each of several"),
    ("step's notice of success", put(R, (TEL, "step", "notice"), 0), f"{TEL}: step: notice 0 is no legacy code"),
]  # fmt: skip


def test_the_part_itself_is_sound(tmp_path: Path) -> None:
    _load(tmp_path, lambda files: None)


@pytest.mark.parametrize(
    ("edit", "line"),
    [pytest.param(e, s, id=n) for n, e, s in SHAPE_FAULTS + CHECK_FAULTS + WRITTEN_FAULTS + LOOKUP_FAULTS],
)
def test_a_fault_is_found_and_its_place_named(tmp_path: Path, edit: Edit, line: str) -> None:
    faults = _faults(tmp_path, edit)
    assert any(line in fault for fault in faults), faults


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    def edit(files: Files) -> None:
        files[R][TEL]["colour"] = "red"
        del files[R][SEQ]["provenance"]
        files[R][TEL]["outputs"]["pBuffer"]["layout"][0]["text"] = -1
        files[VHC]["routes"][0]["path"] = "no slash"
        files[STA]["unlisted"]["cloud"] = "high"

    faults = _faults(tmp_path, edit)
    for place in (f"{TEL}: colour", f"{SEQ}: provenance", "layout.0.text", "routes[0]", "unlisted.cloud"):
        assert any(place in fault for fault in faults), place
    assert len(faults) >= 5


def test_all_unsound_rows_are_told_at_once(tmp_path: Path) -> None:
    def edit(files: Files) -> None:
        files[R][TEL]["step"]["reader"] = files[R][TEL]["step"].pop("cloud") and "dance"
        del files[R][TEL]["step"]["sign"]
        files[R][SEQ]["ordinal"] = 32
        files[R]["csGetCardNo"]["arguments"][1]["record"]["width"] = 13

    faults = _faults(tmp_path, edit)
    assert len(faults) == 3


def test_a_missing_directory_is_a_fault_and_no_trace(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        load_table(tmp_path / "nowhere")
    assert any("shared_records.yaml" in fault for fault in caught.value.faults)


def test_a_file_in_another_encoding_is_a_fault(tmp_path: Path) -> None:
    def edit(files: Files) -> None:
        files[VHC] = ""

    with pytest.raises(TableError):
        _load(tmp_path, edit)
    (tmp_path / VHC).write_bytes("routes: [] # 健保".encode("cp950"))
    with pytest.raises(TableError) as caught:
        load_table(tmp_path)
    assert any(fault.startswith("vhc.yaml: 'utf-8' codec") for fault in caught.value.faults)


def test_further_rows_come_from_extra_files(tmp_path: Path) -> None:
    _load(tmp_path, lambda files: None)
    extra = tmp_path / "site.yaml"
    row = copy.deepcopy(_part_of_the_real_table()[R][TEL]) | {"ordinal": 900}
    row["arguments"][0]["record"]["name"] = "site_tel"
    extra.write_text(json.dumps({"siteGetTel": row}, ensure_ascii=False), encoding="utf-8")
    assert load_table(tmp_path, (extra,)).functions["siteGetTel"].ordinal == 900
    extra.write_text(json.dumps({TEL: row}, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(TableError, match="a row of that name exists already"):
        load_table(tmp_path, (extra,))


def test_the_digest_changes_with_the_content_and_not_with_its_look(tmp_path: Path) -> None:
    _load(tmp_path, lambda files: None)
    first = load_table(tmp_path).digest
    content = json.loads((tmp_path / R).read_text(encoding="utf-8"))
    (tmp_path / R).write_text("# a comment\n" + yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    assert load_table(tmp_path).digest == first
    content[TEL]["summary"] = "Another."
    (tmp_path / R).write_text(json.dumps(content), encoding="utf-8")
    assert load_table(tmp_path).digest != first
    assert default_table().digest != first
