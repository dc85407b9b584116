"""What programs of Go and Kubernetes agree on, for both of ours: flags, durations, kubeconfigs. Reads no file.

flags       command lines with variables beside them
flagkinds   the kinds of values that flags take
flaghelp    how the help shows flags
durations   texts such as 1h30m
kubeconfig  which cluster is meant, and as whom
words       which words a message may repeat
coredumps   no core files of a process
"""
