"""Traces: what a program called and what it was answered, recorded by the DLL or the bridge.

Format (docs/reference/trace-format.md), files, recording and the fields of records stand here; what is done
with traces has rooms of its own: ``masking``, ``comparing``, ``replaying``, ``reporting``, ``worlds``,
``readiness``.
"""
