"""Finished calls for the systems that hospitals watch with."""
