"""Certificates for servers of the tests: one that is right, for whoever trusts its maker, and those that are not."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

# What is wrong with it -> the name that it is for (None: 127.0.0.1), the days for which it is good from now, and
# whether those who know `Maker.bundle` know its maker.
KINDS = {
    "right": (None, (-1, 1), True),
    "self-signed": (None, (-1, 1), False),
    "of another host": ("elsewhere.example", (-1, 1), True),
    "expired": (None, (-3, -1), True),
}


class Maker:
    """Makes certificates in a directory. `bundle` is what one has to trust for the right one."""

    def __init__(self, directory: Path) -> None:
        pytest.importorskip("cryptography", reason="certificates are made with it")
        self._directory = directory
        self.bundle = directory / "bundle.pem"
        self._made = self._certificate("root", None, (-10, 10), None)
        self.bundle.write_bytes(self._pem(self._made[1]))

    def context(self, kind: str) -> ssl.SSLContext:
        """What a server with such a certificate speaks TLS with."""
        from cryptography.hazmat.primitives import serialization

        host, days, known = KINDS[kind]
        key, certificate = self._certificate("server", host, days, self._made if known else None)
        plain = serialization.NoEncryption()
        pem = serialization.Encoding.PEM
        path = self._directory / f"{kind.replace(' ', '-')}.pem"
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        path.write_bytes(private + self._pem(certificate))
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(path)
        return made

    @staticmethod
    def _pem(certificate: Any) -> bytes:
        from cryptography.hazmat.primitives import serialization

        return bytes(certificate.public_bytes(serialization.Encoding.PEM))

    @staticmethod
    def _certificate(
        title: str, host: str | None, days: tuple[int, int], maker: tuple[Any, Any] | None
    ) -> tuple[Any, Any]:
        """A key and its certificate, made by `maker`, or by itself."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        now = datetime.datetime.now(datetime.timezone.utc)
        first, last = (now + datetime.timedelta(days=day) for day in days)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, title)])
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1")) if host is None else x509.DNSName(host)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(maker[1].subject if maker else name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(first)
            .not_valid_after(last)
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.BasicConstraints(ca=title == "root", path_length=None), critical=True)
            .sign(maker[0] if maker else key, hashes.SHA256())
        )
        return key, certificate
