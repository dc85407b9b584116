"""What all tests share: the fixtures of the real API server, and Hypothesis' settings."""

from hypothesis import settings

pytest_plugins = ["tests.support.apiserver_fixtures"]

# No deadline: one slow example on a busy machine says nothing about the code.
settings.register_profile("default", deadline=None)
settings.load_profile("default")
