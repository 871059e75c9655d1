#!/usr/bin/env python3
"""Runs the program as users do: siplab_process_test.py PATH_OF_SIPLAB"""

import json
import signal
import subprocess
import sys

SIPLAB = sys.argv[1]
BOUND = ['--duration', '30s']  # Of everything that is started, should this test die.


class Background:
    def __init__(self, *arguments, ports=1):
        self.process = subprocess.Popen([SIPLAB, *arguments, *BOUND], stdout=subprocess.PIPE,
                                        text=True)
        self.addresses = [self.process.stdout.readline().split()[1] for _ in range(ports)]

    def report_now(self):
        self.process.send_signal(signal.SIGUSR1)
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=20)
        assert self.process.returncode == 0, self.process.returncode
        return json.loads(out)


def uac(*arguments):
    done = subprocess.run([SIPLAB, 'uac', *arguments, '--json', *BOUND], capture_output=True,
                          text=True, timeout=60, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def through_a_relay(io, plain):
    uas = Background('uas', '--listen', 'udp:127.0.0.1:0', '--ports', '2', '--io', io, '--json',
                     ports=2)
    targets = [word for address in uas.addresses for word in ('--target', address)]
    relay = Background('relay', '--listen', 'udp:127.0.0.1:0', *targets, '--json',
                       *(['--plain'] if plain else ['--io', io]))
    code, report = uac('--target', relay.addresses[0], '--count', '2000', '--window', '32',
                       '--io', io)
    assert code == 0, (code, report)
    assert report['completed'] == 2000 and report['lost'] == 0, report
    assert sorted(report['by_destination'].values()) == [1000, 1000], report
    assert relay.report_now()['relayed'] == 4000
    assert relay.end()['relayed'] == 4000
    assert sum(port['options'] for port in uas.end()['ports']) == 2000


def calls_with_everything(io):
    uas = Background('uas', '--listen', 'udp:127.0.0.1:0', '--ring', '180', '--delay', '5ms',
                     '--drop', '3%', '--io', io, '--json')
    code, report = uac('--target', uas.addresses[0], '--mode', 'call', '--count', '200', '--rate',
                       '1000', '--hold', '5ms', '--size', '900', '--sources', '3', '--io', io)
    ports = uas.end()['ports']
    assert code == 0, (code, report, ports)  # Repetitions make up for what is dropped.
    assert report['completed'] == 200 and report['repeated'] > 0, report
    assert ports[0]['dropped'] > 0 and ports[0]['ack'] >= 200, ports


def losses_exit_with_one():
    uas = Background('uas', '--listen', 'udp:127.0.0.1:0', '--drop', '100%', '--json')
    arguments = ['--target', uas.addresses[0], '--count', '5', '--timeout', '50ms']
    code, report = uac(*arguments)
    assert code == 1 and report['lost'] == 5, (code, report)
    code, _ = uac(*arguments, '--max-loss', '100%')
    assert code == 0, code
    uas.end()


def a_busy_port_is_told():
    uas = Background('uas', '--listen', 'udp:127.0.0.1:0', '--json')
    second = subprocess.run([SIPLAB, 'uas', '--listen', uas.addresses[0], *BOUND],
                            capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 2 and 'ss -lunp' in second.stderr, second
    uas.end()


def interruption_ends_with_the_summary():
    uas = Background('uas', '--listen', 'udp:127.0.0.1:0', '--drop', '100%', '--json')
    process = subprocess.Popen([SIPLAB, 'uac', '--target', uas.addresses[0], '--timeout', '20s',
                                '--json', '--progress', *BOUND],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert '16 going' in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert json.loads(out)['unfinished'] == 16, out
    uas.end()


def main():
    for io in ('auto', 'epoll'):
        through_a_relay(io, plain=False)
        calls_with_everything(io)
    through_a_relay('auto', plain=True)
    losses_exit_with_one()
    a_busy_port_is_told()
    interruption_ends_with_the_summary()


if __name__ == '__main__':
    main()
