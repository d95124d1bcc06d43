"""The facade's certificate: made once, kept while it fits, made anew when it does not. The simulators'."""

import contextlib
import os
import ssl
import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from bridge.errors import ConfigError
from bridge.serving.certificate import ensure_certificate
from bridge.serving.certificate_making import fresh_certificate

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A set of files made at NOW, as bytes by name. Making keys takes a while."""
    files = ensure_certificate(tmp_path_factory.mktemp("made"), NOW)
    return {file.name: file.read_bytes() for file in files}


@pytest.fixture
def directory(tmp_path, made):
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "facade.key").chmod(0o600)
    return tmp_path


def load(file):
    return x509.load_pem_x509_certificate(file.read_bytes())


def test_extensions(directory):
    certificate, _, authority = map(load_any, ensure_certificate(directory, NOW))
    certificate.verify_directly_issued_by(authority)
    assert isinstance(certificate.public_key(), rsa.RSAPublicKey)
    assert certificate.public_key().key_size == 2048
    assert certificate.not_valid_after_utc == authority.not_valid_after_utc == NOW + timedelta(days=3650)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH]
    constraints = [
        c.extensions.get_extension_for_class(x509.BasicConstraints) for c in (certificate, authority)
    ]
    assert [(c.critical, c.value.ca) for c in constraints] == [(True, False), (True, True)]
    usage = authority.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.digital_signature) == (True, False)
    issued_by = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    subject = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert issued_by.key_identifier == subject.digest


def load_any(file):
    return load(file) if file.suffix == ".pem" else None


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_only_the_owner_can_read_the_key(tmp_path):
    old = os.umask(0)
    try:
        _, key, _ = ensure_certificate(tmp_path / "new" / "deep", NOW)
    finally:
        os.umask(old)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert sorted(file.name for file in key.parent.iterdir()) == ["facade-ca.pem", "facade.key", "facade.pem"]


def test_kept_while_it_can_be_used(directory, made, caplog):
    files = ensure_certificate(directory, NOW + timedelta(days=3650 - 31))
    assert {file.name: file.read_bytes() for file in files} == made
    assert not caplog.records


def drop(name):
    return lambda directory: (directory / name).unlink()


def damage(name):
    return lambda directory: (directory / name).write_bytes((directory / name).read_bytes()[:300])


def swap_authority(directory):
    other = ensure_certificate(directory / "other", NOW)[2]
    (directory / "facade-ca.pem").write_bytes(other.read_bytes())


def swap_key(directory):
    other = ensure_certificate(directory / "other", NOW)[1]
    (directory / "facade.key").write_bytes(other.read_bytes())


def open_key(directory):
    (directory / "facade.key").chmod(0o644)


@pytest.mark.parametrize(
    ("spoil", "after", "reason"),
    [
        (drop("facade.pem"), 0, "incomplete or damaged"),
        (drop("facade.key"), 0, "incomplete or damaged"),
        (drop("facade-ca.pem"), 0, "incomplete or damaged"),
        (damage("facade.pem"), 0, "incomplete or damaged"),
        (damage("facade.key"), 0, "incomplete or damaged"),
        (swap_authority, 0, "incomplete or damaged"),
        (swap_key, 0, "do not belong together"),
        (open_key, 0, "others could read the key"),
        (lambda directory: None, 3650 - 30, "the old one ends on 2035-12-30"),
        (lambda directory: None, -2, "not valid yet"),
    ],
)  # fmt: skip
def test_made_anew_with_a_line_in_the_log(directory, made, caplog, spoil, after, reason):
    spoil(directory)
    now = NOW + timedelta(days=after)
    certificate, key, authority = ensure_certificate(directory, now)
    assert reason in caplog.messages[-1]
    assert certificate.read_bytes() != made["facade.pem"]
    assert load(certificate).not_valid_after_utc == now + timedelta(days=3650)
    load(certificate).verify_directly_issued_by(load(authority))
    again = [file.read_bytes() for file in (certificate, key, authority)]
    assert [file.read_bytes() for file in ensure_certificate(directory, now)] == again


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match="certificate cannot be written"):
        ensure_certificate(tmp_path / "file", NOW)


# --- for one run --------------------------------------------------------------------------------------------


def test_a_fresh_certificate_is_another_one_each_time(tmp_path):
    files = fresh_certificate(tmp_path / "sim")
    before = [file.read_bytes() for file in files]
    assert fresh_certificate(tmp_path / "sim") == files
    assert not set(before) & {file.read_bytes() for file in files}
    load(files[0]).verify_directly_issued_by(load(files[2]))
    with pytest.raises(InvalidSignature):
        load(files[0]).verify_directly_issued_by(x509.load_pem_x509_certificate(before[2]))


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes of files")
def test_the_key_is_for_its_owner_only_and_the_authority_s_is_not_kept(tmp_path):
    files = fresh_certificate(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {file.name for file in files}
    assert stat.S_IMODE(files[1].stat().st_mode) == 0o600


def test_a_client_that_looks_closely_trusts_it(tmp_path):
    """A handshake in memory, as strict as Python can be."""
    certificate, key, authority = fresh_certificate(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    client = ssl.create_default_context(cafile=str(authority))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname="127.0.0.1"),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for end in ends:
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
    assert ends[0].version() == "TLSv1.3"
    assert ends[0].getpeercert()["subjectAltName"][0] == ("DNS", "localhost")
