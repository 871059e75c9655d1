#!/usr/bin/env python3
"""Every rule of tools/tidy.py refuses its bad example and passes its good one."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import tidy  # noqa: E402 (the path above comes first)
from tidy_source import read_source  # noqa: E402

HOT = '// HOT: runs once per datagram.\n'
COLD_PATH = 'config/example.cc'
HOT_PATH = 'dispatch/example.cc'


def rules(text, path=COLD_PATH):
    return sorted({finding.rule for finding in tidy.check_source(read_source(path, text))})


def function(body, head='int f(int x)'):
    return f'{head} {{\n{body}\n}}\n'


# rule: [(bad text, good text, path)]
EXAMPLES = {
    'size': [
        ('// x\n' * 501, '// x\n' * 500, COLD_PATH),
        ('// ' + 'x' * 98 + '\n', '// ' + 'x' * 97 + '\n', COLD_PATH),
        ('// ' + '§' * 98 + '\n', '// ' + '§' * 97 + '\n', COLD_PATH),
        (function('  g();\n' * 68 + '  g();'), function('  g();\n' * 67 + '  g();'), COLD_PATH),
        (function('', 'void f(int a, int b, int c, int d, int e, int g)'),
         function('', 'void f(int a, std::pair<int, int> b, int c, int d, int e)'), COLD_PATH),
        (function('  auto g = [](int a, int b, int c, int d, int e, int h) { return a; };'),
         function('  auto g = [a, b, c, d, e, h](int i) { return a; };'), COLD_PATH),
        (function('if (a) {\nfor (;;) {\nif (b) {\nif (c) {\nif (d) {\n}\n}\n}\n}\n}'),
         function('if (a) {\nfor (;;) {\nif (b) {\nif (c) {\n}\n}\n}\n}'), COLD_PATH),
    ],
    'include': [
        ('#include "health/prober.h"\n', '#include "core/base/time.h"\n', 'dispatch/route.cc'),
        ('#include "dispatch/set.h"\n', '#include "core/base/time.h"\n', 'core/net/ring.cc'),
        ('#include "core/sip/uri.h"\n', '#include <cstdint>\n', 'core/base/hash2.cc'),
        ('#include "tests/support/seed.h"\n', '#include "dispatch/set.h"\n', 'health/prober.cc'),
        ('#include "uri.h"\n', '#include "core/sip/uri.h"\n', 'core/sip/example.cc'),
    ],
    'header': [
        ('#include <span>\n#pragma once\n', '// Why.\n#pragma once\n#include <span>\n', 'config/x.h'),
        ('#include <span>\n#include "core/base/hash.h"\n',
         '#include "core/base/hash.h"\n#include <span>\n', 'core/base/hash.cc'),
    ],
    'naming': [
        ('struct route_rule {};\n', 'struct RouteRule {};\n', COLD_PATH),
        ('enum class Kind { kOne, Two };\n', 'enum class Kind { kOne, kTwo = f(1, 2) };\n', COLD_PATH),
        ('constexpr int size_max = 3;\n', 'constexpr int kSizeMax = 3;\n', COLD_PATH),
        ('constexpr std::array<int, 2> table{};\n', 'constexpr std::array<int, 2> kTable{};\n',
         COLD_PATH),
        ('using row_t = int;\n', 'using Row = int;\nusing value_type = int;\n', COLD_PATH),
        (function('', 'void readAll()'), function('', 'void read_all()'), COLD_PATH),
        (function('', 'void Route::ReadAll()'), function('', 'Route::Route()'), COLD_PATH),
        ('class A {\n int size;\n};\n', 'class A {\n int size_;\n};\n', COLD_PATH),
        ('class A {\n public:\n A();\n private:\n std::array<char, 4> size{};\n};\n',
         'class A {\n public:\n A();\n private:\n std::array<char, 4> size_{};\n};\n', COLD_PATH),
        ('struct A {\n int size_ = 0;\n};\n', 'struct A {\n int size = 0;\n};\n', COLD_PATH),
    ],
    'no-alloc': [
        (function('return *new int;'), function('return new_value + news;'), COLD_PATH),
        (function('delete x;'), 'struct A {\n A(A&&) = delete;\n};\n', COLD_PATH),
        (function('auto p = std::malloc(3);'), function('arena.malloc_count = 3;'), COLD_PATH),
        (function('auto p = std::make_shared<int>(3);'), function('auto p = std::make_unique<int>(3);'),
         COLD_PATH),
        (HOT + function('std::string s;', 'void f() noexcept'),
         HOT + function('std::string_view s;', 'void f() noexcept'), HOT_PATH),
        (HOT + function('v.push_back(1);', 'void f() noexcept'),
         function('v.push_back(1);', 'void f() noexcept'), HOT_PATH),
    ],
    'threads': [
        ('std::mutex lock;\n', '// A std::mutex is not needed.\n', COLD_PATH),
        ('thread_local int x = 0;\n', 'int x = 0;\n', COLD_PATH),
        ('std::atomic<int> x;\n', 'const char* x = "std::atomic";\n', COLD_PATH),
        (function('x_.store(1);'), function('x_.store(1, std::memory_order_release);'),
         'dispatch/records.h'),
    ],
    'namespace': [
        ('#pragma once\nusing namespace std::chrono_literals;\n',
         '#pragma once\nusing std::chrono_literals::operator""ms;\n', 'config/example.h'),
        ('using namespace std::chrono;\n', 'using namespace std::chrono_literals;\n', COLD_PATH),
        ('using namespace std;\n', function('using namespace std;'), COLD_PATH),
        ('static int f() {\n}\n', 'namespace {\nint f() {\n}\n}\n', COLD_PATH),
        ('static int x = 3;\n', 'static_assert(x == 3);\nstruct A {\n static int f();\n};\n', COLD_PATH),
    ],
    'hot': [
        (HOT + 'void g(std::function<void()> f);\n', HOT + 'void g(auto&& f);\n', HOT_PATH),
        (HOT + 'struct A {\n virtual ~A();\n};\n', HOT + 'struct A {\n ~A();\n};\n', HOT_PATH),
        (HOT + function('throw 3;', 'void f() noexcept'), function('throw 3;'), HOT_PATH),
        (HOT + function('auto t = std::chrono::steady_clock::now();', 'void f() noexcept'),
         HOT + function('auto t = harvest.now;', 'void f() noexcept'), HOT_PATH),
        (HOT + function('std::fprintf(stderr, "x");', 'void f() noexcept'),
         function('std::fprintf(stderr, "x");', 'void f() noexcept'), HOT_PATH),
    ],
    'noexcept': [
        (HOT + 'int f() {\n}\n', HOT + 'int f() noexcept {\n}\n', HOT_PATH),
        ('int f() {\n}\n', 'constexpr int f() noexcept {\n}\n', 'core/sip/example.cc'),
        (HOT + 'A::A(int x) : x_{x} {}\n', HOT + 'A::A(int x) noexcept : x_{x}, y_(3) {}\n', HOT_PATH),
    ],
    'braces': [
        (function('if (x)\n  return 1;'), function('if (x) return 1;'), COLD_PATH),
        (function('if (x) {\n} else y();'), function('if (x) {\n} else if (y) {\n} else {\n}'),
         COLD_PATH),
        (function('for (;;) x();'), function('for (;;) {\n}'), COLD_PATH),
        (function('while (x) y();'), function('do {\n} while (f(x));'), COLD_PATH),
        (function('if (x) a(); else b();'), function('if (x) [[likely]] {\n a();\n}'), COLD_PATH),
        (function('if (a(b) &&\n    c) return;'), function('if constexpr (a(b)) return;'), COLD_PATH),
    ],
    'comment': [
        ('// x = read(3);\n', '// The mark is read(3) of the key, see below;\n', COLD_PATH),
        ('// return done(x);\n', '// Both sides are trimmed;\n', COLD_PATH),
        ('// if (x) {\n', '// If x is there, we go on.\n', COLD_PATH),
        ('// #include <vector>\n', '// RFC 3261 §16.6 step 8.\n', COLD_PATH),
    ],
    'todo': [('// TODO: more\n', '// TODO(#42): more\n', COLD_PATH)],
    'exception': [
        ('// RULE-EXCEPTION(size)\n', '// RULE-EXCEPTION(size): one table, read as one.\n', COLD_PATH),
    ],
}


class EveryRule(unittest.TestCase):
    def test_refuses_the_bad_example(self):
        for rule, examples in EXAMPLES.items():
            for bad, _, path in examples:
                with self.subTest(rule=rule, text=bad):
                    self.assertIn(rule, rules(bad, path))

    def test_passes_the_good_example(self):
        for rule, examples in EXAMPLES.items():
            for _, good, path in examples:
                with self.subTest(rule=rule, text=good):
                    self.assertNotIn(rule, rules(good, path))

    def test_has_an_example(self):
        named = {'size', 'include', 'header', 'naming', 'no-alloc', 'threads', 'namespace', 'hot',
                 'noexcept', 'braces', 'comment', 'todo', 'exception'}
        self.assertEqual(set(EXAMPLES), named)


class Exceptions(unittest.TestCase):
    def test_hold_on_the_line_and_in_the_comment_above(self):
        why = '// RULE-EXCEPTION(threads): one for the process.'

        self.assertEqual(rules(f'thread_local int x;  {why}\n'), [])
        self.assertEqual(rules(f'{why}\nthread_local int x;\n'), [])
        self.assertEqual(rules(f'{why}\n// Two lines long.\nthread_local int x;\n'), [])

    def test_do_not_reach_further(self):
        why = '// RULE-EXCEPTION(threads): one for the process.'

        self.assertEqual(rules(f'{why}\nint y;\nthread_local int x;\n'), ['threads'])

    def test_excuse_no_other_rule(self):
        self.assertEqual(rules('thread_local int x;  // RULE-EXCEPTION(size): why\n'), ['threads'])

    def test_need_a_reason(self):
        self.assertEqual(rules('thread_local int x;  // RULE-EXCEPTION(threads)\n'),
                         ['exception', 'threads'])

    def test_of_size_stand_over_a_function(self):
        long = function('  g();\n' * 80)

        self.assertEqual(rules(long), ['size'])
        self.assertEqual(rules('// RULE-EXCEPTION(size): one table.\n' + long), [])

    def test_of_size_stand_at_the_top_of_a_file(self):
        top = '#pragma once\n// RULE-EXCEPTION(size): one table.\n'

        self.assertEqual(rules(top + 'int x;\n' * 600, 'config/x.h'), [])
        self.assertEqual(rules('#pragma once\n' + 'int x;\n' * 600, 'config/x.h'), ['size'])


class ThirdParty(unittest.TestCase):
    def findings(self, *files):
        sources = [read_source(path, f'#include <{header}>\n') for path, header in files]
        return len(list(tidy.check_third_party(sources)))

    def test_one_module_may_include_a_library(self):
        self.assertEqual(self.findings(('core/net/ring.h', 'liburing.h'),
                                       ('core/net/ring.cc', 'liburing.h')), 0)

    def test_two_modules_may_not(self):
        self.assertEqual(self.findings(('core/net/ring.cc', 'liburing.h'),
                                       ('core/net/send.cc', 'liburing.h')), 2)

    def test_a_program_may_have_an_adapter_of_its_own(self):
        self.assertEqual(self.findings(('config/toml.cc', 'CLI/CLI.hpp'),
                                       ('tools/siplab/main.cc', 'CLI/CLI.hpp'),
                                       ('tools/sipsteerctl/main.cc', 'CLI/CLI.hpp')), 0)
        self.assertEqual(self.findings(('tools/siplab/a.cc', 'CLI/CLI.hpp'),
                                       ('tools/siplab/b.cc', 'CLI/CLI.hpp')), 2)

    def test_tests_may_use_a_library_as_oracle(self):
        self.assertEqual(self.findings(('core/base/hash.cc', 'xxhash.h'),
                                       ('tests/core_base/hash_test.cc', 'xxhash.h')), 0)

    def test_mimalloc_is_included_nowhere(self):
        self.assertEqual(self.findings(('tools/sipsteer/main.cc', 'mimalloc.h')), 1)


class WhatLooksWrongAndIsNot(unittest.TestCase):
    GOOD = [
        'auto text = R"(\nnew int; if (x)\n  y();\n' + 'x' * 200 + '\n)";\n',
        'int big = 8\'192; char quote = \'"\'; const char* s = "new {";\n',
        '#define STEER_X(a) \\\n  do new int; \\\n  while (0)\n',
        'template <class T, class U = int>\nstruct Pair {\n T first;\n};\n',
        'concept Io = requires(T io) {\n { io.outbox() } -> std::same_as<int>;\n};\n',
        'struct A::Inner {\n  Inner(int x) : y{x} {}\n  int y;\n};\n',
        'void f() {\n  struct stat file{};\n}\n',
        '// How it is used:\n//   x = read(3);\n//   if (x) {\n',
        'void* operator new(std::size_t size);\nvoid operator delete(void* p) noexcept {\n}\n',
        'bool A::operator()(int a) const {\n return a;\n}\n',
        'void f() {\n for (const auto& [k, v] : map) {\n  g(k, [&] { return v; });\n }\n}\n',
        'constexpr int f(int x) {\n return x;\n}\n',
        'enum class Kind : std::uint8_t { kOne };\nstatic_assert(sizeof(Kind) == 1);\n',
        'class A {\n public:\n  explicit A(int x) : x_{x}, y_{} {}\n private:\n  int x_;\n  int y_;\n};\n',
        'class A {\n friend bool operator==(A, A) = default;\n static constexpr int kX = 1;\n};\n',
    ]

    def test_passes(self):
        for text in self.GOOD:
            with self.subTest(text=text):
                self.assertEqual(rules(text), [])

    def test_a_test_body_is_a_function(self):
        text = 'TEST(Subject, AFactInPlainEnglish) {\n  thread_local int x;\n}\n'

        self.assertEqual(rules(text, 'tests/config/example_test.cc'), [])

    def test_the_library_folders_are_those_of_the_tree(self):
        for folder in tidy.ALLOWED:
            self.assertTrue(os.path.isdir(os.path.join(ROOT, folder)), folder)


if __name__ == '__main__':
    unittest.main()
