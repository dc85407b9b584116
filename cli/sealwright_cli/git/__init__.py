"""What Git and the commands do for each other.

settings    the drivers in Git's configuration, and the attributes that choose them
patterns    which files the attributes are for
driver      merging three versions of a file, as Git asks for it
trees       the SealedSecrets of files, folders and revisions
repository  what is asked of git
"""
