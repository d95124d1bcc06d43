"""Traces: what a program called and what it was answered, recorded by the DLL or the bridge.

They are masked, replayed, compared and reported on here. Format: docs/trace-format.md.
"""
