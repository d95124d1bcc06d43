"""Long work in parts: done side by side by processes or a cluster, kept as they are done, taken up again."""
