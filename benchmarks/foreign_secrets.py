"""Memory of the controller beside a thousand large Secrets that are none of its business, also after a restart."""

import argparse
import base64
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.cluster import CLIENTS, MIB, NAMESPACE, api_server
from benchmarks.rows import Row
from tests.support.installation import Installation

MAX_GROWTH_MIB = 10
MAX_MIB = 103


def make_secrets(installation: Installation, count: int, size: int) -> None:
    """Create so many Secrets of about `size` bytes of random data."""

    def one(number: int) -> None:
        data = {"blob": base64.b64encode(os.urandom(size)).decode()}
        metadata = {"name": f"foreign-{number}", "namespace": NAMESPACE}
        installation.kube.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data})

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(one, range(count)))


def measure(installation: Installation, count: int, size: int) -> None:
    """Print the figures."""
    installation.install()
    installation.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    controller = installation.controller
    controller.start()
    before = controller.resident_bytes() / MIB
    make_secrets(installation, count, size)
    after = controller.resident_bytes() / MIB
    controller.stop()
    controller.start()
    again = controller.resident_bytes() / MIB
    Row(
        f"resident memory beside {count:,} Secrets of {size // 1000} KB of others",
        f"{before:.0f} → {after:.0f} MiB, {again:.0f} MiB after a restart",
        reach=f"growth ≤ {MAX_GROWTH_MIB} MiB, ≤ {MAX_MIB} MiB in all",
        is_reached=max(after, again) - before <= MAX_GROWTH_MIB and max(after, again) <= MAX_MIB,
        upstream="41 → 103 MiB",
    ).show()


def main() -> None:
    """Start an API server, install, measure, clean up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--secrets", type=int, default=1000)
    parser.add_argument("--bytes", type=int, default=50_000)
    arguments = parser.parse_args()
    with api_server() as installation:
        measure(installation, arguments.secrets, arguments.bytes)


if __name__ == "__main__":
    main()
