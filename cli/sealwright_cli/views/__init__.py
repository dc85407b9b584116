"""A SealedSecret as text that a person edits, and what became of it.

wanted    what the edited text asks for, compared with the file
changing  the changes of the file's text that this needs
marks     how items stand in the text: <sealed>, <base64 …>, values
page      the whole text: written, read, with the reason of a mistake at its top
editor    which editor, and running it
storage   where the text lies, and how it goes, after a crash too
"""
