"""Tells the story of Sealwright in a minute, over a folder or a real API server: `python -m tools.demo`."""
