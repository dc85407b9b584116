"""The path of the checkout that the tools work on."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
