#!/usr/bin/env python3
"""Holds the costs in user space against their bars: parser, choice, whole engine.

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


def medians(program, pattern, repetitions):
    """Name of each benchmark: its median in nanoseconds per message, and its allocations."""
    command = [str(program), f"--benchmark_filter={pattern}", "--benchmark_format=json",
               f"--benchmark_repetitions={repetitions}", "--benchmark_min_time=0.1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    found = {}
    for one in json.loads(done.stdout)["benchmarks"]:
        if one.get("aggregate_name") != "median":
            continue
        # A batch of many messages tells the cost of one in a counter, in seconds.
        cost = one["per_message"] * 1e9 if "per_message" in one else one["cpu_time"]
        found[one["run_name"]] = (cost, one.get("allocs", 0))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin")
    parser.add_argument("--repetitions", type=int, default=11)
    options = parser.parse_args()

    parse = medians(options.bin / "core_sip_bench", "^BM_Parser_InviteWithSdp$", options.repetitions)
    engine = medians(options.bin / "dispatch_bench", "^BM_(Pick/8|Pick/10000|Engine_Mixed)$",
                     options.repetitions)
    figures = {**parse, **engine}
    bars = [("BM_Parser_InviteWithSdp", 250.0), ("BM_Pick/8", 80.0),
            ("BM_Pick/10000", 2 * 80.0), ("BM_Engine_Mixed", 500.0)]
    held = True
    for name, bar in bars:
        if name not in figures:
            sys.exit(f"gate: {name} is not among the benchmarks of {options.bin}; build them first: "
                     "cmake --build --preset release")
        cost, allocations = figures[name]
        good = cost <= bar and allocations == 0
        held = held and good
        print(f"{name:<26}{cost:>8.1f} ns   bar {bar:>5.0f} ns   allocations {allocations:g}   "
              f"{'held' if good else 'MISSED'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
