"""The heart: plan (pure) -> execute -> outcome (pure). It never names a legacy function.

Whatever differs stands in the row.
"""
