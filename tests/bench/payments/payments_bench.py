"""Payments end to end: HTTPS with signed requests, a real daemon with SoftHSM, a PSP in a process of its own.

usage: payments_bench.py METRICS_FILE CONNINFO ROUNDS SECONDS
FLORIN_BUILD names the build tree, TMPDIR where the data lie. CONNINFO leads to a database with
payments_postgres.sql in it; rounds of both sides alternate, and a ratio is taken within each.

Latency is the merchant's; what is added is that less the median for which the PSP held the requests. The load
generator, the daemon, the PSP and the database share the machine's processors.
"""
import json
import mmap
import pathlib
import statistics
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "system"))
from support import BIN, Instance, Process  # noqa: E402

CONNECTIONS = (1, 16, 64, 256)
DELAYS_MS = (0, 120)
COUNTED_PAYMENTS_S = 2


class Counts:
    """The numbers that the preloaded library keeps, see counting.cpp."""
    NAMES = ("log_flushes", "other_flushes", "written_bytes", "allocations", "allocated_bytes")

    def __init__(self, path):
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 8 * len(self.NAMES))

    def read(self):
        return dict(zip(self.NAMES, struct.unpack(f"={len(self.NAMES)}Q", self.memory[:])))


class Bench(Instance):
    """An instance whose connector leads to the fast PSP."""

    def __init__(self, delay_ms, counted=False):
        # Everything shares the processors, so the token may take its time; payments do not ask it.
        super().__init__(settings={"hsm.timeout_ms": "5000"})
        self.delay_ms, self.counted, self.psp = delay_ms, counted, None

    def daemon_environment(self):
        more = {}
        if self.counted:
            more = {"LD_PRELOAD": str(BIN / "libbench_counting.so"),
                    "FLORIN_BENCH_COUNTS": str(self.base / "counts")}
        return {**super().daemon_environment(), **more}

    def set_up(self):
        self.psp = Process("fast_psp", [
            BIN / "fast_psp", self.folder / "tls/server.pem", self.folder / "tls/server.key",
            self.folder / "psp.port", self.delay_ms], self.folder / "psp.log")
        self.sandbox_port = self.port_from("psp.port", self.psp)
        client = super().set_up()
        assert client.create(100, "EUR", "first", capture_method="automatic").status == 201
        self.key = client.key_id
        return client

    def create_webhook(self):
        """None: a receiver that verifies, and a new connection for each event, would share the processors."""

    def close(self):
        if self.psp is not None and self.psp.alive():
            self.psp.kill()
        super().close()

    def pay(self, connections, seconds, per_second=0):
        """One run of the load; its latencies, less what the PSP took."""
        self.held()
        run = ask([BIN / "payments_bench", "pay", self.api_port, self.folder / "tls/ca.pem", self.key,
                   self.folder / "shop.secret", connections, seconds, per_second])
        held = self.held()["p50_us"]
        return {**run, "added_p50_ms": (run["p50_us"] - held) / 1000,
                "added_p99_ms": (run["p99_us"] - held) / 1000}

    def held(self):
        return self.ask_sandbox("GET", "/v1/held")


def ask(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, (command[1], done.stderr[-2000:])
    return json.loads(done.stdout)


class Metrics:
    def __init__(self, path):
        self.path = path

    def show(self, name, values, remark=""):
        """The median of some rounds."""
        value = statistics.median(values)
        with open(self.path, "a") as file:
            file.write(f"{name} {value:.4f}\n")
        span = f"{min(values):.2f} .. {max(values):.2f}" if len(values) > 1 else ""
        print(f"{name:44} {value:14.2f}  {span}  {remark}", flush=True)


def compare(metrics, conninfo, rounds, seconds):
    """PSP at once: latency, throughput, and PostgreSQL in alternation."""
    with Bench(0) as bench:
        bench.set_up()
        for connections in CONNECTIONS:
            ours, theirs = [], []
            for _ in range(rounds):
                ours.append(bench.pay(connections, seconds))
                if connections <= 64:
                    theirs.append(ask([BIN / "payments_bench", "postgres", conninfo, connections,
                                       seconds]))
            show_latency(metrics, f"payments.c{connections}", ours)
            metrics.show(f"payments.c{connections}.per_s", [run["per_s"] for run in ours])
            if theirs:
                metrics.show(f"payments.c{connections}.postgres_per_s", [run["per_s"] for run in theirs])
                metrics.show(f"payments.c{connections}.ratio_to_postgres",
                             [run["per_s"] / other["per_s"] for run, other in zip(ours, theirs)])
        # Open model: half of what 64 connections reach, begun whether or not answers come.
        rate = max(10, round(statistics.median(run["per_s"] for run in [bench.pay(64, seconds)]) / 2))
        runs = [bench.pay(64, seconds, rate) for _ in range(rounds)]
        show_latency(metrics, "payments.open", runs, f"at {rate} a second")


def show_latency(metrics, name, runs, remark=""):
    """Of payments that were answered with 201; a machine that is too busy is answered 503."""
    metrics.show(f"{name}.added_ms_p50", [run["added_p50_ms"] for run in runs], remark)
    metrics.show(f"{name}.added_ms_p99", [run["added_p99_ms"] for run in runs], remark)
    metrics.show(f"{name}.refused_share",
                 [run["failed"] / max(1, run["failed"] + run["payments"]) for run in runs])


def slow_psp(metrics, rounds, seconds):
    """The PSP takes its usual time: what the daemon adds to it."""
    with Bench(120) as bench:
        bench.set_up()
        for connections in CONNECTIONS:
            runs = [bench.pay(connections, max(seconds, 2)) for _ in range(rounds)]
            show_latency(metrics, f"payments.psp120.c{connections}", runs)
            metrics.show(f"payments.psp120.c{connections}.per_s", [run["per_s"] for run in runs])


def costs(metrics):
    """What one payment costs the daemon, alone and among 64; counted by a preloaded library, so times
    are not taken here."""
    with Bench(0, counted=True) as bench:
        bench.set_up()
        counts = Counts(bench.base / "counts")
        for connections in (1, 64):
            entries = bench.entry_count()
            before = counts.read()
            bench.pay(connections, COUNTED_PAYMENTS_S)
            after = counts.read()
            made = sum(bench.entry_count().values()) - sum(entries.values())
            payments = made / 2  # two entries each, whoever measured them
            cost = {name: (after[name] - before[name]) / payments for name in after}
            prefix = "payments" if connections == 1 else f"payments.c{connections}"
            metrics.show(f"{prefix}.flushes_before_answer", [cost["log_flushes"]],
                         "of log segments")
            metrics.show(f"{prefix}.other_flushes", [cost["other_flushes"]], "of the projection")
            metrics.show(f"{prefix}.written_bytes", [cost["written_bytes"]])
            metrics.show(f"{prefix}.allocations", [cost["allocations"]])
            metrics.show(f"{prefix}.allocated_bytes", [cost["allocated_bytes"]])


def main(metrics_file, conninfo, rounds, seconds):
    metrics = Metrics(metrics_file)
    compare(metrics, conninfo, rounds, seconds)
    slow_psp(metrics, rounds, seconds)
    costs(metrics)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
