"""The Gateway over an API server.

gateway     which paths, selectors and forms are requested
connecting  the connection to the API server; the only module that imports the official client
kubeconfig  kubeconfigs: the API server's address, how to verify it, and the credentials
transport   requests, streams, and their rate limit
tls         how the API server's certificate is verified
boundedjson answers as plain data, within bounds, whatever an object holds
onaccess    lists whose objects are read one by one
identity    checks that an answer identifies its object
errors      refusals and network failures as GatewayError
refusals    why a Secret was refused, without quoting it
keysecrets  recognises key Secrets and cuts them down to what is used
shown       SealedSecrets that a list or watch has just shown, so that they need no request
leases      the Lease of the leader
events      messages for people as core/v1 Events; repeated ones are counted
"""
