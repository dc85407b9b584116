"""What a renderer costs beside rendering in process, as pairs in one run; how soon it is there, and its memory."""

import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from templates import DATA, TYPICAL

from sealwright_controller.objects.decide import Rendering
from sealwright_controller.renderer.frames import Request
from sealwright_controller.renderer.service import Renderers
from sealwright_controller.renderer.templates import TemplateRendering

PAIRS = 300
STARTS = 5
ITEMS: Mapping[str, bytes] = {key: value if isinstance(value, bytes) else value.encode() for key, value in DATA.items()}


def seconds(action: Callable[[], object]) -> float:
    """Return the time of an action."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def rendered(rendering: Rendering, texts: Mapping[str, str]) -> None:
    """Render all templates of an object, as a decision does."""
    rendering.expect("team-a", texts)
    for key, text in texts.items():
        rendering(key, text, ITEMS)


def pairs(renderers: Renderers, texts: Mapping[str, str], name: str) -> None:
    """Print what an object costs here and there, and how much more that is: on the clock, and of processors.

    On a machine that does much else the clock says how long a renderer waits for a processor.
    """
    renderers.ask("team-a", Request(dict(texts), ITEMS))
    (pid,) = renderers.pids()
    renderer_clock = (~pid << 3) | 2  # as clock_getcpuclockid(3) has it

    def used() -> float:
        return time.process_time() + time.clock_gettime(renderer_clock)

    more, more_used = [], []
    for _ in range(PAIRS):
        before = used()
        here = seconds(lambda: rendered(TemplateRendering(), texts))
        between = used()
        there = seconds(lambda: rendered(renderers.rendering(patient=False), texts))
        more.append(there - here)
        more_used.append(used() - between - (between - before))
    print(
        f"{name:24} {1000 * statistics.median(more):6.3f} ms more than in process (at most 1.5),"
        f" {1000 * statistics.median(more_used):6.3f} ms more of processors"
    )


def starts() -> None:
    """Print how soon a renderer answers for the first time, and what it has of memory then."""
    times = []
    for _ in range(STARTS):
        renderers = Renderers()
        times.append(seconds(lambda renderers=renderers: renderers.ask("a", Request({"a": "x"}, {}))))
        (pid,) = renderers.pids()
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        renderers.close()
    resident, own = (int(status.partition(f"{name}:")[2].split()[0]) / 1024 for name in ("VmRSS", "RssAnon"))
    print(f"first answer after       {1000 * statistics.median(times):6.0f} ms")
    print(f"memory at rest           {resident:6.1f} MiB resident, {own:.1f} MiB of them its own")


def main() -> None:
    """Measure one after the other."""
    with Renderers() as renderers:
        pairs(renderers, {"a": "x={{ .password }}"}, "one short template")
        pairs(renderers, {"config": TYPICAL}, "one typical template")
        pairs(renderers, {f"config-{number}": TYPICAL for number in range(10)}, "ten typical templates")
    starts()


if __name__ == "__main__":
    main()
