"""A small table with every kind of argument: enough to build and drive the native library."""

from bridge.table.loader import default_table
from bridge.table.model.arguments import (
    BlockArgument,
    CountArgument,
    IgnoredArgument,
    LengthArgument,
    RecordArgument,
    ScalarArgument,
    TextArgument,
    TextOutArgument,
)
from bridge.table.model.records import FieldSpec, RecordSpec
from bridge.table.model.rows import Function, Table
from bridge.table.model.statuses import Status, StatusMap

UNREACHABLE, UNREACHABLE_OPEN, BAD_ARGUMENT, MISMATCH, NOT_SUPPORTED, INTERNAL = 4000, -1, 6018, -2, -2, 4000


def _status(code: int, **contexts: int) -> Status:
    return Status(meaning="狀態", legacy=code, contexts=contexts, provenance="test")


def _text(name: str, width: int, terminated: bool = True) -> TextArgument:
    return TextArgument(kind="text", name=name, width=width, terminated=terminated)


def _record(record: str = "basic") -> tuple[RecordArgument, LengthArgument]:
    return (
        RecordArgument(kind="record", name="pBuffer", record=record, length="iBufferLen"),
        LengthArgument(kind="length", name="iBufferLen"),
    )


def _function(
    name: str,
    *arguments: object,
    contexts: tuple[str, ...] = (),
    ordinal: int | None = None,
    status: str = "mapped",
) -> Function:
    return Function(
        name=name,
        section="1.1",
        title="讀取資料 */",
        summary="for tests",
        status=status,
        provenance="test",
        ordinal=ordinal,
        stack_bytes=4 * len(arguments),
        arguments=arguments,
        contexts=contexts,
    )


def small_table() -> Table:
    """Rows named as real ones, of which the arguments matter and nothing else."""
    rows = (
        _function(
            "csOpenCom",
            ScalarArgument(kind="scalar", name="pComNum", c_type="int"),
            contexts=("open",),
            ordinal=32,
        ),
        _function("csCloseCom", ordinal=33),
        _function("hisGetBasicData", *_record(), ordinal=48),
        _function(
            "hisGetSeqNumber256", _text("cTreatItem", 2), _text("cTreatAfterCheck", 1, False), *_record()
        ),
        _function(
            "hisWriteMultiPrescript",
            BlockArgument(kind="block", name="pDataWrite", forms=("line",), count="iWriteCount"),
            CountArgument(kind="count", name="iWriteCount", most=60),
        ),
        _function(
            "hisGetICD10EnC",
            _text("pIN", 8),
            TextOutArgument(kind="text_out", name="pOUT", width=6),
            ordinal=84,
        ),
        _function(
            "hpcGetHPCStatus",
            ScalarArgument(kind="scalar", name="Req", c_type="short"),
            LengthArgument(kind="length", name="Status"),
        ),
        _function("hpcGetAllData", *_record(), status="unsupported"),
        _function(
            "HCA_GNFuncCall",
            IgnoredArgument(kind="ignored", name="P1", c_type="long"),
            *_record(),
            IgnoredArgument(kind="ignored", name="pMore", c_type="char *"),
        ),
    )
    record = RecordSpec(
        width=72, title="基本資料", provenance="test", layout=(FieldSpec(name="all", width=72),)
    )
    line = RecordSpec(width=44, title="醫令", provenance="test", layout=(FieldSpec(name="all", width=44),))
    statuses = StatusMap(
        legacy_codes={},
        vhc_codes={},
        unlisted={"transport": 4000, "bridge": 4000},
        sources={
            "transport": {
                "bridge-unreachable": _status(UNREACHABLE, open=UNREACHABLE_OPEN),
                "bad-argument": _status(BAD_ARGUMENT),
                "shim-mismatch": _status(MISMATCH, open=-1),
                "not-supported": _status(NOT_SUPPORTED),
            },
            "bridge": {"internal": _status(INTERNAL, open=-1)},
        },
    )
    return Table(
        functions={row.name: row for row in rows},
        records_out={"basic": record},
        records_in={"line": line},
        statuses=statuses,
        routes=(),
        console=default_table().console,
        digest="test-table",
    )
