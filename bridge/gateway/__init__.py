"""The lookups of Viet Nam and the way through to the portal alone, on several workers (``serve-bhyt``).

``supervisor`` starts the workers and sees to it that they live; each is a ``worker``, which puts together
what it serves; ``door`` is what its clients reach.
"""
