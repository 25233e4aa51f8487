"""Signatures by real keys and OpenSSH's own tool; and files of another suite inside a bundle."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from analysis.bundle.__main__ import main
from analysis.bundle.contents import CLAIMS_FILE
from analysis.bundle.signature import sign, signature_of, statement_of
from analysis.bundle.verify import verify
from tests.made.bundles import packed, small_bundle, small_files, summed
from workloads.vocabulary.errors import BundleError


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the keys of two people, and a file that allows the first of them."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ada", "eve"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
        subprocess.run(command, check=True)
    public = (folder / "ada.pub").read_text()
    (folder / "allowed").write_text(f'ada@example.org namespaces="threadmark" {public}')
    return folder


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "machine.tar.xz"
    path.write_bytes(small_bundle())
    return path


def test_a_signature_says_who_signed(bundle: Path, keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sign", str(bundle), "--key", str(keys / "ada")]) == 0
    assert "machine.tar.xz.signed.json.sig" in capsys.readouterr().out
    assert signature_of(bundle, keys / "allowed").startswith("signed by ada@example.org at 20")
    assert "whose that is, a file of --signers says" in signature_of(bundle)
    assert main(["verify", str(bundle), "--signers", str(keys / "allowed")]) == 0
    assert "signed by ada@example.org" in capsys.readouterr().out


def test_an_unsigned_bundle_is_said_to_be_one_and_refused_where_a_signer_is_asked_for(bundle: Path, keys: Path) -> None:
    assert signature_of(bundle) == "not signed: nothing shows who made it"
    with pytest.raises(BundleError, match="is not signed"):
        signature_of(bundle, keys / "allowed")


def test_another_file_under_the_signed_name_is_refused(bundle: Path, keys: Path) -> None:
    sign(bundle, keys / "ada")
    bundle.write_bytes(bundle.read_bytes() + b"\0")
    with pytest.raises(BundleError, match="of another file"):
        signature_of(bundle, keys / "allowed")


def test_a_statement_that_was_changed_is_refused(bundle: Path, keys: Path) -> None:
    sign(bundle, keys / "ada")
    statement = statement_of(bundle)
    statement.write_text(statement.read_text().replace('"signed_at": "20', '"signed_at": "19'))
    for signers in (None, keys / "allowed"):
        with pytest.raises(BundleError, match="no signature of"):
            signature_of(bundle, signers)


def test_a_signer_whom_nobody_allowed_is_refused(bundle: Path, keys: Path) -> None:
    sign(bundle, keys / "eve")
    with pytest.raises(BundleError, match="of nobody whom"):
        signature_of(bundle, keys / "allowed")


def test_a_key_that_is_none_is_named(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sign", str(bundle), "--key", str(tmp_path / "absent")]) == 2
    assert "absent signs nothing" in capsys.readouterr().err


def test_a_file_of_another_suite_in_a_bundle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "foreign.tar.xz"
    files = small_files()
    path.write_bytes(packed(summed({**files, CLAIMS_FILE: files[CLAIMS_FILE] + b"\n"})))
    verification = verify(path)
    assert CLAIMS_FILE in verification.foreign
    said = "\n".join(verification.sentences())
    assert f"not this suite's: {CLAIMS_FILE}; the bundle's verdicts on claims are by its own" in said


def test_a_bundle_of_this_suite_has_no_foreign_file(bundle: Path) -> None:
    assert verify(bundle).foreign == []
