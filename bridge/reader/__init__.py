"""The card reader session behind the console.

Opened on demand, verified on demand, shared by all doors, one call at a time.
"""
