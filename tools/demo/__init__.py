"""Demonstrates Sealwright in a minute, over a folder or a real API server: `python -m tools.demo`."""
