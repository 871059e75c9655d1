#!/usr/bin/env python3
"""The alert rules that are shipped: promtool reads them, and each fires when it should and not
before. Skips (77) with a line if promtool is missing."""

import os
import re
import shutil
import subprocess
import sys
import unittest

SKIPPED = 77  # ctest's SKIP_RETURN_CODE.
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, 'packaging', 'prometheus')


def read(name):
    with open(os.path.join(FOLDER, name), encoding='utf-8') as text:
        return text.read()


class Alerts(unittest.TestCase):
    def promtool(self, *arguments):
        done = subprocess.run(['promtool', *arguments], cwd=FOLDER, capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_rules_can_be_read(self):
        self.promtool('check', 'rules', 'alerts.yml')

    def test_each_fires_when_it_should_and_not_before(self):
        self.promtool('test', 'rules', 'alerts_test.yml')

    def test_every_rule_is_tested_to_fire_and_to_be_silent(self):
        rules = re.findall(r'- alert: (\w+)', read('alerts.yml'))
        tests = read('alerts_test.yml')
        self.assertGreater(len(rules), 5)
        for rule in rules:
            self.assertRegex(tests, rf'alertname: {rule}\n\s+exp_alerts:', 'never fires in a test')
            self.assertRegex(tests, rf'alertname: {rule}}}', 'is never silent in a test')

    def test_every_rule_tells_what_to_do(self):
        for rule in read('alerts.yml').split('- alert: ')[1:]:
            for key in ('severity:', 'summary:', 'action:'):
                self.assertIn(key, rule)


if __name__ == '__main__':
    if shutil.which('promtool') is None:
        print('SKIP: promtool is missing: apt-get install prometheus')
        sys.exit(SKIPPED)
    unittest.main()
