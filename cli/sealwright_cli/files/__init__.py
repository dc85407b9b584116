"""Which files are read, and where results are written.

inputs         which files are read, in which order
choosing       which files of a folder are left out: --exclude, .gitignore
bounds         how far links may lead: not out of a repository
globs          globs as in .gitignore
templatefiles  files that are not manifests: templates such as Helm's, and broken files in a folder
history        earlier versions of a file, in its git repository
gitrunning     the one way to run git
rewriting      the one way to write a changed file in its place: read back first
parallel       work on many files by several processes
disk           reading and writing whole files, terminals
replacing      replacing one file by another
places         folders and files by descriptors, safe where others may write
"""
