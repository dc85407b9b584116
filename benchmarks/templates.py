"""What a typical template costs beside Python's string.Template, in time and memory, and how cost grows with length."""

import gc
import statistics
import string
import time
import tracemalloc
from collections.abc import Callable

from sealwright_templating import Limits, parse, render

ROUNDS = 300
RENDERS = 1000
GROWING_ROUNDS = 5
LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
AMPLE = Limits(tokens=10_000_000, steps=100_000_000, memory_bytes=1 << 30, wall_seconds=600)
"""The longest text is larger than a template may be; how its cost grows is what is measured."""

TYPICAL = """\
# made by Sealwright
[database]
host = {{ .host }}
port = {{ .port | default "5432" }}
user = {{ .user | quote }}
password = {{ .password | quote }}
url = postgres://{{ .user }}:{{ .password | urlquery }}@{{ .host }}/{{ .database }}
{{- if .certificate }}
sslmode = verify-full
sslrootcert = {{ .certificate | b64enc }}
{{- else }}
sslmode = require
{{- end }}

[cache]
{{- range $index, $name := splitList "," .servers }}
server.{{ $index }} = {{ printf "%s:%d" $name 6379 }}
{{- end }}
token = {{ .token | trim | lower }}
region = {{ .region }}
"""
DATA: dict[str, str | bytes] = {
    "host": "db.example.com",
    "port": "5432",
    "user": "shop",
    "password": b"p@ss w\xc3\xb6rd/1+1=2",
    "database": "orders",
    "certificate": "-----BEGIN CERTIFICATE-----\n" + "A" * 1000,
    "servers": "cache-a,cache-b,cache-c",
    "token": "  SECRET ",
    "region": "eu-central-1",
}


def seconds(action: Callable[[], object]) -> float:
    """Return the median time of an action."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def one_template() -> None:
    """Print what parsing and rendering cost, and how many times a substitution in a text of that length that is."""
    template = parse(TYPICAL)
    template.render(DATA)  # imports what its functions need
    simple = TYPICAL.replace("{{ .", "${").replace(" }}", "}").replace("{{", "").replace("}}", "")
    names = {name: str(value) for name, value in DATA.items()}
    floor = seconds(lambda: string.Template(simple).safe_substitute(names))
    print(f"parse and render          {1000 * (both := seconds(lambda: render(TYPICAL, DATA))):6.3f} ms (at most 1)")
    print(f"render a parsed template  {1000 * seconds(lambda: template.render(DATA)):6.3f} ms")
    print(f"string.Template           {1000 * floor:6.3f} ms; parse and render / string.Template: {both / floor:.1f}")


def many_renders() -> None:
    """Print how memory grows while one parsed template is rendered over and over."""
    template = parse(TYPICAL)
    template.render(DATA)
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(RENDERS):
        template.render(DATA)
    gc.collect()
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"{RENDERS} renders: {after - before} bytes more than before, {(peak - before) / 1024:.0f} KiB at most")


def growing_texts() -> None:
    """Print the cost per kilobyte of texts of growing length, the best of a few rounds each."""
    data = {**DATA, "certificate": ""}
    for length in LENGTHS:
        text = TYPICAL * max(length // len(TYPICAL), 1)
        parsing, rendering = [], []
        for _ in range(GROWING_ROUNDS):
            gc.collect()
            start = time.perf_counter()
            template = parse(text, limits=AMPLE)
            parsed = time.perf_counter()
            template.render(data, limits=AMPLE)
            parsing.append(parsed - start)
            rendering.append(time.perf_counter() - parsed)
        per_kilobyte = 1e9 / len(text)
        print(
            f"{len(text):9} characters: parse {per_kilobyte * min(parsing):5.0f} µs/kB,"
            f" render {per_kilobyte * min(rendering):5.0f} µs/kB"
        )


def main() -> None:
    """Measure one after the other."""
    one_template()
    many_renders()
    growing_texts()


if __name__ == "__main__":
    main()
