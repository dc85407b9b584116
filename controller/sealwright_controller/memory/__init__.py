"""What is remembered about objects between two looks, within bounds.

inventory         which objects exist, and which changes need a look
keywork           how much private-key work an object gets at a time, and its partial result when time runs out
hopeless          objects that no key opened, so that the same keys are not tried again
endingnamespaces  namespaces that are being deleted, so that nothing is created there
missingkeys       which objects need which keys, to report objects whose key is gone
othercontroller   whether sealed-secrets' controller works on the same objects
secretinventory   which Secrets exist, and which of their changes are somebody else's
owedreports       reports about new objects that come after other objects' Secrets
truths            what statuses said when they were last right, to recognise conditions that others wrote
statusmemory      what statuses would say, where statuses are not written
"""
