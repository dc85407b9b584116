"""One object: what it says, what to do about it, and what to report. Pure.

decide            what to do, as a function of the current state
guards            what a SealedSecret must not make: sealing keys, types on which Kubernetes acts, finalizers
forms             which form of a SealedSecret was looked at
writemark         makes every applied change write its Secret
templatefailures  what may be told about templates that fail while they run
status            conditions, and what an earlier status says
reasons           the reasons that people and tools read
metadata          labels, annotations and owners, read leniently
"""
