"""The identities of all that this version makes."""

from pathlib import Path

from containers.images import recipe
from containers.images.declaration import declarations


def current_recipes(root: Path = recipe.ROOT) -> set[str]:
    """The identities of all that this version makes where no base is named: bases, environments and images."""
    identities = {recipe.base_identity(base="auto", base_image=None, root=root), recipe.census_identity(root)}
    for image in declarations(root):
        for identity in (recipe.environment_identity, recipe.context_identity):
            identities.add(identity(image=image.name, base="auto", base_image=None, root=root))
    return identities
