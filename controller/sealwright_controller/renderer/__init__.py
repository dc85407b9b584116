"""Renders the templates of SealedSecrets in processes of their own, so that no template can harm the controller.

rendering     one object's templates, as `decide` asks for them
templates     all templates of one object, in bounds
service       the renderers as a whole: how many, and what goes wrong with them
turns         who gets a renderer next, fairly over namespaces
process       one renderer, seen from the controller
frames        what goes over its pipes
child         the program at the other end
confinement   what the operating system keeps that to
zones         its time zones
"""
