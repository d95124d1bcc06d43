"""The icon in Windows' notification area: how the bridge is, and what a person can do about it."""
