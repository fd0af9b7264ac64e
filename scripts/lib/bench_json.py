"""Makes bench.json: bench_json.py METRICS DIRECTORY > bench.json

METRICS has one "NAME VALUE" a line; DIRECTORY is where the measurements had their files.
"""

import json
import os
import platform
import subprocess
import sys


def first_of(path, key):
    with open(path, encoding="ascii", errors="replace") as lines:
        for line in lines:
            if line.startswith(key):
                return line.split(":", 1)[1].strip()
    return ""


def output_of(*command):
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip()


def commit():
    name = output_of("git", "rev-parse", "HEAD")
    changed = output_of("git", "status", "--porcelain", "--untracked-files=no")
    return f"{name}-modified" if name and changed else name


def machine(directory):
    return {
        "cpu": first_of("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(first_of("/proc/meminfo", "MemTotal").split()[0]) / 2**20, 1),
        "kernel": platform.release(),
        "file_system": output_of("stat", "-f", "-c", "%T", directory),
        "load_before": float(os.environ.get("BENCH_LOAD", "0")),
    }


def main():
    metrics = {}
    with open(sys.argv[1], encoding="ascii") as lines:
        for line in lines:
            name, value = line.split()
            metrics[name] = float(value)
    json.dump({"commit": commit(), "machine": machine(sys.argv[2]),
               "metrics": dict(sorted(metrics.items()))}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
