#!/usr/bin/env python3
"""Checks the C++ files of the tree against the house rules; see HACKING.md.

    tools/tidy.py                          the whole tree; exit 0 if it keeps the rules, else 1
    tools/tidy.py FILE...                  these files only
    tools/tidy.py --format                 clang-format-19 as well
    tools/tidy.py --clang-tidy BUILD_DIR   clang-tidy-19 as well, with this build's commands

A rule that has to be broken is broken in writing, on the line or in the comment right above it:
    // RULE-EXCEPTION(no-alloc): once per new peer, bounded by kPeerCountMax.
"""

import argparse
import collections
import fnmatch
import os
import re
import subprocess
import sys

from tidy_source import group_end, read_source, without_template

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

FUNCTION_LINES_MAX = 70
PARAMETERS_MAX = 5
NESTING_MAX = 4
FILE_LINES_MAX = 500
COLUMNS_MAX = 100

# Which folder may include, and link, which (besides itself). Folders not named here, the programs
# and the tests, may use every one of these; these may use none of them.
ALLOWED = {
    'core/base': [],
    'core/sip': ['core/base'],
    'core/net': ['core/base'],
    'core/transport': ['core/base', 'core/sip'],
    'core/proxy': ['core/base', 'core/sip'],
    'dispatch': ['core/base', 'core/sip', 'core/proxy'],
    'health': ['core/base', 'core/sip', 'dispatch'],
    'config': ['core/base', 'core/sip', 'dispatch'],
    'admin': ['core/base', 'core/sip', 'core/net', 'core/proxy', 'dispatch', 'health', 'config'],
}
# Outside libraries: included by one module (a .h and its .cc) each, so that they can be exchanged.
THIRD_PARTY = {
    'liburing': r'liburing(\.h|/)', 'xxHash': r'xxhash\.h|xxh3\.h', 'libsodium': r'sodium(\.h|/)',
    'toml++': r'toml(\+\+|\.hpp)', 'nlohmann-json': r'nlohmann/', 'CLI11': r'CLI/',
    'spdlog': r'spdlog/', 'libmicrohttpd': r'microhttpd\.h', 'libsystemd': r'systemd/',
    'readerwriterqueue': r'readerwriterqueue/|readerwriterqueue\.h', 'mimalloc': r'mimalloc'}
PROGRAMS = ('tools/siplab', 'tools/sipsteerctl')  # With an adapter of their own for these:
PROGRAM_LIBRARIES = ('CLI11', 'nlohmann-json')
ATOMIC_FILES = ('core/base/spsc_queue.h', 'core/base/datagram_ring.h', 'core/base/counter.h',
                'dispatch/*record*.h', 'dispatch/*record*.cc')
# Names that the standard library or a tool prescribes.
FOREIGN_NAMES = {'duration', 'rep', 'period', 'time_point', 'is_steady', 'value_type', 'iterator',
                 'const_iterator', 'difference_type', 'reference', 'pointer', 'size_type',
                 'iterator_category', 'iterator_concept', 'is_transparent', 'is_avalanching',
                 'promise_type', 'GetName', 'LLVMFuzzerTestOneInput', 'LLVMFuzzerInitialize'}

MEMORY = [
    (r'(?<!operator )\bnew\b', 'new: use a value, a unique_ptr or a boot-time arena'),
    (r'(?<!operator )(?<!= )\bdelete\b', 'delete: give the object one owner that destroys it'),
    (r'(?:\bstd::|(?<![\w.>:]))(?:malloc|calloc|realloc|strdup|aligned_alloc)\s*\(|\bstd::free\s*\(',
     'malloc/free: use a value, a unique_ptr or a boot-time arena'),
    (r'\b(?:shared_ptr|make_shared)\b', 'shared_ptr: everything has one owner; use unique_ptr'),
]
LOCKS = [
    (r'\bstd::(?:\w+_)?mutex\b|\bpthread_mutex|\bstd::(?:lock_guard|unique_lock|scoped_lock|'
     r'shared_lock|condition_variable\w*|counting_semaphore|binary_semaphore|latch|barrier)\b',
     'lock: give the object to one thread, or pass a message through an SpscQueue'),
    (r'\bthread_local\b', 'thread_local: make it a member of what the thread owns'),
]
ATOMIC = [(r'\bstd::atomic\w*|\b__atomic_|\b__sync_',
           'atomic: only SpscQueue, DatagramRing, Counter and run-time records have them; use one of these')]
