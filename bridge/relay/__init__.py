"""Services of the upload centre that pass through the bridge."""
