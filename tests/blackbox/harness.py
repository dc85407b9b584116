"""A real API server, a controller process under test, and what scenarios need to talk to both."""
import atexit
import base64
import ctypes
import datetime as dt
import ipaddress
import json
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import uuid
from types import SimpleNamespace

import httpx
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

import wire

GROUP = "/apis/bitnami.com/v1alpha1"
ANNO = "sealedsecrets.bitnami.com/"
KEY_LABEL = ANNO + "sealed-secrets-key"
SA_DIR = "/var/run/secrets/kubernetes.io/serviceaccount"
POD_IP = "198.51.100.10"
FAST = ["--kubeclient-qps=500", "--kubeclient-burst=1000"]
UNSHARE = ["unshare", "-m", "--propagation", "private", "sh", "-c"]
EMPTY_RUN = 'mount -t tmpfs tmpfs "$(readlink -f /var/run)"'
LIVE = set()  # child processes, ended at exit


class Fail(AssertionError):
    """A scenario's expectation was not met."""


class Ended(Exception):
    """The controller's process ended when it should have gone on; polling stops at once."""


def check(cond, message):
    if not cond:
        raise Fail(message)


def poll(fn, timeout=30.0, what="condition", every=0.1):
    """Call fn until it returns something true; a Fail inside fn counts as not yet."""
    end, last = time.monotonic() + timeout, None
    while True:
        try:
            got = fn()
            if got:
                return got
            last = None
        except Fail as e:
            last = e
        if time.monotonic() > end:
            raise Fail(f"{what} not seen within {timeout:.0f} s" + (f" ({last})" if last else ""))
        time.sleep(every)


