"""Masking: a trace in which everybody is invented, so that it can leave the hospital.

Which field is what is data (mappings/migration/mask.yaml); what stands in no known field is filled.
"""
