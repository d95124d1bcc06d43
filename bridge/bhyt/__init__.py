"""Viet Nam's health-insurance look-ups, from their model to their routes."""
