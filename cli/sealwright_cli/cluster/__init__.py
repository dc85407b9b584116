"""What the command line asks of a cluster, and how it finds its way there as kubectl does.

controller      the controller's endpoints through the service proxy
address         where the controller is
refusals        what refusals mean, and what to do about each
podaccess       a port-forward to one of the controller's pods
keysecrets      the certificates in the key Secrets
connection      requests to one API server
identity        TLS, tokens, client certificates, impersonation
execplugin      credentials from a program
proxies         which proxy is in between
urls            URLs of servers and proxies, checked
kubeconfig      which cluster is meant, and as whom
kubeconfigfile  one kubeconfig file, read
"""
