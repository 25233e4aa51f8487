"""NVIDIA's GPUs: which ones the driver knows, and whether the engine can hand them out."""

import docker.errors
import docker.types
import pynvml
from docker.models.containers import Container

from containers.engine import connection as engine
from containers.engine.container import fleeting
from containers.engine.labels import PROBE
from workloads.vocabulary.errors import EngineError


def names() -> list[str]:
    """The NVIDIA GPUs that this machine's driver knows; none where there is no driver."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
        return [str(pynvml.nvmlDeviceGetName(handle)) for handle in handles]
    except pynvml.NVMLError:
        return []
    finally:
        pynvml.nvmlShutdown()


def missing(client: engine.Client) -> EngineError | None:
    """Why the engine cannot hand out an NVIDIA GPU; None if it can."""
    if not names():
        return EngineError("no NVIDIA driver with a GPU on this machine")
    return refused(client)


def refused(client: engine.Client) -> EngineError | None:
    """Ask the engine itself: a container with the device and nothing in it to execute.

    The device is attached before the command is looked for, so "no such file" means that it was there.
    """
    with engine.engine_errors("asking for a GPU"):
        image = engine.empty_image(client)

        def create() -> Container:
            devices = [docker.types.DeviceRequest(count=-1, capabilities=[["gpu"]])]
            return client.containers.create(
                image, command=["/absent"], labels=PROBE, network_mode="none", device_requests=devices
            )

        try:
            with fleeting(create) as container:
                container.start()
        except docker.errors.APIError as error:
            return read_refusal(str(error.explanation or error))
        finally:
            client.images.remove(image, force=True)
    return None


def read_refusal(message: str) -> EngineError | None:
    """What an engine's refusal to start says of the device; None if the device was there."""
    if "could not select device driver" in message:
        return EngineError(
            "the engine has no NVIDIA device driver", "install the NVIDIA Container Toolkit and restart the engine"
        )
    if "/absent" in message and "nvidia" not in message.lower():
        return None
    return EngineError(f"the engine refuses a GPU: {message.strip().splitlines()[-1]}")
