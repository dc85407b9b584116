"""What people are told: messages, hints and exit statuses.

border     errors of the pure packages, turned into errors of the command
ui         the streams of a command, and the rules for messages
reports    plain data for programs, tables for people
progress   progress on a terminal
advice     hints on what to do next
naming     which words of a command line messages may repeat
errors     the errors of the command
exitcodes  the exit statuses
"""
