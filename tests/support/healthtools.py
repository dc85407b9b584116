"""What GitOps tools make of an object: kstatus, expressions in CEL as Flux reads them, and Argo CD's scripts.

kstatus and CEL are the Go libraries themselves. The scripts are our own, by the rules of Argo CD's for SealedSecrets;
they run in Lua 5.1, the version that Argo CD embeds.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lupa.lua51 import LuaRuntime
from tools.building.gobuilds import NotBuiltError
from tools.building.make_healthjudge import build

Object = Mapping[str, Any]

_WAITING = """
local waiting = {status = "Progressing", message = "waiting for the controller"}
"""
_DELETED = """
if obj.metadata.deletionTimestamp ~= nil then
  return {status = "Progressing", message = "is being deleted"}
end
"""
_BEHIND = """
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return waiting
end
"""
_SYNCED = """
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.type == "Synced" and condition.status == "False" then
      return {status = "Degraded", message = condition.message}
    end
    if condition.type == "Synced" and condition.status == "True" then
      return {status = "Healthy", message = condition.message}
    end
  end
end
return waiting
"""
ARGO_CD = {
    "released": _WAITING + _SYNCED,
    "terminating": _WAITING + _DELETED + _SYNCED,
    "observed": _WAITING + _DELETED + _BEHIND + _SYNCED,
}
"""Argo CD's three rules for SealedSecrets, the later ones more careful."""


class Judge:
    """Asks the program `healthjudge`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def kstatus(self, manifest: Object) -> tuple[str, str]:
        """Return status and message by kstatus."""
        said = self._ask({"object": manifest})
        return said["status"], said.get("message", "")

    def flux(self, expressions: Mapping[str, str], manifest: Object) -> str:
        """Return the status by an entry of Flux's healthCheckExprs; an expression that fails is in progress there."""
        kept = {name: text for name, text in expressions.items() if name in ("inProgress", "failed", "current")}
        said = self._ask({"object": manifest, "expressions": kept})
        return "InProgress" if "error" in said else said["status"]

    def _ask(self, question: Mapping[str, Any]) -> dict[str, str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        said: dict[str, str] = json.loads(self._process.stdout.readline())
        return said


@contextmanager
def running_judge() -> Iterator[Judge]:
    """Start the program, built first if necessary; the test is skipped where it cannot be, unless it is required."""
    with subprocess.Popen([_program()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Judge(process)


def argo_cd(script: str, manifest: Object) -> tuple[str, str]:
    """Return health and message by a script of Argo CD."""
    lua = LuaRuntime(register_eval=False, unpack_returned_tuples=True)
    lua.globals().obj = lua.table_from(manifest, recursive=True)
    health = lua.execute(script)
    return health.status, health.message or ""


def _program() -> Path:
    try:
        return build()
    except NotBuiltError as reason:
        if os.environ.get("SEALWRIGHT_REQUIRE_APISERVER") == "1":
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))
