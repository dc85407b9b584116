"""Replacements for Go's packages, each under its name there: fmt, time, encoding/json, regexp, crypto/x509."""
