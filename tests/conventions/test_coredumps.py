"""What keeps the memory of a process off the disk."""

from tests.support.corefiles import check_switches_off


def test_no_core_goes_into_a_file_or_over_a_pipe() -> None:
    check_switches_off("sealwright_conventions.coredumps")
