"""Kubeconfigs: the chosen cluster, user and context, by the rules of kubectl's library (client-go's clientcmd).

choosing     chooses one cluster, user and context from several files and flags
credentials  how the user authenticates: tokens, header fields
execplugin   credentials from a program: how it is started, and what it answers
flags        kubectl's flags about the cluster
reading      reads the plain data of one file
stanzas      clusters, users, contexts, and their validation
"""
