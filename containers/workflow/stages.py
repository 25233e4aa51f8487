"""The stages beside the rounds that look at the machine and its images."""

import json

from containers.plan.config import Config
from containers.plan.make import turned
from workloads.vocabulary.plan import PEAKS_FILE, Plan
from workloads.vocabulary.record import identity, to_json
from workloads.vocabulary.stage import Stage


def before_rounds(plan: Plan) -> list[str]:
    """What must exist before a round is measured."""
    return ["plan.json", *(f"images/{image}.json" for image in plan.images)]


def stages(config: Config, plan: Plan) -> list[Stage]:
    """The stages that need no more of Snakemake than files, in the order in which they are run.

    What is measured stands when its code changes: what it depends on is in its parameters, or in an image's identity.
    """
    return [
        Stage(
            name="machine",
            follows_code=False,
            module="containers.host.machine",
            outputs=["machine.json"],
            arguments=["--name", plan.machine, "--out", "{results}/machine.json"],
        ),
        Stage(
            name="plan",
            follows_code=False,
            module="containers.plan.make",
            outputs=["plan.json", "config.yaml"],
            arguments=[
                *("--config-json", json.dumps(config.model_dump(mode="json"))),
                *("--config-out", "{results}/config.yaml"),
                *("--out", "{results}/plan.json"),
            ],
            params={"plan": identity(to_json(plan))},
        ),
        Stage(
            name="image",
            follows_code=False,
            module="containers.images.build",
            waits_for=["machine.json"],
            outputs=["images/{image}.json"],
            arguments=[
                *("--image", "{image}", "--own", str(config.own_images_place)),
                *("--base", config.base),
                *(["--base-image", config.base_image] if config.base_image else []),
                *("--out", "{results}/images/{image}.json"),
                *("--builder-log", "{log}"),
            ],
            retries=1,  # the only stage that uses the network
            params={"context": lambda wildcards: plan.images[wildcards.image]},
        ),
        Stage(
            name="sbom",
            module="containers.images.sbom",
            inputs=["images/{image}.json"],
            outputs=["images/{image}.cdx.json"],
            arguments=[
                *("--receipt", "{results}/images/{image}.json", "--own", str(config.own_images_place)),
                *("--out", "{results}/images/{image}.cdx.json"),
            ],
        ),
        Stage(
            name="audit",
            follows_code=False,
            module="containers.audit",
            inputs=["images/{image}.json"],
            waits_for=["plan.json"],
            outputs=["audit/{image}.json"],
            arguments=["--results", "{results}", "--image", "{image}", "--out", "{results}/audit/{image}.json"],
            measures=True,
            # What is probed: the knobs that the config turns, and the probe itself, which is in the image.
            params={
                "knobs": identity([config.audit, *sorted(turned(plan))]),
                "context": lambda wildcards: plan.images[wildcards.image],
            },
        ),
        Stage(
            name="peaks",
            follows_code=False,
            module="containers.rounds.peaks",
            waits_for=before_rounds(plan),
            outputs=[PEAKS_FILE],
            arguments=["--results", "{results}", "--log", "{log}"],
            measures=True,
            params={"contexts": plan.images},
        ),
    ]
