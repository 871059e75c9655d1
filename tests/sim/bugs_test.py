#!/usr/bin/env python3
"""Each planted bug is caught by the invariant that is there for it, and without a bug none breaks.
Usage: bugs_test.py SIM_BUGS MISSING"""

import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
from plant_bugs import BUGS  # noqa: E402 (no compiled copy beside the sources)

SEEDS = 200  # The shyest needs ten dozen.


def broken_by(bug):
    """Which invariant broke first, and the whole answer."""
    done = subprocess.run([PROGRAM, bug, str(SEEDS)], capture_output=True, text=True, timeout=300,
                          check=False)
    answer = done.stdout + done.stderr
    return (answer.split('\n', 1)[0] if done.returncode == 0 else f'exit {done.returncode}'), answer


class PlantedBugs(unittest.TestCase):
    def test_every_bug_has_its_place_in_the_sources(self):
        with open(MISSING, encoding='utf-8') as file:
            missing = file.read().split()
        self.assertEqual(missing, [], 'the sources have changed: adapt plant_bugs.py')

    def test_without_a_bug_every_invariant_holds(self):
        name, answer = broken_by('none')
        self.assertEqual(name, 'nothing', answer)

    def test_every_bug_is_caught_by_its_invariant(self):
        for bug in BUGS:
            with self.subTest(bug.name):
                name, answer = broken_by(bug.name)
                print(f'{bug.name}: {answer.strip()}', flush=True)
                self.assertIn(name, bug.invariants, answer)


if __name__ == '__main__':
    PROGRAM, MISSING = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
