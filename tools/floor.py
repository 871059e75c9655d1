#!/usr/bin/env python3
"""Holds `siplab relay` against a bare recvmmsg/sendmmsg loop: CPU time per relayed message.

    tools/floor.py [--bin build/release/bin/siplab] [--windows 16,512] [--rounds 5] [--seconds 2]
                   [--io auto] [--limit 1.05]

Runs the two relays in turn, never at once: the relay on one processor, generator and answering side on
another. CPU time is field 1 of /proc/PID/task/*/schedstat over the middle of each run, divided by the
messages relayed in that time. Prints the medians and the median of the rounds' ratios, which a noisy
machine disturbs less than either figure. Exit 0 if every ratio is within --limit, 1 if not.
"""

import argparse
import glob
import json
import os
import signal
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LEAD_IN = 0.5
DESTINATIONS = 8


def cpu_ns(pid):
    total = 0
    for path in glob.glob(f'/proc/{pid}/task/*/schedstat'):
        with open(path, encoding='ascii') as file:
            total += int(file.read().split()[0])
    return total


class Program:
    """One siplab process, pinned, ended by SIGINT."""

    def __init__(self, binary, cpu, arguments):
        self.process = subprocess.Popen(['taskset', '-c', str(cpu), binary, *arguments],
                                        stdout=subprocess.PIPE, text=True)

    def listening(self):
        line = self.process.stdout.readline().split()
        if not line:
            sys.exit('floor: siplab ended at once; see its message above')
        return line[1]

    def relayed(self):
        self.process.send_signal(signal.SIGUSR1)
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=10)[0]


def measure(options, extra, window):
    """CPU ns per message of one relay, and the transactions per second it carried."""
    uas = Program(options.bin, options.load_cpu, ['uas', '--listen', 'udp:127.0.0.1:0', '--ports',
                                                  str(DESTINATIONS), '--duration', '60s', '--json'])
    targets = []
    for _ in range(DESTINATIONS):
        targets += ['--target', uas.listening()]
    relay = Program(options.bin, options.relay_cpu,
                    ['relay', '--listen', 'udp:127.0.0.1:0', '--duration', '60s', '--json',
                     *targets, *extra])
    address = relay.listening()
    uac = Program(options.bin, options.load_cpu,
                  ['uac', '--target', address, '--mode', 'options', '--size', '500', '--window',
                   str(window), '--duration', '60s', '--json'])
    time.sleep(LEAD_IN)
    before, cpu_before = relay.relayed(), cpu_ns(relay.process.pid)
    time.sleep(options.seconds)
    after, cpu_after = relay.relayed(), cpu_ns(relay.process.pid)
    cpu, messages = cpu_after - cpu_before, after['relayed'] - before['relayed']
    seconds = after['seconds'] - before['seconds']
    report = json.loads(uac.end())
    relay.end()
    uas.end()
    if report['lost'] > report['started'] / 1000 or messages < 1000:
        print(f'floor: {report["lost"]} of {report["started"]} lost', file=sys.stderr)
    return cpu / max(messages, 1), messages / 2 / seconds


def compare(options, window):
    variants = {'plain': ['--plain'], 'relay': ['--io', options.io]}
    figures = {name: [] for name in variants}
    ratios = []
    for number in range(options.rounds):
        order = list(variants) if number % 2 == 0 else list(reversed(variants))
        for name in order:
            figures[name].append(measure(options, variants[name], window))
        ratios.append(figures['relay'][-1][0] / figures['plain'][-1][0])
    for name, rows in figures.items():
        cpu = [row[0] for row in rows]
        print(f'{window:>7} {name:<6} {statistics.median(cpu):>9,.0f} {min(cpu):>9,.0f} '
              f'{statistics.median(row[1] for row in rows):>14,.0f}')
    ratio = statistics.median(ratios)
    of_medians = (statistics.median(row[0] for row in figures['relay']) /
                  statistics.median(row[0] for row in figures['plain']))
    print(f'{window:>7} ratio  {ratio:>9.3f}  (of medians {of_medians:.3f}, rounds '
          f'{min(ratios):.3f} to {max(ratios):.3f})', flush=True)
    return ratio


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--bin', default=os.path.join(ROOT, 'build/release/bin/siplab'))
    parser.add_argument('--windows', default='16,512')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--seconds', type=float, default=2)
    parser.add_argument('--io', default='auto', choices=['auto', 'io_uring', 'epoll'])
    parser.add_argument('--limit', type=float, default=1.05)
    parser.add_argument('--load-cpu', type=int, default=0)
    parser.add_argument('--relay-cpu', type=int, default=1)
    options = parser.parse_args()
    if not os.access(options.bin, os.X_OK):
        sys.exit(f'floor: no {options.bin}; build it with cmake --build --preset release --target siplab')
    print(f'{"window":>7} {"":<6} {"CPU ns":>9} {"min":>9} {"transactions/s":>14}')
    ratios = [compare(options, int(window)) for window in options.windows.split(',')]
    return 0 if max(ratios) <= options.limit else 1


if __name__ == '__main__':
    sys.exit(main())
