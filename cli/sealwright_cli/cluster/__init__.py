"""What the commands ask of a cluster, and how they reach it: in the same way as kubectl.

controller      the controller's endpoints through the service proxy
address         the controller's Service
refusals        what refusals mean, and a hint for each
batches         asks about many objects, no faster than it answers
objectstate     the status of one SealedSecret, and what is in its way
podaccess       a port-forward to one of the controller's pods
keysecrets      the certificates in the key Secrets
connection      requests to one API server
identity        TLS, tokens, client certificates, impersonation
execplugin      credentials from a program
proxies         which proxy is used
urls            URLs of servers and proxies, checked
kubeconfig      the chosen cluster and user
kubeconfigfile  reads one kubeconfig file
"""
