#!/usr/bin/env python3
"""Holds the link graph that CMake wrote against the include rule: no library links a folder that it
may not include, and each of its headers is in the set that is compiled alone.

    link_graph_test.py BUILD_DIR
"""

import os
import re
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import tidy  # noqa: E402 (the path above comes first)


def read_graph(folder):
    """target -> {folder, links, headers} of each file that steer_note_links() wrote."""
    graph = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding='utf-8') as file:
            lines = dict(line.rstrip('\n').split(' ', 1) for line in file if ' ' in line)
        graph[name.removesuffix('.txt')] = {
            'folder': os.path.relpath(lines['folder'], ROOT),
            'links': [link for link in lines['links'].split(';') if link],
            'headers': [os.path.relpath(path, ROOT) if os.path.isabs(path)
                        else os.path.join(os.path.relpath(lines['folder'], ROOT), path)
                        for path in lines['headers'].split(';') if path]}
    return graph


def wrong_edges(graph):
    """A sentence for each link that the include rule does not allow."""
    wrong = []
    for target, entry in graph.items():
        own = tidy.folder_of(entry['folder'] + '/')
        if own is None:
            continue  # Programs and tests may link anything.
        for link in entry['links']:
            linked = re.sub(r'\$<LINK_ONLY:(.*)>', r'\1', link)
            if linked == 'steer_options' or not linked.startswith('steer_'):
                continue
            if linked not in graph:
                wrong.append(f'{target} links {linked}, which no steer_library() made')
                continue
            folder = graph[linked]['folder']
            if folder != own and folder not in tidy.ALLOWED[own]:
                wrong.append(f'{target} ({own}) links {linked} ({folder}): the rule in tools/tidy.py '
                             'does not allow it; take the link out or move the code')
    return wrong


def unlisted_headers(graph, paths):
    """A sentence for each header of a library folder that no header set contains."""
    listed = {header for entry in graph.values() for header in entry['headers']}
    built = {entry['folder'] for entry in graph.values()}
    return [f'{path}: name it under HEADERS in {tidy.folder_of(path)}/CMakeLists.txt'
            for path in paths
            if path.endswith('.h') and tidy.folder_of(path) in built and path not in listed]


class LinkGraph(unittest.TestCase):
    build = '.'

    def setUp(self):
        folder = os.path.join(self.build, 'link_graph')
        self.assertTrue(os.path.isdir(folder), f'cmake has not finished: run "cmake {self.build}"')
        self.graph = read_graph(folder)

    def test_has_the_base_library(self):
        self.assertIn('steer_core_base', self.graph)

    def test_no_library_links_a_folder_it_may_not_include(self):
        self.assertEqual(wrong_edges(self.graph), [])

    def test_every_header_of_a_library_is_compiled_alone(self):
        self.assertEqual(unlisted_headers(self.graph, tidy.cpp_files()), [])


def node(folder, *links, headers=()):
    return {'folder': folder, 'links': list(links), 'headers': list(headers)}


class TheCheckItself(unittest.TestCase):
    def test_an_edge_downwards_is_refused(self):
        graph = {'steer_core_base': node('core/base', 'steer_options', 'steer_core_sip'),
                 'steer_core_sip': node('core/sip', 'steer_core_base')}

        self.assertEqual(len(wrong_edges(graph)), 1)

    def test_the_network_may_not_see_the_destinations(self):
        graph = {'steer_dispatch': node('dispatch'),
                 'steer_core_net': node('core/net', '$<LINK_ONLY:steer_dispatch>')}

        self.assertEqual(len(wrong_edges(graph)), 1)

    def test_an_unknown_library_is_refused(self):
        self.assertEqual(len(wrong_edges({'steer_health': node('health', 'steer_extra')})), 1)

    def test_allowed_edges_pass(self):
        graph = {'steer_core_base': node('core/base', 'steer_options', 'PkgConfig::SODIUM'),
                 'steer_core_sip': node('core/sip', 'steer_core_base')}

        self.assertEqual(wrong_edges(graph), [])

    def test_a_header_outside_the_set_is_refused(self):
        graph = {'steer_core_base': node('core/base', headers=['core/base/time.h'])}

        self.assertEqual(unlisted_headers(graph, ['core/base/time.h']), [])
        self.assertEqual(len(unlisted_headers(graph, ['core/base/new.h'])), 1)
        self.assertEqual(len(unlisted_headers(graph, ['core/base/inner/new.h'])), 1)

    def test_what_cmake_writes_is_read(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, 'steer_x.txt'), 'w', encoding='utf-8') as file:
                file.write(f'folder {ROOT}/core/base\nlinks steer_options;a\nheaders time.h\n')

            self.assertEqual(read_graph(folder), {
                'steer_x': node('core/base', 'steer_options', 'a', headers=['core/base/time.h'])})


if __name__ == '__main__':
    LinkGraph.build = sys.argv.pop(1)
    unittest.main()
