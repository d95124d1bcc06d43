"""Simulators of the console (主控台) and the cloud (業務邏輯端) over one World of invented people, cards
and visits.

They are the oracle of the tests, so they import nothing else of the project: a mistake in the bridge
cannot hide here too.
"""
