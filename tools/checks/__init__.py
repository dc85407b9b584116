"""Checks of the whole product: coverage, kubeseal's recorded cases, objects that try to stop the controller, chaos."""
