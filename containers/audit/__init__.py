"""What each knob does in an image: probes of one value at a time, and the facts that they show.

The probe itself runs inside the image: workloads.harness.probe.
"""
