"""What is tried, by name.

table         all targets, by name
target        what a target is
sealed        ciphertexts that are the same in every run
envelopes     single ciphertexts
keymaterial   certificates, private keys, key Secrets
texts         YAML and JSON; Secrets that are sealed in their file, SealedSecrets that are changed in theirs
requests      HTTP requests, and the bodies for verify and rotate
templates     templates over any data
objects       SealedSecrets and Secrets of a cluster; an API server's answers
kubeconfigs   kubeconfigs
repositories  project files, versions to merge, files for lint, edited text, remembered digests
"""
