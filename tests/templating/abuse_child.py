"""Renders one hostile template, given on standard input, and says what came of it at what cost; see test_abuse.py."""

import json
import resource
import sys
import time

from sealwright_templating import TemplateError, render


def main() -> None:
    """Print a JSON object: outcome ("rendered" or the error's class), text, seconds of CPU, and the most memory in KiB."""
    template = json.load(sys.stdin)
    start = time.process_time()
    try:
        outcome, text = "rendered", render(template, {}, name="config").decode(errors="replace")
    except TemplateError as error:
        outcome, text = type(error).__name__, str(error)
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    json.dump({"outcome": outcome, "text": text, "seconds": seconds, "memory_kib": memory}, sys.stdout)


if __name__ == "__main__":
    main()
