"""The OpenAPI document of the HTTP doors, and its page."""
