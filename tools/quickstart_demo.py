#!/usr/bin/env python3
"""What tools/quickstart cannot do in bash: one request per Call-ID with its way written down, and
the table at the end. Standard library only."""

import json
import os
import re
import socket
import sys

CALL_COUNT = 500  # Traced one by one.
TRIES = 3         # A datagram may get lost.


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        trial.bind(('127.0.0.1', 0))
        return trial.getsockname()[1]


def options_request(number, here, there):
    return (f'OPTIONS sip:callee@{there} SIP/2.0\r\n'
            f'Via: SIP/2.0/UDP {here};rport;branch=z9hG4bKtrace{number}\r\n'
            f'Max-Forwards: 70\r\nFrom: <sip:caller@{here}>;tag=t{number}\r\n'
            f'To: <sip:callee@{there}>\r\nCall-ID: trace-{number}@quickstart\r\n'
            f'CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n').encode()


def who_answered(sock, number, there):
    """The destination that the Server field of the answer names; '-' without an answer."""
    here = '%s:%d' % sock.getsockname()
    call_id = f'Call-ID: trace-{number}@quickstart\r\n'
    for _ in range(TRIES):
        sock.send(options_request(number, here, there))
        try:
            while call_id not in (answer := sock.recv(65536).decode(errors='replace')):
                pass
        except OSError:
            continue
        name = re.search(r'\r\nServer: siplab-uas ([^\r]*)', answer)
        return 'sip:' + name[1] if name else '-'
    return '-'


def trace(there):
    """Prints a line 'number destination' for each of CALL_COUNT Call-IDs, always the same ones."""
    host, port = there.rsplit(':', 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((host, int(port)))
        sock.settimeout(1)
        for number in range(CALL_COUNT):
            print(number, who_answered(sock, number, there))


def is_down(uri):
    rows = [row for row_set in json.load(sys.stdin)['sets'] for row in row_set['destinations']]
    return all(row['state'] != 'active' for row in rows if row['uri'] == uri)


def read_trace(path):
    with open(path, encoding='ascii') as lines:
        return dict(line.split() for line in lines)


def read_json(folder, name):
    with open(os.path.join(folder, name), encoding='utf-8') as text:
        return json.load(text)


def calls_by_uri(report):
    """siplab names a destination ADDRESS-PORT, lists name it sip:ADDRESS:PORT."""
    return {'sip:' + name.replace('-', ':'): count
            for name, count in report['by_destination'].items()}


def print_table(rows, before, after):
    print(f'{"destination":<24}{"weight":>7}  {"state":<8}{"calls before":>13}{"calls after":>13}'
          f'{"moved":>7}')
    for row in rows:
        uri = row['uri']
        then, now = before.get(uri, 0), after.get(uri, 0)
        print(f'{uri:<24}{row["weight"]:>7}  {row["state"]:<8}{then:>13}{now:>13}{now - then:>+7}')
    print(f'{"all":<24}{"":>7}  {"":<8}{sum(before.values()):>13}{sum(after.values()):>13}')


def report(folder, victim, noticed):
    rows = read_json(folder, 'list.json')['sets'][0]['destinations']
    before = calls_by_uri(read_json(folder, 'before.json'))
    after = calls_by_uri(read_json(folder, 'after.json'))
    during = read_json(folder, 'during.json')
    way_before = read_trace(os.path.join(folder, 'before.trace'))
    way_after = read_trace(os.path.join(folder, 'after.trace'))
    homeless = [call for call, uri in way_before.items() if uri == victim]
    moved = [call for call in homeless if way_after[call] not in (victim, '-')]
    others = [call for call, uri in way_before.items() if uri != victim]
    stayed = [call for call in others if way_after[call] == way_before[call]]

    print_table(rows, before, after)
    print(f'\n{victim} was killed under load and noticed after {noticed} ms (2 failed probes).')
    print(f'Until then sipsteer asked the next one in its place: callers repeated '
          f'{during["repeated"]} requests, {during["lost"]} of {during["started"]} calls were lost.')
    print(f'One by one, {len(way_before)} Call-IDs: {len(moved)} of {len(homeless)} of the dead '
          f'one moved, {len(stayed)} of {len(others)} others stayed.')

    survivors = [row['uri'] for row in rows if row['uri'] != victim]
    good = (before.get(victim, 0) > 0 and after.get(victim, 0) == 0
            and all(after.get(uri, 0) > before.get(uri, 0) for uri in survivors)
            and homeless and len(moved) == len(homeless) and len(stayed) == len(others))
    if not good:
        print('quickstart: the calls did not move as they should; please report this',
              file=sys.stderr)
    return 0 if good else 1


def main(words):
    if words[:1] == ['free-port']:
        print(free_port())
    elif words[:1] == ['trace']:
        trace(words[1])
    elif words[:1] == ['is-down']:
        return 0 if is_down(words[1]) else 1
    elif words[:1] == ['report']:
        return report(words[1], words[2], words[3])
    else:
        print('Used by tools/quickstart; run that.', file=sys.stderr)
        return 2
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
