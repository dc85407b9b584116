"""Renders one hostile template, given on standard input, and says what came of it at what cost; see test_abuse.py."""

import json
import resource
import sys
import time
from pathlib import Path

from sealwright_templating import TemplateError, render


def most_memory_kib() -> int:
    """Return the most memory that this process ever had, in KiB, without what its parent had when it began."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux, getrusage counts the parent's
        return int(status.read_text().partition("VmHWM:")[2].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Print a JSON object: outcome ("rendered" or the error's class), text, seconds of CPU, and the most memory in KiB."""
    template = json.load(sys.stdin)
    start = time.process_time()
    try:
        outcome, text = "rendered", render(template, {}, name="config").decode(errors="replace")
    except TemplateError as error:
        outcome, text = type(error).__name__, str(error)
    seconds = time.process_time() - start
    memory = most_memory_kib()
    json.dump({"outcome": outcome, "text": text, "seconds": seconds, "memory_kib": memory}, sys.stdout)


if __name__ == "__main__":
    main()
