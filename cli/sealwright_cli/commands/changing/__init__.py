"""Verbs that change single items of a sealed file in place.

set_items  new values, and new items
edit       the whole SealedSecret, in an editor
unset      items that go
rename     items that get another name
"""
