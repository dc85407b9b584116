"""What is remembered of objects between two looks at them, in bounds.

inventory         which objects there are, and which changes are worth a look
keywork           how much private-key work an object gets at a time, and what is kept of one whose time was over
hopeless          objects that no key opened, so that nobody tries the same keys again
endingnamespaces  namespaces that are being deleted, so that nothing is tried there
missingkeys       which objects need which keys, so that it is known what a key that is gone was needed for
statusmemory      what statuses would say, where none are to be written
"""
