"""Kubeconfigs: which cluster is meant, and as whom, by the rules of kubectl's library (client-go's clientcmd).

choosing     the one cluster, user and context of several files and flags
credentials  what shows who speaks: tokens, header fields
execplugin   credentials from a program: what it is asked, and its answer
reading      the plain data of one file, read
stanzas      clusters, users, contexts, and what is wrong with them
"""
