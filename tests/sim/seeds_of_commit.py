#!/usr/bin/env python3
"""Runs the simulator over seeds that belong to this commit: each commit meets other worlds, and who
checks it out again meets the same. Together they must take every row of the transaction tables.
Usage: seeds_of_commit.py SIM_TEST COUNT, or seeds_of_commit.py --show"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
WITHOUT_GIT = '20261123'


def commit():
    """The hash of the commit, or a fixed text where there is no git."""
    try:
        done = subprocess.run(['git', '-C', HERE, 'rev-parse', 'HEAD'], capture_output=True,
                              text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return WITHOUT_GIT
    return done.stdout.strip()


def main():
    name = commit()
    seed = int(name[:15], 16)
    if sys.argv[1:] == ['--show']:
        print(f'worlds of {name}: --seed={seed}')
        return 0
    program, count = sys.argv[1:]
    print(f'{count} seeds of {name}: --seed={seed}', flush=True)
    return subprocess.run([program, '--gtest_filter=Simulation.EveryInvariantHoldsForEverySeed',
                           f'--seeds={count}', f'--seed={seed}', '--all-transitions=1'],
                          timeout=550, check=False).returncode


if __name__ == '__main__':
    sys.exit(main())
