"""Signatures of bundles by SSH keys, made and checked by OpenSSH's own tool.

What is signed is a statement beside the bundle, `BUNDLE.signed.json`: the bundle's name, its sha256, and the time by
the signer's clock. The signature is `BUNDLE.signed.json.sig`. Who may sign is said by a file of allowed signers, as
`git` uses it (`ssh-keygen(1)`). A bundle needs no signature; one that has none is said to have none.
"""

import json
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from analysis.bundle.contents import sha256
from workloads.vocabulary.documents import parse, write_text
from workloads.vocabulary.errors import BundleError

# Signatures for anything else, such as commits, are none of a bundle.
_NAMESPACE = "threadmark"


@dataclass(frozen=True)
class Statement:
    """What is signed."""

    bundle: str  # the file's name
    sha256: str
    signed_at: str  # UTC, by the signer's clock


def statement_of(bundle: Path) -> Path:
    """Where a bundle's statement lies."""
    return bundle.with_name(f"{bundle.name}.signed.json")


def sign(bundle: Path, key: Path) -> Path:
    """Sign a bundle with a private SSH key; returns the signature's file. Raises BundleError."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    statement = statement_of(bundle)
    signature = statement.with_name(f"{statement.name}.sig")
    signature.unlink(missing_ok=True)
    document = Statement(bundle.name, sha256(_content(bundle)), now)
    write_text(statement, json.dumps(asdict(document), indent=2) + "\n")
    _ssh_keygen("sign", "-f", str(key), "-n", _NAMESPACE, str(statement), fault=f"{key} signs nothing")
    return signature


def signature_of(bundle: Path, signers: Path | None = None) -> str:
    """Who signed a bundle, in a sentence. `signers`: the allowed ones.

    Raises BundleError for a signature of something else, and for one of nobody among `signers`.
    """
    statement = statement_of(bundle)
    if not statement.is_file():
        if signers is not None:
            raise BundleError(f"{bundle} is not signed", f"ask for {statement.name} and its .sig")
        return "not signed: nothing shows who made it"
    text = statement.read_bytes()
    said = parse(Statement, text, str(statement))
    if said.sha256 != sha256(_content(bundle)):
        raise BundleError(f"{statement} is of another file than {bundle}", "do not use the bundle")
    signature = ["-s", f"{statement}.sig"]
    fault = f"{statement}.sig is no signature of {statement.name}"
    if signers is None:
        seen = _ssh_keygen("check-novalidate", "-n", _NAMESPACE, *signature, fault=fault, given=text)
        key = next((word for word in seen.split() if word.startswith("SHA256:")), "unknown")
        return f"signed at {said.signed_at} with key {key}; whose that is, a file of --signers says"
    nobody = f"{statement}.sig is of nobody whom {signers} names"
    names = _ssh_keygen("find-principals", "-f", str(signers), *signature, fault=nobody)
    name = names.splitlines()[0].strip()
    _ssh_keygen("verify", "-f", str(signers), "-I", name, "-n", _NAMESPACE, *signature, fault=fault, given=text)
    return f"signed by {name} at {said.signed_at}"


def _content(bundle: Path) -> bytes:
    try:
        return bundle.read_bytes()
    except OSError as error:
        raise BundleError(f"{bundle}: {error.strerror}", "name a bundle") from None


def _ssh_keygen(action: str, *words: str, fault: str, given: bytes = b"") -> str:
    try:
        done = subprocess.run(["ssh-keygen", "-Y", action, *words], input=given, capture_output=True, check=False)
    except FileNotFoundError:
        raise BundleError("ssh-keygen is missing", "install OpenSSH's client") from None
    if done.returncode != 0:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        raise BundleError(f"{fault} ({said[:200]})", "do not use it")
    return done.stdout.decode("utf-8", "replace")