def hold(fn, seconds, what, every=0.2):
    """fn must stay true for the whole time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        check(fn(), what)
        time.sleep(every)


def first_retries_over():
    """Let a controller that retries a few times at once and then gives up do so (upstream: five within 200 ms)."""
    time.sleep(3)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def b64(value):
    return base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()


def decoded(secret):
    return {k: base64.b64decode(v) for k, v in (secret.get("data") or {}).items()}


def can_mount():
    """Whether a process can be given a view of its own of the service account folder."""
    try:
        return subprocess.run([*UNSHARE, EMPTY_RUN], capture_output=True).returncode == 0
    except OSError:
        return False


def die_with_parent():
    ctypes.CDLL("libc.so.6").prctl(1, signal.SIGKILL)


def end_all():
    for p in list(LIVE):
        if p.poll() is None:
            p.send_signal(signal.SIGCONT)
            p.kill()


atexit.register(end_all)


# ---------------------------------------------------------------- API server


class ControlPlane:
    """etcd, kube-apiserver and the garbage-collecting part of kube-controller-manager."""

    def __init__(self, assets, work, port):
        self.assets, self.work, self.port = assets, work, port
        self.cache, self.dir = os.path.join(work, "cache"), os.path.join(work, "run")
        self.procs, self.egress = {}, {}
        self.url = f"https://127.0.0.1:{port}"

    def up(self, crd):
        self._end_leftovers()
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        self._certs()
        self._write("tokens.csv", 'admintoken,admin,admin,"system:masters"\nctltoken,upstream-role,u1\nnstoken,namespaced-role,u2\n'
                    'upstreamtoken,suite-upstream,u3\nnamespacedtoken,suite-namespaced,u4\n')
        self._write("egress.yaml", yaml.safe_dump({
            "apiVersion": "apiserver.k8s.io/v1beta1", "kind": "EgressSelectorConfiguration", "egressSelections": [{
                "name": "cluster", "connection": {"proxyProtocol": "HTTPConnect", "transport": {"uds": {"udsName": self.dir + "/egress.sock"}}}}]}))
        threading.Thread(target=self._serve_egress, daemon=True).start()
        p = self.port
        self._start("etcd", "etcd", "--data-dir", self.dir + "/etcd", f"--listen-client-urls=http://127.0.0.1:{p + 1}",
                    f"--advertise-client-urls=http://127.0.0.1:{p + 1}", f"--listen-peer-urls=http://127.0.0.1:{p + 2}",
                    f"--initial-advertise-peer-urls=http://127.0.0.1:{p + 2}", f"--initial-cluster=default=http://127.0.0.1:{p + 2}", "--unsafe-no-fsync")
        self.start_api()
        self.kube = Kube(self.url)
        self.kube.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd, ok=(201,))
        poll(lambda: self.kube.req("GET", GROUP + "/sealedsecrets", ok=None).status_code == 200, 30, "the CRD being served")
        self._write("kubeconfig", self.kubeconfig())
        self._start("kcm", "kube-controller-manager", "--kubeconfig=" + self.dir + "/kubeconfig", "--controllers=garbagecollector,namespace",
                    "--bind-address=127.0.0.1", f"--secure-port={p + 4}", f"--cert-dir={self.dir}/kcm", "--leader-elect=false")
        self._service()
        return self

    def start_api(self):
        c = self.cache
        self._start("api", "kube-apiserver", f"--etcd-servers=http://127.0.0.1:{self.port + 1}", f"--secure-port={self.port}", "--bind-address=127.0.0.1",
                    f"--tls-cert-file={c}/api.crt", f"--tls-private-key-file={c}/api.key", f"--service-account-key-file={c}/api.key",
                    f"--service-account-signing-key-file={c}/api.key", "--service-account-issuer=https://kubernetes.default.svc",
                    f"--token-auth-file={self.dir}/tokens.csv", "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24",
                    "--disable-admission-plugins=ServiceAccount", f"--egress-selector-config-file={self.dir}/egress.yaml", "--endpoint-reconciler-type=none")

        def ready():
            check(self.procs["api"].poll() is None, "kube-apiserver ended; see " + self.dir + "/api.log")
            try:
                return httpx.get(self.url + "/readyz", verify=False, headers={"Authorization": "Bearer admintoken"}, timeout=5).status_code == 200
            except httpx.TransportError:
                return False
        poll(ready, 120, "kube-apiserver ready")

    def stop_api(self):
        p = self.procs["api"]
        p.terminate()
        try:
            p.wait(20)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()

    def signal(self, name, sig):
        self.procs[name].send_signal(sig)

    def down(self):
        for name in ("kcm", "api", "etcd"):
            p = self.procs.get(name)
            if p and p.poll() is None:
                p.send_signal(signal.SIGCONT)
                p.kill()
                p.wait()

    def kubeconfig(self, token="admintoken", port=None):
        return yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "t",
            "clusters": [{"name": "t", "cluster": {"server": f"https://127.0.0.1:{port or self.port}", "certificate-authority": self.cache + "/api.crt"}}],
            "users": [{"name": "u", "user": {"token": token}}],
            "contexts": [{"name": "t", "context": {"cluster": "t", "user": "u", "namespace": "default"}}]})

    def _write(self, name, text):
        with open(os.path.join(self.dir, name), "w") as f:
            f.write(text)

    def _start(self, name, *args):
        with open(f"{self.dir}/{name}.log", "ab") as log:
            p = subprocess.Popen([os.path.join(self.assets, args[0]), *args[1:]], stdout=log, stderr=log, cwd=self.dir, preexec_fn=die_with_parent)
        LIVE.add(p)
        self.procs[name] = p
        self._write(name + ".pid", str(p.pid))

    def _end_leftovers(self):
        """End what an earlier, killed run left behind in the same folder."""
        for name in ("kcm", "api", "etcd"):
            try:
                pid = int(open(f"{self.dir}/{name}.pid").read())
                if self.dir in open(f"/proc/{pid}/cmdline").read():
                    os.kill(pid, signal.SIGKILL)
            except (OSError, ValueError):
                pass

    def _certs(self):
        crt = self.cache + "/api.crt"
        if not os.path.exists(crt):
            key = wire.cached_rsa(self.cache, "api", 2048)
            cert = wire.make_cert(key, dt.datetime.now(wire.UTC) - dt.timedelta(days=1), cn="suite-api",
                                  san=[x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
            open(self.cache + "/api.key", "wb").write(wire.key_pem(key))
            open(crt, "wb").write(cert.public_bytes(wire.PEM))

    def _serve_egress(self):
        """HTTP CONNECT on a unix socket, so that the service proxy reaches controllers on this machine."""
        srv = socket.socket(socket.AF_UNIX)
        srv.bind(self.dir + "/egress.sock")
        srv.listen(64)

        def one(c):
            try:
                head = b""
                while b"\r\n\r\n" not in head:
                    part = c.recv(4096)
                    if not part:
                        return c.close()
                    head += part
                port = self.egress.get(head.split()[1].decode())
                if not port:
                    c.sendall(b"HTTP/1.1 502 unknown\r\n\r\n")
                    return c.close()
                up = socket.create_connection(("127.0.0.1", port), 5)
                c.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                join(c, up)
            except OSError:
                c.close()
        while True:
            c, _ = srv.accept()
            threading.Thread(target=one, args=(c,), daemon=True).start()

    def _service(self):
        """Service, Pod and endpoints as the upstream manifest would give, at an address only the egress map knows."""
        k, ns, name = self.kube, "kube-system", "sealed-secrets-controller"
        core = f"/api/v1/namespaces/{ns}"
        ref = {"kind": "Pod", "namespace": ns, "name": name}
        k.post(core + "/pods", {"metadata": {"name": name}, "spec": {"automountServiceAccountToken": False, "containers": [{"name": "c", "image": "none"}]}})
        k.req("PATCH", f"{core}/pods/{name}/status", {"status": {"phase": "Running", "podIP": POD_IP, "podIPs": [{"ip": POD_IP}]}}, ct="application/merge-patch+json")
        k.post(core + "/services", {"metadata": {"name": name}, "spec": {"ports": [{"name": "http", "port": 8080, "targetPort": 8080}]}})
        k.post(core + "/endpoints", {"metadata": {"name": name}, "subsets": [{"addresses": [{"ip": POD_IP, "targetRef": ref}], "ports": [{"name": "http", "port": 8080}]}]})
        k.post(f"/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices", {
            "metadata": {"name": name + "-1", "labels": {"kubernetes.io/service-name": name}}, "addressType": "IPv4", "ports": [{"name": "http", "port": 8080}],
            "endpoints": [{"addresses": [POD_IP], "targetRef": ref, "conditions": {"ready": True}}]})


def join(a, b, gate=None):
    """Copy bytes both ways until either side ends; gate, when given, is an Event that must be set for bytes to pass."""
    def copy(x, y):
        try:
            while True:
                data = x.recv(65536)
                if not data:
                    break
                if gate:
                    gate.wait()
                y.sendall(data)
        except OSError:
            pass
        for s in (x, y):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
    t = threading.Thread(target=copy, args=(b, a), daemon=True)
    t.start()
    copy(a, b)
    t.join()
    a.close()
    b.close()


class Gate:
    """A TCP relay in front of the API server: shut, it swallows all bytes; cut, it also ends connections and takes none."""

    def __init__(self, target_port, port=0):
        self.open, self.is_cut, self.live = threading.Event(), False, []
        self.srv = socket.create_server(("127.0.0.1", port))
        self.port, self.target = self.srv.getsockname()[1], target_port
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                c, _ = self.srv.accept()
            except OSError:
                return
            try:
                if self.is_cut:
                    raise OSError
                up = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                c.close()
                continue
            self.live += [c, up]
            threading.Thread(target=join, args=(c, up, self.open), daemon=True).start()

    def cut(self):
        self.is_cut = True
        for s in self.live:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.live = []

    def heal(self):
        self.is_cut = False

    def close(self):
        self.open.set()
        self.srv.close()


# ---------------------------------------------------------------- client


class Kube:
    """A thin client; transport errors are retried so that API server restarts do not fail the harness itself."""

    def __init__(self, url, token="admintoken"):
        ctx = ssl.create_default_context()
        ctx.check_hostname, ctx.verify_mode = False, ssl.CERT_NONE
        self.http = httpx.Client(base_url=url, verify=ctx, timeout=60, headers={"Authorization": "Bearer " + token},
                                 limits=httpx.Limits(max_connections=64, max_keepalive_connections=32))

    def req(self, method, path, body=None, ok=(200, 201, 202), ct="application/json", accept="application/json", raw=None):
        data = raw if raw is not None else None if body is None else json.dumps(body)
        for attempt in range(4):
            try:
                r = self.http.request(method, path, content=data, headers={"Content-Type": ct, "Accept": accept})
                break
            except httpx.TransportError:
                if attempt == 3:
                    raise
                time.sleep(0.5)
        if ok and r.status_code not in ok:
            raise RuntimeError(f"{method} {path}: {r.status_code} {r.text[:300]}")
        return r

    def get(self, path):
        r = self.req("GET", path, ok=(200, 404))
        return r.json() if r.status_code == 200 else None

    def list(self, path):
        return self.req("GET", path).json().get("items") or []

    def post(self, path, body, ok=(200, 201, 202, 409)):
        return self.req("POST", path, body, ok=ok).json()

    def put(self, path, body, ok=(200, 201)):
        return self.req("PUT", path, body, ok=ok).json()

    def merge(self, path, body, ok=(200,)):
        return self.req("PATCH", path, body, ok=ok, ct="application/merge-patch+json").json()

    def delete(self, path, ok=(200, 202, 404)):
        return self.req("DELETE", path, ok=ok)


# ---------------------------------------------------------------- controller under test


class Controller:
    """One controller process, told of the API server both the in-cluster way and through KUBECONFIG."""

    def __init__(self, suite, ns, args=(), env=None, token=None, api_port=None, fast=True):
        token = token or suite.opts.rights + "token"
        self.suite, self.ns = suite, ns
        self.port, self.mport = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.home = os.path.join(suite.plane.dir, "ctl-" + uuid.uuid4().hex[:8])
        sa = self.home + "/sa"
        os.makedirs(sa)
        self._write("sa/token", token)
        self._write("sa/namespace", ns)
        shutil.copy(suite.plane.cache + "/api.crt", sa + "/ca.crt")
        port = api_port or suite.plane.port
        self._write("kubeconfig", suite.plane.kubeconfig(token, port))
        self.argv = [*shlex.split(suite.controller), f"--listen-addr=127.0.0.1:{self.port}", f"--listen-metrics-addr=127.0.0.1:{self.mport}",
                     *(FAST if fast else []), *args]
        self.env = {**{k: v for k, v in os.environ.items() if not k.startswith("SEALED_SECRETS_")}, "KUBERNETES_SERVICE_HOST": "127.0.0.1",
                    "KUBERNETES_SERVICE_PORT": str(port), "KUBECONFIG": self.home + "/kubeconfig", "POD_NAMESPACE": ns, **(env or {})}
        self.http = httpx.Client(base_url=self.url, timeout=15)
        self.start()

    def _write(self, name, text):
        with open(os.path.join(self.home, name), "w") as f:
            f.write(text)

    def start(self):
        argv = self.argv
        if self.suite.private_mounts:  # a private view of the service account folder, so that nothing shared is touched
            mounts = EMPTY_RUN + ' && mkdir -p "$2" && mount --bind "$1" "$2" && shift 2 && exec "$@"'
            argv = [*UNSHARE, mounts, "sh", self.home + "/sa", SA_DIR, *argv]
        self.log_path = self.home + "/log"
        with open(self.log_path, "ab") as log:
            self.proc = subprocess.Popen(argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.env, cwd=self.home)
        LIVE.add(self.proc)
        return self

    @property
    def alive(self):
        return self.proc.poll() is None

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def epitaph(self):
        """Why the process ended, from its log."""
        lines = [x for x in self.log().strip().splitlines() if x.strip()]
        why = next((x for x in reversed(lines) if x.startswith(("panic:", "error:", "Error", "fatal", "invalid"))), " | ".join(lines[-2:]))
        return f"the controller ended with status {self.proc.returncode}: {why[-250:]}"

    def must_live(self):
        if not self.alive:
            raise Ended(self.epitaph())
        return True

    def try_get(self, path, timeout=5):
        """The answer, or None when there is none."""
        try:
            return self.http.get(path, timeout=timeout)
        except httpx.TransportError:
            return None

    def wait_ready(self, timeout=60):
        def up():
            if not self.alive:
                raise Ended(self.epitaph())
            r = self.try_get("/v1/cert.pem")
            return r is not None and r.status_code == 200
        poll(up, timeout, "the controller serving /v1/cert.pem")
        return self

    def cert(self):
        r = self.http.get("/v1/cert.pem")
        check(r.status_code == 200, f"/v1/cert.pem answered {r.status_code}")
        return x509.load_pem_x509_certificate(r.content)

    def post(self, path, body, headers=None, timeout=30):
        return self.http.post(path, content=body if isinstance(body, (str, bytes)) else json.dumps(body),
                              headers={"Content-Type": "application/json", **(headers or {})}, timeout=timeout)

    def metrics_text(self):
        return httpx.get(f"http://127.0.0.1:{self.mport}/metrics", timeout=15).text

    def metric(self, name, /, **labels):
        """The summed value of a series, or None when it is absent."""
        found = None
        for line in self.metrics_text().splitlines():
            m = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
            if m and m[1] == "sealed_secrets_controller_" + name:
                have = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', m[2] or ""))
                if all(have.get(k) == v for k, v in labels.items()):
                    found = (found or 0) + float(m[3])
        return found

    def rss_mib(self):
        """Resident memory of the process and all its descendants."""
        out = subprocess.run(["ps", "-eo", "pid=,ppid=,rss="], capture_output=True, text=True).stdout
        rows = [tuple(map(int, x.split())) for x in out.splitlines()]
        tree, grew = {self.proc.pid}, True
        while grew:
            more = {p for p, pp, _ in rows if pp in tree} - tree
            tree |= more
            grew = bool(more)
        return sum(r for p, _, r in rows if p in tree) / 1024

    def stop(self, sig=signal.SIGTERM, timeout=20):
        """Ends the process and returns its exit status and the seconds it took."""
        t = time.monotonic()
        if self.alive:
            self.proc.send_signal(sig)
            try:
                self.proc.wait(timeout)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait()
                raise Fail(f"the controller was still running {timeout} s after signal {sig}")
        return self.proc.returncode, time.monotonic() - t

    def kill(self):
        if self.alive:
            self.proc.kill()
            self.proc.wait()


# ---------------------------------------------------------------- what a scenario gets


class T:
    """One scenario's view: fresh namespaces, builders, and waits."""

    def __init__(self, suite, name):
        self.suite, self.k, self.name = suite, suite.plane.kube, name
        self.mine, self.closers, self.made, self._ns = [], [], [], None

    # namespaces and keys
    @property
    def ns(self):
        if not self._ns:
            self._ns = self.new_ns()
        return self._ns

    def new_ns(self, name=None):
        name = name or f"{self.name[:40].rstrip('-')}-{uuid.uuid4().hex[:5]}"
        self.made.append(name)
        self.k.post("/api/v1/namespaces", {"metadata": {"name": name}})
        if self.suite.opts.rights == "namespaced":
            self.suite.grant(f"namespaces/{name}/", "Role")
        return name

    def pair(self, i=0, days_old=1.0, bits=2048, ttl_days=3650):
        return wire.Pair(wire.cached_rsa(self.suite.plane.cache, f"k{i}", bits), days_old, ttl_days)

    def put_key(self, pair, ns, name=None, label="active", form=wire.PKCS1):
        return self.put_secret(pair.secret(name or "key-" + uuid.uuid4().hex[:6], label, form), ns)

    def keys(self, ns):
        return self.k.list(f"/api/v1/namespaces/{ns}/secrets?labelSelector={KEY_LABEL}")

    # controllers
    @property
    def main(self):
        return self.suite.main

    def controller(self, *args, keys="default", ns=None, all_namespaces=False, wait=True, **kw):
        """A controller of this scenario's own; keys and SealedSecrets live in its own namespace only."""
        ns = ns or self.ns
        if keys == "default":
            self.key = self.pair()
            self.put_key(self.key, ns)
        scope = () if all_namespaces else ("--all-namespaces=false",)
        c = Controller(self.suite, ns, [*scope, *args], **kw)
        self.mine.append(c)
        return c.wait_ready() if wait else c

    def run_once(self, *args, env=None, timeout=15):
        """Start a controller that should end by itself; (exit status, output), status None when it went on running."""
        c = Controller(self.suite, self.ns, ["--all-namespaces=false", *args], env=env)
        self.mine.append(c)
        try:
            c.proc.wait(timeout)
        except subprocess.TimeoutExpired:
            c.kill()
            return None, c.log()
        return c.proc.returncode, c.log()

    def close(self):
        for c in self.mine:
            c.kill()
        for ns in self.made:
            self.k.delete(f"{GROUP}/namespaces/{ns}/sealedsecrets")
        for f in self.closers:
            f()

    # objects
    def sealed(self, name, values, key=None, ns=None, scope="strict", label=None, template=None, annotations=None, labels=None):
        ns = ns or self.ns
        key = key or getattr(self, "key", None) or self.suite.main_keys[0]
        lab = wire.label_of(ns, name, scope) if label is None else label
        annotations = dict(annotations or {})
        if scope != "strict" and ANNO + scope not in annotations:
            annotations[ANNO + scope] = "true"
        meta = {"name": name, "namespace": ns}
        if annotations:
            meta["annotations"] = annotations
        if labels:
            meta["labels"] = labels
        spec = {"encryptedData": {k: wire.seal(key.public, lab, v if isinstance(v, bytes) else v.encode()) for k, v in values.items()}}
        if template is not None:
            spec["template"] = template
        return {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": meta, "spec": spec}

    def apply(self, obj):
        ns, kind = obj["metadata"]["namespace"], obj["kind"]
        return self.k.post(f"{GROUP}/namespaces/{ns}/sealedsecrets" if kind == "SealedSecret" else f"/api/v1/namespaces/{ns}/secrets", obj, ok=(201,))

    def seal(self, name, values, **kw):
        return self.apply(self.sealed(name, values, **kw))

    def put_secret(self, obj, ns=None):
        return self.k.post(f"/api/v1/namespaces/{ns or self.ns}/secrets", obj, ok=(201,))

    def plain(self, name, data, ns=None, annotations=None, labels=None, **more):
        return self.put_secret({"metadata": {"name": name, "annotations": annotations or {}, "labels": labels or {}},
                                "data": {k: b64(v) for k, v in data.items()}, **more}, ns)

    def ss_path(self, name, ns=None):
        return f"{GROUP}/namespaces/{ns or self.ns}/sealedsecrets/{name}"

    def secret_path(self, name, ns=None):
        return f"/api/v1/namespaces/{ns or self.ns}/secrets/{name}"

    def ss(self, name, ns=None):
        return self.k.get(self.ss_path(name, ns))

    def secret(self, name, ns=None):
        return self.k.get(self.secret_path(name, ns))

    def update(self, name, change, ns=None):
        """Read, change, write, until no conflict."""
        def once():
            obj = self.ss(name, ns)
            change(obj)
            r = self.k.req("PUT", self.ss_path(name, ns), obj, ok=(200, 409))
            return r.json() if r.status_code == 200 else None
        return poll(once, 20, "an update without conflict")

    def reseal(self, name, values, ns=None, key=None, **spec):
        new = self.sealed(name, values, ns=ns, key=key)["spec"]["encryptedData"]
        return self.update(name, lambda o: o["spec"].update(encryptedData=new, **spec), ns)

    # waits
    def synced(self, name, ns=None, obj=None):
        obj = obj or self.ss(name, ns)
        conds = ((obj or {}).get("status") or {}).get("conditions") or []
        return next((c for c in conds if c["type"] == "Synced"), None)

    def wait_secret(self, name, want, ns=None, timeout=30):
        """Wait until the Secret holds exactly these items."""
        want = {k: v if isinstance(v, bytes) else v.encode() for k, v in want.items()}

        def same():
            s = self.secret(name, ns)
            check(s, f"no Secret {name}; condition {self.synced(name, ns)}")
            have = decoded(s)
            check(have == want, f"Secret {name} holds {short(have)}, wanted {short(want)}")
            return s
        return poll(same, timeout, f"the right Secret {name}")

    def wait_synced(self, name, ns=None, timeout=30):
        """Wait for Synced=True for the object's present generation."""
        def ok():
            obj = self.ss(name, ns)
            c = self.synced(name, ns, obj)
            check(c and c["status"] == "True", f"condition {c}")
            seen, gen = obj["status"].get("observedGeneration"), obj["metadata"]["generation"]
            check(seen == gen, f"observedGeneration {seen} of {gen}")
            return c
        return poll(ok, timeout, f"Synced=True on {name}")

    def wait_failed(self, name, contains="", ns=None, timeout=30):
        def failed():
            c = self.synced(name, ns)
            check(c and c["status"] == "False", f"condition {c}")
            check(contains in c.get("message", ""), f"message is {c.get('message')!r}, wanted {contains!r} in it")
            return c
        return poll(failed, timeout, f"Synced=False on {name}")

    def wait_refused(self, name, ns=None, contains="no key could decrypt secret"):
        c = self.wait_failed(name, contains, ns)
        check(self.secret(name, ns) is None, "a Secret was made all the same")
        return c

    def events(self, name, reason=None, ns=None):
        ns = ns or self.ns
        return [e for e in self.k.list(f"/api/v1/namespaces/{ns}/events?fieldSelector=involvedObject.name={name}")
                if reason in (None, e["reason"])]

    def wait_event(self, name, reason, contains="", ns=None, timeout=30):
        return poll(lambda: next((e for e in self.events(name, reason, ns) if contains in e["message"]), None),
                    timeout, f"an event {reason} on {name} with {contains!r}")


def short(data):
    return {k: (v if len(v) < 40 else v[:20] + b"...%d bytes" % len(v)) for k, v in data.items()}


def served(c):
    """What the controller's certificate seals with, in the place of a key pair."""
    return SimpleNamespace(public=c.cert().public_key())


def is_self_signed_rsa(cert):
    return isinstance(cert.public_key(), rsa.RSAPublicKey) and cert.verify_directly_issued_by(cert) is None
