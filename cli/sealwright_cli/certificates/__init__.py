"""Where sealing certificates come from, and which one is accepted.

request      which certificate is wanted, and which is accepted
sources      the entry point: file, URL, cluster
fromcluster  the ways to the certificate in a cluster, tried in order
cache        certificates remembered from clusters
trust        what makes a cluster's answer trustworthy
ownfiles     reads files that only this user can have written
judging      checks whether a certificate is fit to seal with
web          fetches a small file over HTTP
"""
