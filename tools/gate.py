#!/usr/bin/env python3
"""Holds the costs in user space against their bars: parser, choice, whole engine, hand-over.

  tools/gate.py [--bin build/release/bin] [--repetitions 11]

Runs Google Benchmark, takes the median of the repetitions, prints a line for each bar. Exit 0 if all
are held and nothing allocates, 1 if not. Meant for a quiet machine; ctest runs it only when asked:
`ctest --preset release -C Timing -L timing`.
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = (
    ("core_sip_bench", "^BM_Parser_InviteWithSdp$"),
    ("core_base_bench", "^BM_DatagramRing_HandOver/16/real_time$"),
    ("dispatch_bench", "^BM_(Pick/8|Pick/10000|Engine_Mixed|Engine_StatefulCall/manual_time)$"))
# Nanoseconds per message.
BARS = (
    ("BM_Parser_InviteWithSdp", 250), ("BM_Pick/8", 80), ("BM_Pick/10000", 2 * 80),
    ("BM_Engine_Mixed", 500), ("BM_Engine_StatefulCall/manual_time", 1000),
    ("BM_DatagramRing_HandOver/16/real_time", 300))


def cost_of(row):
    """Nanoseconds per message: a batch of many tells it itself, two threads by the wall clock."""
    if "per_message" in row:
        return row["per_message"] * 1e9
    if row["run_name"].endswith("/real_time"):
        return 1e9 / row["items_per_second"]
    return row["cpu_time"]


def medians(program, pattern, repetitions):
    """Name of each benchmark: its median in nanoseconds per message, and its allocations."""
    command = [str(program), f"--benchmark_filter={pattern}", "--benchmark_format=json",
               f"--benchmark_repetitions={repetitions}", "--benchmark_min_time=0.1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    found = {}
    for one in json.loads(done.stdout)["benchmarks"]:
        if one.get("aggregate_name") != "median":
            continue
        found[one["run_name"]] = (cost_of(one), one.get("allocs", 0))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin")
    parser.add_argument("--repetitions", type=int, default=11)
    options = parser.parse_args()

    figures = {}
    for program, pattern in PROGRAMS:
        figures.update(medians(options.bin / program, pattern, options.repetitions))
    held = True
    for name, bar in BARS:
        if name not in figures:
            sys.exit(f"gate: {name} is not among the benchmarks of {options.bin}; build them first: "
                     "cmake --build --preset release")
        cost, allocations = figures[name]
        good = cost <= bar and allocations == 0
        held = held and good
        print(f"{name:<40}{cost:>8.1f} ns   bar {bar:>5.0f} ns   allocations {allocations:g}   "
              f"{'held' if good else 'MISSED'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
