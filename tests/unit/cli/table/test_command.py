"""``cshis-bridge table coverage | docs | check --openapi``."""

from __future__ import annotations

import json
import shutil
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from click.testing import CliRunner, Result

from bridge.bhyt.document import chapter
from bridge.bhyt.loader import load_lookups
from bridge.cli.main import main
from bridge.table.document.functions import functions_page
from bridge.table.loader import default_directory, default_table, load_table

TEL = "/api/v1/EmergentTel/Write"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["table", *map(str, arguments)])


def small_document(*required: str) -> dict[str, Any]:
    """A document that knows one path: that of the emergency telephone number."""
    names = [*default_table().console.signature_fields("hc"), "tel", *required]
    schema = {"required": names, "properties": {name: {"type": "string"} for name in names}}
    body = {"content": {"application/json": {"schema": schema}}}
    paths = {TEL: {"post": {"requestBody": body, "responses": {}}}}
    return {"openapi": "3.0.1", "info": {"title": "NHI", "version": "v1"}, "paths": paths}


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    """A copy of the mapping files with one row that asks the cloud."""
    copied = tmp_path / "mappings"
    shutil.copytree(default_directory(), copied)
    text = (copied / "functions" / "1-writes.yaml").read_text(encoding="utf-8")
    start = text.index("hisWriteEmergentTel:")
    for file in (copied / "functions").glob("*.yaml"):
        file.unlink()
    row = text[start : text.index("\n\n", start)]
    (copied / "functions" / "1.yaml").write_text(f"# kept\n{row}  # kept\n", encoding="utf-8")
    (copied / "vhc.yaml").write_text("functions: {}\nroutes: []\n", encoding="utf-8")
    for other in ("vpn.yaml", "cutover.yaml"):
        (copied / other).unlink()
    return copied


def test_docs_are_printed_and_written(tmp_path: Path) -> None:
    page = functions_page(load_table(), [chapter(load_lookups())])
    assert run("docs").output == page
    assert run("docs", "--output", tmp_path / "made" / "functions.md").exit_code == 0
    assert (tmp_path / "made" / "functions.md").read_text(encoding="utf-8") == page


def test_coverage_names_every_function() -> None:
    counted = json.loads(run("coverage", "--json").output)
    assert set(counted["rows"]) == set(load_table().functions)
    assert "functions by their weakest fact" in run("coverage").output


def test_a_document_that_agrees_ends_with_0_and_raises_what_it_confirms(
    mappings: Path, tmp_path: Path
) -> None:
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(small_document()), encoding="utf-8")
    file = mappings / "functions" / "1.yaml"
    before = file.read_text(encoding="utf-8")
    result = run("check", "--openapi", document, "--mappings", mappings)
    assert result.exit_code == 0, result.output
    assert "1 cloud requests compared, 2 facts confirmed, 0 differences that break calls" in result.output
    assert file.read_text(encoding="utf-8") == before
    result = run("check", "--openapi", document, "--mappings", mappings, "--write")
    assert result.exit_code == 0, result.output
    assert "1.yaml: 1 provenances raised" in result.output
    after = file.read_text(encoding="utf-8")
    assert after == before.replace("provenance: assumed", "provenance: openapi NHI v1 (was assumed)")
    step = load_table(mappings).functions["hisWriteEmergentTel"].steps[0]
    assert step.body["tel"].provenance == "openapi NHI v1 (was assumed)"