HOT_MEMORY = [
    (r'\bstd::string\b|\bstd::to_string\b', 'std::string: use std::string_view or StaticString'),
    (r'[.>](?:push_back|emplace_back|resize)\s*\(|\bmake_unique\b',
     'growth: reserve at boot, fill in place (BoundedVector, span)'),
]
HOT = [
    (r'\bstd::(?:move_only_)?function\b', 'std::function: use a template parameter'),
    (r'\bvirtual\b', 'virtual: use a template over a concept'),
    (r'\bthrow\b', 'throw: return a verdict; the cold path lives in another file'),
    (r'_clock::now\b|\bclock_gettime\b|\bgettimeofday\b|\btime\(nullptr\)',
     'clock: take an Instant as a parameter'),
    (r'\bspdlog::|\b(?:std::)?f?printf\s*\(|\bstd::c(?:err|out)\b|\bfmt::print|\bsyslog\s*\(',
     'log: count it; the control thread writes the line'),
]

Finding = collections.namedtuple('Finding', 'path line rule text')


def under(path, *folders):
    return any(path.startswith(folder + '/') for folder in folders)


def folder_of(path):
    """The library folder that a path lies in; None for programs, tests and benchmarks."""
    return next((folder for folder in ALLOWED if under(path, folder)), None)


