"""Where sealing certificates come from, and which one is accepted.

request      which one is wanted, and which accepted
sources      the one way to a certificate: file, URL, cluster
fromcluster  the ways to it in a cluster, one after the other
cache        what a cluster answered before
trust        why an answer of a cluster can be believed
ownfiles     reading files that nobody else can have written
judging      whether a certificate is fit to seal with
web          fetching a small file over HTTP
"""
