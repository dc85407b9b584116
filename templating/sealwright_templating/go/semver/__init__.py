"""Masterminds/semver, the Go package behind Sprig's semver functions: versions, and constraints on them."""
