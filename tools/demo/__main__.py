"""The whole story of Sealwright in a minute, told as it goes: `make demo`, or `make demo CLUSTER=1` on an API server.

Every step says what is done, shows the command, shows what came out, and checks it; the first one that is not what it
says ends the demo with a non-zero status. All that was made stays in build/demo for a look.
"""

import argparse
import base64
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ruamel.yaml import YAML
from tests.support.processes import ComponentDiedError

from tools.checkout import ROOT
from tools.demo.narrator import DemoError, Narrator
from tools.demo.worlds import ClusterWorld, DirectoryWorld, World

FOLDER = Path("build", "demo")
DEADLINE_SECONDS = 30

SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: team-a
  labels:
    app: shop  # comments survive sealing
stringData:
  user: shop
  password: {password}
"""
FIRST, SECOND = "correct horse battery staple", "Tr0ub4dor&3"


class Demo:
    """The story; `world` is where it runs."""

    def __init__(self, tell: Narrator, world: World, folder: Path) -> None:
        self.tell = tell
        self.world = world
        self.folder = folder
        self.repository = folder / "repository"
        self.sealed = self.repository / "db.yaml"

    def run(self) -> None:
        """Run it from the beginning to the end."""
        self.world.start()
        self.seal_and_commit(FIRST, "Add the database password, sealed")
        self.check_nothing_leaked()
        self.apply_and_see(FIRST)
        self.tell.step("The password changes: seal it again, commit, apply")
        self.seal_and_commit(SECOND, "Change the database password")
        self.apply_and_see(SECOND)
        self.move_to_another_name()
        self.flip_one_character()
        self.tell.step("Done")
        self.tell.say(
            f"it took {time.monotonic() - self.tell.started:.0f} seconds; look around in {relative(self.folder)}"
        )

    def seal_and_commit(self, password: str, message: str) -> None:
        """Seal a Secret with the certificate alone, and put the result under version control."""
        first = not self.repository.is_dir()
        if first:
            self.tell.step("A developer writes a Secret and seals it with the cluster's certificate, nothing else")
        secret = self.folder / "secret.yaml"
        secret.write_text(SECRET.format(password=password))
        if first:
            self.tell.show(secret, relative(secret))
            self.tell.run("git", "init", "--quiet", relative(self.repository))
        self.tell.run(
            "sealwright", "seal", "--cert", self.world.certificate, relative(secret), "-w", relative(self.sealed)
        )
        secret.unlink()
        if first:
            self.tell.show(self.sealed, relative(self.sealed))
            self.tell.step("The sealed file is safe to commit")
        git = ("git", "-C", relative(self.repository))
        self.tell.run(*git, "add", "db.yaml")
        self.tell.run(*git, "commit", "--quiet", "--message", message)
        self.tell.run(*git, "log", "--oneline", "--stat", "-1")

    def check_nothing_leaked(self) -> None:
        """Look for the password in every file of the repository, history included."""
        spellings = (FIRST.encode(), base64.b64encode(FIRST.encode()))
        for file in (path for path in self.repository.rglob("*") if path.is_file()):
            if any(spelling in file.read_bytes() for spelling in spellings):
                raise DemoError(f"the password stands readable in {relative(file)}")
        self.tell.check("the password stands nowhere in the repository")

    def apply_and_see(self, password: str) -> None:
        """Hand the sealed file to the cluster and wait for the Secret."""
        self.tell.step("Apply it; the controller, which alone has the private key, makes the Secret")
        self.world.apply(self.sealed)
        self.until(lambda: self.world.value("db", "password") == password, "the Secret holds the password")
        self.world.show_secret("db")
        self.tell.check("the Secret holds what was sealed")

    def move_to_another_name(self) -> None:
        """Try to use the ciphertext for another Secret, as an attacker with write access to Git would."""
        self.tell.step("Somebody copies the ciphertext under another name, to read it through their own Secret")
        moved = self.folder / "stolen.yaml"
        moved.write_text(self.sealed.read_text().replace("name: db", "name: stolen"))
        self.world.apply(moved)
        self.refused("stolen")
        if self.world.value("stolen", "password") is not None:
            raise DemoError("the stolen ciphertext was opened")
        self.tell.check("refused: a ciphertext opens only under the name and namespace that it was sealed for")

    def flip_one_character(self) -> None:
        """Damage the sealed file; the Secret that works must stay as it is."""
        self.tell.step("Somebody changes one character of the sealed file")
        yaml = YAML()
        document = yaml.load(self.sealed.read_text())
        text = document["spec"]["encryptedData"]["password"]
        middle = len(text) // 2
        flipped = "A" if text[middle] != "A" else "B"
        document["spec"]["encryptedData"]["password"] = text[:middle] + flipped + text[middle + 1 :]
        tampered = self.folder / "tampered.yaml"
        with tampered.open("w") as file:
            yaml.dump(document, file)
        self.world.apply(tampered, instead_of=self.sealed)
        self.refused("db")
        if self.world.value("db", "password") != SECOND:
            raise DemoError("the Secret did not stay as it was")
        self.tell.check("refused, and the Secret that works stays as it was")

    def refused(self, name: str) -> None:
        """Wait until the status says that an object could not be unsealed, and show it."""
        self.until(lambda: self.world.condition(name).get("status") == "False", f"{name} is refused")
        self.world.show_status(name)
        if "no key could decrypt secret" not in self.world.condition(name).get("message", ""):
            raise DemoError("the status does not say why")

    def until(self, seen: Callable[[], bool], what: str) -> None:
        """Wait for a condition, with a deadline."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not seen():
            self.world.check_alive()
            if time.monotonic() > deadline:
                raise DemoError(f"{what}: not within {DEADLINE_SECONDS} seconds")
            time.sleep(0.05)


def relative(path: Path) -> str:
    """Return a path as a user in the checkout would type it."""
    return path.relative_to(ROOT).as_posix()


def main() -> int:
    """Run the demo; returns 0 if every step succeeded."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.add_argument("--cluster", action="store_true", help="play on a real kube-apiserver, with kubectl")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to play, below the checkout; emptied first")
    arguments = parser.parse_args()
    folder = ROOT / arguments.folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tell = Narrator(ROOT)
    world = (ClusterWorld if arguments.cluster else DirectoryWorld)(tell, folder)
    try:
        with world:
            Demo(tell, world, folder).run()
    except KeyboardInterrupt:
        return 130
    except (DemoError, ComponentDiedError, AssertionError, OSError, subprocess.SubprocessError) as error:
        tell.fail(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
