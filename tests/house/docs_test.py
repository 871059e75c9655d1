#!/usr/bin/env python3
"""The documents keep up with the tree: links lead somewhere, options exist in the programs' --help,
ARCHITECTURE.md stays short.

    docs_test.py [BIN_DIR]     without the programs in BIN_DIR their options are not looked at
"""

import functools
import os
import re
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS = ('sipsteer', 'sipsteerctl', 'siplab')
ARCHITECTURE_LINES_MAX = 200
SKIPPED_FOLDERS = {'build', '.git'}

LINK = re.compile(r'!?\[[^\]]*\]\(([^)\s]+)\)')
FENCE = re.compile(r'^ *```.*?^ *```[^\n]*$', re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r'`([^`\n]+)`')
# A program where a command begins, by its bare name or a path, and its words up to what the shell
# gives a meaning.
COMMAND = re.compile(r'(?:^|[$|;&(=]|\bsudo )\s*(?:[\w./-]*/)?(sipsteerctl|sipsteer|siplab)'
                     r'((?:[ \t]+[^\s|;&#]+)*)')
OPTION = re.compile(r'^(--[a-z][a-z-]*|-[a-zA-Z])(?:=.*)?$')


def documents():
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        found += [os.path.join(folder, name) for name in files if name.endswith('.md')]
    return sorted(found)


def read(path):
    with open(path, encoding='utf-8') as text:
        return text.read()


def slug(heading):
    """The anchor that a heading gets: lower case, no punctuation, blanks become hyphens."""
    return re.sub(r'[^\w\- ]', '', heading.strip().lower()).replace(' ', '-')


def anchors(text):
    return {slug(line.lstrip('#')) for line in FENCE.sub('', text).splitlines()
            if line.startswith('#')}


def broken_link(path, target):
    """What is wrong with the link, or nothing."""
    if re.match(r'[a-z]+:', target):
        return ''
    name, _, anchor = target.partition('#')
    file = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
    if not os.path.exists(file):
        return 'there is no such file'
    if anchor and file.endswith('.md') and anchor not in anchors(read(file)):
        return 'the file has no such heading'
    return ''


def code_of(text):
    """Lines of fenced blocks (continuation lines joined) and inline code."""
    for block in FENCE.findall(text):
        yield from (line.strip() for line in block.replace('\\\n', ' ').splitlines()[1:-1])
    yield from INLINE_CODE.findall(FENCE.sub('', text))


def options_in(line):
    """Pairs of program and option."""
    for match in COMMAND.finditer(line):
        for word in match[2].split():
            option = OPTION.match(word)
            if option:
                yield match[1], option[1]


def help_of(bin_dir, words):
    return subprocess.run([os.path.join(bin_dir, words[0]), *words[1:], '--help'], check=True,
                          capture_output=True, text=True, timeout=20).stdout


def options_of_help(text):
    return set(re.findall(r'(?<![\w-])(--?[a-zA-Z][a-z-]*)', text))


@functools.cache
def known_options(bin_dir, program):
    text = help_of(bin_dir, [program])
    _, _, commands = text.partition('Subcommands:')
    for name in re.findall(r'^  ([a-z]+)  ', commands, re.MULTILINE):
        text += help_of(bin_dir, [program, name])
    return options_of_help(text)


class Links(unittest.TestCase):
    def test_every_relative_link_leads_somewhere(self):
        broken = []
        for path in documents():
            for target in LINK.findall(FENCE.sub('', read(path))):
                why = broken_link(path, target)
                if why:
                    broken.append(f'{os.path.relpath(path, ROOT)}: {target}: {why}')
        self.assertEqual(broken, [])

    def test_a_broken_one_is_noticed(self):
        readme = os.path.join(ROOT, 'README.md')
        self.assertTrue(broken_link(readme, 'docs/none.md'))
        self.assertTrue(broken_link(readme, 'docs/concepts.md#none'))
        self.assertFalse(broken_link(readme, 'docs/concepts.md#algorithms'))


class Options(unittest.TestCase):
    bin_dir = ''

    def setUp(self):
        if not all(os.access(os.path.join(self.bin_dir, name), os.X_OK) for name in PROGRAMS):
            self.skipTest(f'{", ".join(PROGRAMS)} are not all in "{self.bin_dir}": build them')

    def test_every_option_in_the_documents_exists(self):
        unknown = []
        seen = 0
        for path in documents():
            for line in code_of(read(path)):
                for program, option in options_in(line):
                    seen += 1
                    if option not in known_options(self.bin_dir, program):
                        unknown.append(f'{os.path.relpath(path, ROOT)}: {program} {option}: not '
                                       f'in `{program} --help`; in: {line.strip()}')
        self.assertEqual(unknown, [])
        self.assertGreater(seen, 20)

    def test_options_are_found_in_help_and_in_text(self):
        self.assertIn('--force', known_options(self.bin_dir, 'sipsteerctl'))
        self.assertIn('--callid-prefix', known_options(self.bin_dir, 'siplab'))
        self.assertNotIn('--none', known_options(self.bin_dir, 'sipsteer'))
        self.assertEqual(list(options_in('sudo bin/sipsteer -c --none=1 | grep --ours')),
                         [('sipsteer', '-c'), ('sipsteer', '--none')])
        self.assertEqual(list(options_in('journalctl -u sipsteer --theirs')), [])


class Length(unittest.TestCase):
    def test_architecture_is_short(self):
        lines = len(read(os.path.join(ROOT, 'ARCHITECTURE.md')).splitlines())
        self.assertLessEqual(lines, ARCHITECTURE_LINES_MAX)


if __name__ == '__main__':
    if len(sys.argv) > 1 and not sys.argv[1].startswith('-'):
        Options.bin_dir = sys.argv.pop(1)
    unittest.main()