def test_a_document_that_disagrees_ends_with_1_and_says_where(mappings: Path, tmp_path: Path) -> None:
    document = tmp_path / "openapi.yaml"
    document.write_text(yaml.safe_dump(small_document("reason")), encoding="utf-8")
    result = run("check", "--openapi", document, "--mappings", mappings)
    assert result.exit_code == 1
    assert (
        f"BREAKS hisWriteEmergentTel: POST {TEL}: the document requires the request field reason"
        in result.output
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[1, 2]", "not an OpenAPI 3 document"),
        (b"{a: [", "neither JSON nor YAML"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_what_is_no_document_is_said_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "broken").write_bytes(content)
    result = run("check", "--openapi", tmp_path / "broken")
    assert result.exit_code == 1
    assert message in result.output.splitlines()[-1]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = run("check", "--openapi", tmp_path / "gone.json")
    assert result.exit_code == 1
    assert "gone.json: No such file or directory" in result.output


def test_write_alone_is_refused() -> None:
    assert run("check", "--write").exit_code == 2


# --- over HTTPS ---------------------------------------------------------------------------------------------


class _Document(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/openapi.json"
        content = json.dumps(small_document()).encode()
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(content if found else b"")

    def log_message(self, *_: object) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    """Shakes hands when the first byte is read, so that a refused connection is closed as any other."""

    def handle_error(self, *_: object) -> None:
        """A client that refuses the certificate is what a test wants."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An HTTPS server with a certificate of its own authority. Out: its URL, the authority's file."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server = _Server(("127.0.0.1", 0), _Document)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"https://localhost:{server.server_port}", tmp_path / "ca.pem"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_document_is_fetched_with_its_certificate_verified(site: tuple[str, Path], mappings: Path) -> None:
    url, ca_file = site
    result = run("check", "--openapi", f"{url}/openapi.json", "--ca-file", ca_file, "--mappings", mappings)
    assert result.exit_code == 0, result.output
    assert "2 facts confirmed" in result.output


def test_an_unknown_certificate_is_refused(site: tuple[str, Path], mappings: Path) -> None:
    result = run("check", "--openapi", f"{site[0]}/openapi.json", "--mappings", mappings)
    assert result.exit_code == 1
    assert "CERTIFICATE_VERIFY_FAILED" in result.output


def test_an_http_error_is_named(site: tuple[str, Path], mappings: Path) -> None:
    url, ca_file = site
    result = run("check", "--openapi", f"{url}/gone", "--ca-file", ca_file, "--mappings", mappings)
    assert result.exit_code == 1
    assert "HTTP 404" in result.output


@pytest.mark.parametrize("name", ["VNHI_Upload", "vnhi_upload", "/V1000/VNHI_Upload", "/v2000/vnhi_upload"])
def test_a_service_is_shown_by_name_and_path(name: str) -> None:
    shown = run("show", name)
    assert shown.exit_code == 0
    for field in load_table().services["VNHI_Upload"].all_fields:
        assert f"`{field.name}` {field.term}" in shown.output


def test_a_method_of_the_component_is_shown_as_it_is_called() -> None:
    shown = run("show", "/VPN/VPNH_SignX").output
    assert "method of CsHisX: VPNH_SignX(pRandom, CardType, pServiceCode) -> text" in shown
    assert "ordinal" not in shown


def test_a_row_is_shown_in_the_words_of_the_mapping_files() -> None:
    lines = run("show", "hisGetBasicData").output.splitlines()
    assert "step: cloud POST /api/v1/BasicData/Query, sign hc 01  [seed 002 row 7]" in lines
    assert "pBuffer: basic_data, 72 bytes  [manual 3.3 §1.1], from the reply  [seed 002]" in lines
    (card,) = [line for line in lines if " card_no " in line]
    assert card.split() == ["0", "12", "code", "card_no", "卡片號碼", "<-", "cardSn", "(own_card_no)"]


def test_a_group_is_shown_once_with_its_list_and_a_steps_name_where_there_are_several() -> None:
    shown = run("show", "hisGetCriticalIllness").output
    assert "group, 6 times: critical_illnesses  <- the list criticalIllnesses" in shown
    assert shown.count("illness_code") == 2  # of the short form and of the ICD-10 form
    assert "step squeezed: cloud POST /api/v1/Icd/Encode, sign sam 01" in shown
    assert "ciCode (as found by squeezed)" in shown
