"""The machine under the engine, as plans and reports describe it.

Whether it is fit for a run is asked in containers.doctor.
"""
