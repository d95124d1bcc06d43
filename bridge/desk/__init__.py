"""The desk: a page in the browser for the people at the counter. What it shows, and who may see it."""
