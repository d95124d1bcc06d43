"""Text and numbers of the fixed-width records: code page 950, padding, ROC dates, quantities, fees.

Pure functions.
"""
