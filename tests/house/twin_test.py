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
    'admin/answers_json.cc':
        'every answer as a client gets it: rpc_test.cc, own_methods_test.cc, rpc_events_test.cc',
    'admin/fault.cc':
        'texts and codes of refusals: rpc_test.cc',
    'admin/http_server.cc':
        'a library over real sockets: tests/e2e/http_test.py; what is behind it: web_test.cc',
    'admin/parameters.cc':
        'no parameter without a method: rpc_test.cc, own_methods_test.cc',
    'admin/line_client.cc':
        'driven by unix_server_test.cc: a client has no use without its server',
    'config/mysql_client.cc':
        'a client needs its server: tests/e2e/databases_test.py',
    'config/mysql_client_missing.cc':
        'a refusal in place of the client; only where the library is missing',
    'config/postgres_client.cc':
        'a client needs its server: tests/e2e/databases_test.py',
    'config/postgres_client_missing.cc':
        'a refusal in place of the client; only where the library is missing',
    'config/sqlite_client_missing.cc':
        'a refusal in place of the client; only where the library is missing',
    'config/key_search.cc':
        'questions about the table of keys: keys_test.cc',
    'core/net/epoll_io.cc':
        'io_test.cc and icmp_test.cc run over every back end',
    'core/net/io_state.cc':
        'what the back ends share: io_test.cc, icmp_test.cc and send_plan_test.cc',
    'core/net/pages.cc':
        'the memory under every Io of io_test.cc',
    'core/net/uring_io.cc':
        'io_test.cc and icmp_test.cc run over every back end',
    'core/net/uring_probe.cc':
        'asked by choose_io_test.cc and before each test of a ring',
    'core/net/waker.cc':
        'io_test.cc wakes every back end, from the same and another thread',
    'core/sip/parse_error.cc':
        'a table; parse_test.cc and salvage_test.cc go through its rows',
    'core/sip/start_line.cc':
        'verdicts of parse(): parse_test.cc',
    'core/sip/spoilers_avx2.cc':
        'spoilers_test.cc holds the forms against each other',
    'core/sip/spoilers_scalar.cc':
        'spoilers_test.cc holds the forms against each other',
    'core/sip/spoilers_sse2.cc':
        'spoilers_test.cc holds the forms against each other',
    'dispatch/address_index.cc':
        'built by a snapshot: snapshot_test.cc and route_test.cc',
    'dispatch/destination_set.cc':
        'built by a snapshot: snapshot_test.cc and selection_test.cc',
    'dispatch/make_route.cc':
        'the other half of route.h: route_test.cc',
    'dispatch/names.cc':
        'words of enumerations, read in the tests of config and sipsteer',
    'dispatch/picker.cc':
        'algorithm_test.cc goes through every algorithm',
    'dispatch/pseudo_variable.cc':
        'pseudo_variables_test.cc, with what expands them',
    'health/prober.cc':
        'too large a subject for one file: prober_answer_test.cc, prober_state_test.cc, …',
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
