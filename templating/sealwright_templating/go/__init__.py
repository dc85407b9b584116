"""What stands in for packages of Go's, each under its name there: fmt, time, encoding/json, regexp, crypto/x509."""
