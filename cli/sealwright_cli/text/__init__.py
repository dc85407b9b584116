"""Manifests as text: read into nodes that know where they stand, changed in place, written. Knows no cluster."""
