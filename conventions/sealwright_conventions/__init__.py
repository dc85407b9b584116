"""What programs of Go and Kubernetes agree on, for both of ours: flags, durations, kubeconfigs. Reads no file.

flags       command lines with variables beside them
flagkinds   the kinds of values that flags take
durations   texts such as 1h30m
words       which words a message may repeat
coredumps   no core files of a process
"""
