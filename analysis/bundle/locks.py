"""The locks of a bundle's images: what they were built from, to build them again."""

from pathlib import Path

from analysis.bundle.contents import SUITE
from analysis.bundle.documents import check_documents
from analysis.bundle.rebuild import laid_out
from analysis.bundle.verify import whole
from workloads.vocabulary.errors import BundleError
from workloads.vocabulary.nearest import nearest


def lock_of(bundle: Path, image: str | None = None) -> str:
    """The lock of an image of a bundle, by default the one that its launches run in unless a setting names another.

    Raises BundleError for a bundle that is damaged, and for an image that it has no lock of.
    """
    machine, files = whole(bundle)
    if image is None:
        with laid_out(files) as folder:
            image = check_documents(folder, machine, str(bundle)).plan.default_image
    locks = {Path(name).stem: name for name in files if name.startswith("images/") and name.endswith(".lock")}
    ours = f"{SUITE}/containers/images/"
    locks |= {
        Path(name).parent.name: name
        for name in files
        if name.startswith(ours) and name.endswith("/requirements.lock") and name.count("/") == 4
    }
    if image not in locks:
        raise BundleError(f"{bundle} has no lock of an image {image!r}", nearest(image, locks))
    return files[locks[image]].decode("utf-8")
