"""``cshis-bridge doctor``: looks at everything a call needs and says in plain words what is wrong.

It looks only: it begins no console session, logs no card out, sends no business request, writes no file.
"""