def included(source):
    """(line, path, quoted) of each #include."""
    for number, text in enumerate(source.raw, 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', text)
        if found and number not in source.in_raw_string:
            yield number, found[2], found[1] == '"'


def find_all(source, rule, table):
    for number, text in enumerate(source.lines, 1):
        for pattern, cure in table:
            if re.search(pattern, text):
                yield number, rule, cure


def check_size(source):
    if len(source.raw) > FILE_LINES_MAX:
        excused = any(name == 'size' and why for line in range(1, 11)
                      for name, why in source.exceptions.get(line, []))
        if not excused:
            yield 1, 'size', f'{len(source.raw)} lines (at most {FILE_LINES_MAX}): split by subject'
    for number, text in enumerate(source.raw, 1):
        if len(text) > COLUMNS_MAX and number not in source.in_raw_string:
            yield number, 'size', f'{len(text)} columns (at most {COLUMNS_MAX}): break the line'


def check_functions(source):
    for scope in source.scopes:
        if scope.kind not in ('function', 'lambda'):
            continue
        if any(source.excused('size', line)
               for line in (scope.head_line, scope.open_line, scope.open_line + 1)):
            continue
        name = scope.name or 'lambda'
        lines = scope.close_line - scope.head_line + 1
        if scope.kind == 'function' and lines > FUNCTION_LINES_MAX:
            yield (scope.head_line, 'size',
                   f'{name}: {lines} lines (at most {FUNCTION_LINES_MAX}): take a leaf function out')
        if scope.parameters > PARAMETERS_MAX:
            yield (scope.head_line, 'size', f'{name}: {scope.parameters} parameters (at most '
                   f'{PARAMETERS_MAX}): make an options struct')
        if scope.nesting > NESTING_MAX:
            yield (scope.nesting_line, 'size', f'{name}: nesting {scope.nesting} (at most '
                   f'{NESTING_MAX}): return early or take a leaf function out')


def check_include(source):
    own = folder_of(source.path)
    for line, path, quoted in included(source):
        target = folder_of(path)
        if quoted and '/' not in path:
            yield line, 'include', f'"{path}": write the path from the root of the tree'
        elif own and target and target != own and target not in ALLOWED[own]:
            allowed = ', '.join(ALLOWED[own]) or 'none of ours'
            yield line, 'include', f'{own} may not use {target} (only: {allowed}): move the code'
        elif own and quoted and not target:
            yield line, 'include', f'a library may not use "{path}": move it into a library folder'


def check_header(source):
    if source.path.endswith('.h'):
        code = (text.strip() for text in source.raw if not text.lstrip().startswith('//'))
        if next((text for text in code if text), '') != '#pragma once':
            yield 1, 'header', 'begin with #pragma once'
        return
    own = re.sub(r'\.cc$', '.h', source.path)
    first = next(included(source), None)
    if os.path.exists(os.path.join(ROOT, own)) and (first is None or first[1] != own):
        yield first[0] if first else 1, 'header', f'include "{own}" first: it must compile alone'


def check_names(source):
    for scope in source.scopes:
        if scope.kind == 'function':
            yield from function_name(source, scope)
        elif scope.kind != 'lambda' and scope.name:
            name = scope.name.split('::')[-1]
            if not re.fullmatch(r'[A-Z][A-Za-z0-9]*', name) and name not in FOREIGN_NAMES:
                yield scope.head_line, 'naming', f'type {name}: write it in CamelCase'
            if scope.kind == 'enum':
                for enumerator in re.findall(r'[{,]\s*([A-Za-z_]\w*)', scope.head[scope.head.find('{'):]):
                    if not re.fullmatch(r'k[A-Z0-9]\w*', enumerator):
                        yield scope.head_line, 'naming', f'enumerator {enumerator}: write kCamelCase'
    for number, text in enumerate(source.lines, 1):
        found = re.search(r'\bconstexpr\s+(?:[\w:]+(?:<.*>)?[\s&*]+)+?(\w+)\s*(?:=(?!=)|\{|\[)', text)
        if found and not re.fullmatch(r'k[A-Z0-9]\w*', found[1]) and found[1] not in FOREIGN_NAMES:
            yield number, 'naming', f'constant {found[1]}: write kCamelCase'
        found = re.match(r'\s*using\s+(\w+)\s*=', text)
        if found and not re.match(r'[A-Z]', found[1]) and found[1] not in FOREIGN_NAMES:
            yield number, 'naming', f'type {found[1]}: write it in CamelCase'
    yield from member_names(source)


def function_name(source, scope):
    name = scope.name.split('::')[-1]
    owners = {scope.outer.split('::')[-1], *scope.name.split('::')[:-1]}
    if not re.match(r'[A-Za-z_]', name) or name.startswith('operator') or name in owners:
        return
    if under(source.path, 'tests', 'bench') and re.fullmatch(r'[A-Z][A-Z_0-9]*|BM_\w+|\w*_P\b', name):
        return
    if not re.fullmatch(r'[a-z][a-z0-9_]*', name) and name not in FOREIGN_NAMES:
        if re.search(r'<.*>', name) or re.sub(r'<.*', '', name) in owners or (
                scope.outer_kind == 'class' and name in ('SetUp', 'TearDown', 'TestBody')):
            return
        yield scope.head_line, 'naming', f'function {name}: write it in snake_case'


def member_names(source):
    kinds = r'using|friend|typedef|template|enum|struct|class|static_assert|union|operator|return'
    for statement in source.statements:
        text = re.sub(r'\s*(=|\{\}).*', '', statement.text, flags=re.S)
        if statement.scope != 'class' or '(' in text or re.match(rf'(?:{kinds})\b', text):
            continue
        name = re.search(r'[\s&*>](\w+)(?:\[[^\]]*\])?$', text)
        if not name or re.search(r'\bconstexpr\b', text):
            continue
        if statement.access == 'private' and not name[1].endswith('_'):
            yield statement.line, 'naming', f'private member {name[1]}: end it with an underscore'
        elif statement.access == 'public' and name[1].endswith('_'):
            yield statement.line, 'naming', f'public member {name[1]}: no underscore at its end'


def check_memory(source):
    table = MEMORY if not under(source.path, 'tests', 'bench') else MEMORY[3:]
    yield from find_all(source, 'no-alloc', table)


def check_threads(source):
    if under(source.path, 'tests', 'bench'):
        return
    yield from find_all(source, 'threads', LOCKS)
    if not any(fnmatch.fnmatch(source.path, pattern) for pattern in ATOMIC_FILES):
        yield from find_all(source, 'threads', ATOMIC)
        return
    operation = r'[.>](?:load|store|exchange|fetch_\w+|compare_exchange_\w+)\s*(\()'
    for found in re.finditer(operation, source.code):
        if 'memory_order' not in source.code[found.start():group_end(source.code, found.start(1))]:
            line = source.code.count('\n', 0, found.start()) + 1
            yield line, 'threads', 'atomic without an order: write its std::memory_order'


def check_namespace(source):
    heads = [(scope.head, scope.head_line) for scope in source.scopes
             if scope.kind == 'function' and scope.outer_kind == 'namespace']
    heads += [(each.text, each.line) for each in source.statements if each.scope == 'namespace']
    for text, line in heads:
        # Literals only add suffixes such as 500ms; in a library's header they would still leak.
        literals = re.search(r'literals$', text) and not (
            source.path.endswith('.h') and folder_of(source.path))
        if text.startswith('using namespace') and not literals:
            yield line, 'namespace', 'using namespace: name what you use, or do it in a function'
        if re.match(r'static\b(?!_)', without_template(text)):
            yield line, 'namespace', 'static: put it into an anonymous namespace'


def check_hot(source):
    if source.hot:
        yield from find_all(source, 'no-alloc', HOT_MEMORY)
        yield from find_all(source, 'hot', HOT)
    if not under(source.path, 'core/sip') and not (source.hot and folder_of(source.path)):
        return
    for scope in source.scopes:
        if scope.kind == 'function' and not re.search(r'\bnoexcept\b|\bconsteval\b', scope.head):
            yield scope.head_line, 'noexcept', f'{scope.name}: hot code says noexcept'


def check_braces(source):
    code = source.code
    for found in re.finditer(r'\b(if|for|while|else|do)\b(?:\s*(?:constexpr|!?\s*consteval))?', code):
        at = found.end()
        line = code.count('\n', 0, found.start()) + 1
        if found[1] in ('if', 'for', 'while') and code[at:].lstrip().startswith('('):
            at = group_end(code, code.index('(', at))
        rest = re.sub(r'^\s*(?:\[\[\w+\]\]\s*)?', '', code[at:at + 400])
        if rest.startswith('{') or found[1] == 'else' and re.match(r'if\b', rest):
            continue
        if found[1] == 'while' and rest.startswith(';'):
            continue
        whole = code[found.start():].split('\n', 1)[0]
        after = re.match(r'[^;]*;\s*else\b', rest)
        if found[1] != 'if' or ';' not in whole[at - found.start():] or after:
            yield line, 'braces', f'{found[1]}: put braces round it (only a guard fits one line)'


def check_comments(source):
    word = r'[\w:.>\[\]-]+'
    code = re.compile(rf'{word}\(.*\);$|(?:[\w:<>*&]+ )?{word} [-+|&^]?= \S.*;$|#\s*include\b|'
                      r'(?:if|for|while|switch) \(.*[;{]$|return\b[^.]*;$|[{}]$|\w+(?:\+\+|--);$')
    for line, comment in source.comments:
        text = comment.lstrip('/*! ').rstrip()
        if re.match(r'// ?\S', comment) and code.match(text):  # Indented: an example of use.
            yield line, 'comment', 'commented-out code: delete it, the history keeps it'
        for found in re.finditer(r'\b(?:TODO|FIXME)\b(?!\(#\d+\):)', comment):
            where = line + comment.count('\n', 0, found.start())
            yield where, 'todo', 'write TODO(#42): with the number of its issue'
    for line, exceptions in source.exceptions.items():
        if any(not why or not name for name, why in exceptions):
            yield line, 'exception', 'write RULE-EXCEPTION(rule): and the reason'


CHECKS = (check_size, check_functions, check_include, check_header, check_names, check_memory,
          check_threads, check_namespace, check_hot, check_braces, check_comments)


def check_third_party(sources):
    """Each outside library is included by one module; mimalloc by none."""
    modules = collections.defaultdict(dict)  # (library, program) -> module -> (source, line)
    for source in sources:
        if under(source.path, 'tests', 'bench'):
            continue  # Tests may use a library as their oracle.
        for line, path, _ in included(source):
            for library, pattern in THIRD_PARTY.items():
                if re.match(pattern, path):
                    program = next((each for each in PROGRAMS if under(source.path, each)
                                    and library in PROGRAM_LIBRARIES), '')
                    module = os.path.splitext(source.path)[0]
                    modules[library, program].setdefault(module, (source, line))
    for (library, _), users in sorted(modules.items()):
        others = ', '.join(sorted(users))
        for source, line in users.values():
            if source.excused('third-party', line):
                continue
            if library == 'mimalloc':
                yield Finding(source.path, line, 'third-party', 'mimalloc is linked, never included')
            elif len(users) > 1:
                yield Finding(source.path, line, 'third-party',
                              f'{library} is included by {others}: keep one adapter, use it')


def check_source(source):
    for check in CHECKS:
        for line, rule, text in check(source):
            if rule == 'exception' or not source.excused(rule, line):
                yield Finding(source.path, line, rule, text)


def cpp_files():
    """What git tracks or would track; without git (an unpacked archive) what lies there."""
    command = ['git', 'ls-files', '-co', '--exclude-standard', '*.h', '*.cc']
    if os.path.exists(os.path.join(ROOT, '.git')):
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True,
                                check=True).stdout.split('\n')
    else:
        listed = [os.path.relpath(os.path.join(folder, name), ROOT)
                  for folder, _, names in os.walk(ROOT) for name in names
                  if name.endswith(('.h', '.cc'))]
    return sorted(path for path in set(listed)
                  if path and not under(path, 'build') and os.path.isfile(os.path.join(ROOT, path)))


