"""A software bill of materials for an image: its receipt and its lock as CycloneDX 1.6. Pure; no engine is asked.

The same content and lock give the same bytes: the serial number follows from the content's identity, and the time is
the latest that a file of the image may carry. A Python package has the hashes of every file that the lock admits for
it; the one that was installed is among them. Debian's packages are checked by apt's signatures and have no hashes here.

    python -m containers.images.sbom --receipt results/MACHINE/images/cpu.json --out results/MACHINE/images/cpu.cdx.json
"""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from containers.images.bootstrap import read_recipe
from containers.images.recipe import ROOT, Recipe, declaration_of, own_folder
from containers.images.wheels import Pin, plain_name, read_lock
from workloads.vocabulary import documents
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import ConfigError, RunError, command
from workloads.vocabulary.inventory import Package, Receipt

_SERIAL = uuid.uuid5(uuid.NAMESPACE_OID, "threadmark: bill of materials of an image")


def bill(receipt: Receipt, pins: list[Pin], epoch: int) -> str:
    """The bill of materials as JSON. `epoch`: seconds since 1970, the time that it carries."""
    image = Component(
        type=ComponentType.CONTAINER,
        name=f"threadmark/{receipt.image.name}",
        version=receipt.image.content,
        bom_ref="image",
        properties=[
            Property(name="threadmark:recipe", value=receipt.context),
            Property(name="threadmark:base", value=receipt.base),
        ],
    )
    locked = {(plain_name(pin.name), pin.version): pin for pin in pins}
    suite = re.match(r"bootstrap: Debian (\w+)", receipt.base)
    parts = [_component(package, locked, suite[1] if suite else None) for package in receipt.packages]
    bom = Bom(
        components=parts,
        serial_number=uuid.uuid5(_SERIAL, receipt.image.content),
        metadata=BomMetaData(component=image, timestamp=datetime.fromtimestamp(epoch, UTC)),
    )
    bom.register_dependency(image, parts)
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1) + "\n"


def _component(package: Package, locked: Mapping[tuple[str, str], Pin], suite: str | None) -> Component:
    if package.kind == "debian":
        qualifiers = {"distro": suite} if suite else None
        purl = PackageURL("deb", "debian", package.name, package.version, qualifiers)
        pin = None
    else:
        purl = PackageURL("pypi", None, plain_name(package.name), package.version)
        pin = locked.get((plain_name(package.name), package.version))
    return Component(
        type=ComponentType.LIBRARY,
        name=package.name,
        version=package.version,
        purl=purl,
        bom_ref=purl.to_string(),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in pin.hashes] if pin else None,
    )


def write(receipt_file: Path, out: Path, own: Path | None = None, root: Path = ROOT) -> None:
    """Write the bill of the image of a receipt; `own`: the folder of images that are none of the suite's.

    Raises RunError for the receipt, ImageError for the lock.
    """
    receipt = documents.read(Receipt, receipt_file)
    name = receipt.image.name
    try:
        what = Recipe(name, root=root, folder=own_folder(name, own, root))
        is_locked = declaration_of(name, root, what.folder).from_image is None
    except ConfigError:
        raise RunError(
            f"{receipt_file} is of image {name!r}, which has no recipe under {root / 'containers'}",
            "take the suite's version that wrote it",
        ) from None
    pins = read_lock(what.own / "requirements.lock") if is_locked else []
    write_text(out, bill(receipt, pins, read_recipe(what.common / "debian.toml").epoch))


def main(argv: list[str] | None = None) -> int:
    """Command line: write the bill of materials of one image."""
    parser = parser_of(main)
    parser.add_argument("--receipt", type=Path, required=True)
    parser.add_argument("--own", type=Path, help="where the folders of images lie that are none of the suite's")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args(argv)
    return command(lambda: write(arguments.receipt, arguments.out, arguments.own))


if __name__ == "__main__":
    raise SystemExit(main())
