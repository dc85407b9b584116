"""The Gateway over an API server.

gateway     which paths, selectors and forms are asked for
connecting  the way to the API server; alone imports the official client
kubeconfig  kubeconfigs: where the API server is, how to recognise it, what to show it
transport   requests, streams, and the pace at which they go out
tls         how the API server is recognised
boundedjson answers as plain data, in bounds, whatever somebody put into one object
identity    whose an answer is
errors      what refusals and the network's failures mean, as GatewayError
refusals    why a Secret was not taken, in words that quote nothing
keysecrets  key Secrets, told from others and cut down to what is used of them
events      messages for people as core/v1 Events; repeated ones are counted
"""
