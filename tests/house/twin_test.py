#!/usr/bin/env python3
"""Every source file of a library has a test file of the same stem: core/base/hash.cc is tested by
tests/core_base/hash_test.cc."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import tidy  # noqa: E402 (the path above comes first)

# Source files without a test file of their own, with the reason.
EXCEPTIONS = {
}


def twin_of(path):
    folder = tidy.folder_of(path)
    stem = os.path.splitext(os.path.basename(path))[0]
    return f'tests/{folder.replace("/", "_")}/{stem}_test.cc'


def missing_twins(paths, exceptions):
    known = set(paths)
    return [f'{path}: write {twin_of(path)}, or an exception with its reason in twin_test.py'
            for path in paths
            if path.endswith('.cc') and tidy.folder_of(path) and path not in exceptions
            and twin_of(path) not in known]


class Twins(unittest.TestCase):
    def test_every_source_file_has_a_test_file(self):
        self.assertEqual(missing_twins(tidy.cpp_files(), EXCEPTIONS), [])

    def test_every_exception_is_needed(self):
        paths = tidy.cpp_files()
        for path, why in EXCEPTIONS.items():
            self.assertTrue(why, path)
            self.assertIn(path, paths)
            self.assertNotIn(twin_of(path), paths)


class TheCheckItself(unittest.TestCase):
    def test_a_source_without_a_test_is_refused(self):
        self.assertEqual(len(missing_twins(['dispatch/route.cc'], {})), 1)

    def test_a_source_with_its_test_passes(self):
        self.assertEqual(missing_twins(['core/sip/uri.cc', 'tests/core_sip/uri_test.cc'], {}), [])

    def test_an_exception_passes(self):
        self.assertEqual(missing_twins(['dispatch/route.cc'], {'dispatch/route.cc': 'why'}), [])

    def test_programs_need_none(self):
        self.assertEqual(missing_twins(['tools/sipsteer/main.cc'], {}), [])


if __name__ == '__main__':
    unittest.main()
