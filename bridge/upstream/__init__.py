"""The HTTPS border: the only room that knows httpx. Console and cloud look alike from here: JSON in, JSON
with statusCode out. The upload centre has a return code of its own.
"""