def run_tool(command, name):
    """An outside checker's exit; a missing one is a mistake, not a pass."""
    try:
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    except FileNotFoundError:
        print(f'tools/tidy.py: {command[0]} is missing: apt-get install {name}')
        return 1


def main():
    options = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('files', nargs='*', metavar='FILE')
    options.add_argument('--format', action='store_true')
    options.add_argument('--clang-tidy', metavar='BUILD_DIR')
    arguments = options.parse_args()
    paths = [os.path.relpath(os.path.abspath(path), ROOT) for path in arguments.files
             if path.endswith(('.h', '.cc'))] if arguments.files else cpp_files()
    sources = []
    for path in paths:
        with open(os.path.join(ROOT, path), encoding='utf-8') as file:
            sources.append(read_source(path, file.read()))
    findings = [finding for source in sources for finding in check_source(source)]
    findings += check_third_party(sources)
    for finding in sorted(findings):
        print('{}:{}: {}: {}'.format(*finding))
    excused = collections.Counter(name for source in sources for each in source.exceptions.values()
                                  for name, _ in each)
    written = ', '.join(f'{rule} {count}' for rule, count in sorted(excused.items())) or 'none'
    print(f'tidy: {len(sources)} files, {len(findings)} findings, exceptions written: {written}')
    failed = bool(findings)
    if arguments.format:
        command = ['clang-format-19', '--dry-run', '-Werror', *paths]
        failed |= run_tool(command, 'clang-format-19') != 0
    if arguments.clang_tidy:
        command = ['clang-tidy-19', '--quiet', '--extra-arg=-Wno-unknown-warning-option', '-p',
                   os.path.abspath(arguments.clang_tidy),
                   *(path for path in paths if path.endswith('.cc'))]
        failed |= run_tool(command, 'clang-tidy-19') != 0
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
