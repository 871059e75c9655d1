#!/usr/bin/env python3
"""Copies of the product's sources with bugs in them, for the mutation test (bugs_test.py). A bug is
text put in the place of other text; which of them is awake is asked at run time, so one program
holds all. The product itself knows nothing of this. Usage: plant_bugs.py SOURCE OUT"""

import os
import sys
from dataclasses import dataclass

HEADERS = ('tools/sipsteer/shard.h', 'tools/sipsteer/health_loop.h')
SOURCES = ('core/proxy/client_part.cc', 'core/proxy/response_context.cc',
           'core/proxy/transaction_store.cc', 'dispatch/destination_set.cc', 'dispatch/engine.cc',
           'dispatch/engine_response.cc', 'dispatch/engine_stateful.cc', 'dispatch/registry.cc', 'dispatch/request_host.cc', 'health/prober.cc')


@dataclass(frozen=True)
class Bug:
    name: str
    invariants: tuple  # The names that may be broken first; see invariant.h.
    changes: tuple     # (file, text, text with the bug); AWAKE stands for "this bug is awake".


BUGS = (
    Bug('adopts-in-mid-batch', ('only-listed-get-requests', 'closed-gets-nothing-new',
                                'in-dialog-arrives'), (
        ('tools/sipsteer/shard.h', 'if (harvest.woken) read_letters();',
         'if (harvest.woken && !(AWAKE)) read_letters();'),
        ('tools/sipsteer/shard.h', 'if (!harvest.datagrams.empty()) counters_.batches.add();',
         'if (harvest.datagrams.empty() && harvest.woken && (AWAKE)) read_letters();\n'
         'if (!harvest.datagrams.empty()) counters_.batches.add();'),
        ('tools/sipsteer/shard.h', 'engine_.handle(datagram, ring_.outbox());',
         'engine_.handle(datagram, ring_.outbox());\n'
         'if (harvest.woken && (AWAKE)) read_letters();'))),
    Bug('reads-one-letter', ('nothing-leaks', 'counters-add-up'), (
        ('tools/sipsteer/shard.h', 'while (mailbox_.to_shard.pop(letter)) {',
         'for (bool more = true; more && mailbox_.to_shard.pop(letter); more = !(AWAKE)) {'),)),
    Bug('ignores-a-disable', ('closed-gets-nothing-new',), (
        ('dispatch/registry.cc', 'record.intent.store(word.intent, std::memory_order_release);',
         'if (!(AWAKE) || word.intent != Intent::kDisabled) '
         'record.intent.store(word.intent, std::memory_order_release);'),)),
    Bug('ignores-a-drain', ('closed-gets-nothing-new',), (
        ('dispatch/registry.cc', 'record.intent.store(word.intent, std::memory_order_release);',
         'if (!(AWAKE) || word.intent != Intent::kDraining) '
         'record.intent.store(word.intent, std::memory_order_release);'),)),
    Bug('forgets-to-free-records', ('nothing-leaks',), (
        ('dispatch/registry.cc', 'std::erase_if(targets_,',
         'if (!(AWAKE)) std::erase_if(targets_,'),)),
    Bug('believes-a-wrong-mark', ('answers-are-genuine', 'answers-go-home'), (
        ('dispatch/engine_response.cc',
         'if (verdict == MarkVerdict::kBadBranch) return drop(Reason::kResponseBadMark);',
         'if (verdict == MarkVerdict::kBadBranch && !(AWAKE)) '
         'return drop(Reason::kResponseBadMark);'),)),
    Bug('believes-a-wrong-way-back', ('answers-are-genuine', 'answers-go-home'), (
        ('dispatch/engine_response.cc',
         'if (verdict == MarkVerdict::kBadReturn) return drop(Reason::kResponseBadReturn);',
         'if (verdict == MarkVerdict::kBadReturn && !(AWAKE)) '
         'return drop(Reason::kResponseBadReturn);'),)),
    Bug('believes-strangers', ('answers-are-genuine',), (
        ('dispatch/engine_response.cc', '!snapshot.addresses.has_ip(datagram.source)) {',
         '!snapshot.addresses.has_ip(datagram.source) && !(AWAKE)) {'),)),
    Bug('counts-twice', ('counters-add-up',), (
        ('dispatch/engine.cc', 'counters_.requests_forwarded.add();',
         'counters_.requests_forwarded.add(AWAKE ? 2 : 1);'),)),
    Bug('counts-a-destination-twice', ('counters-add-up',), (
        ('dispatch/engine.cc', '(verdict.in_dialog ? entry.in_dialog : entry.selected).add();',
         '(verdict.in_dialog ? entry.in_dialog : entry.selected)'
         '.add((AWAKE) && !verdict.in_dialog ? 2 : 1);'),)),
    Bug('ignores-the-dialog', ('in-dialog-arrives',), (
        ('dispatch/engine.cc', 'if (named != nullptr) return',
         'if (named != nullptr && !(AWAKE)) return'),)),
    Bug('chooses-by-place-in-list', ('call-keeps-destination',), (
        ('dispatch/destination_set.cc', '.seed = hasher(identity, kContenderSalt).value,',
         '.seed = hasher(identity, kContenderSalt).value + (AWAKE ? i : 0),'),)),
    Bug('never-writes-that-one-is-up', ('health-settles',), (
        ('tools/sipsteer/health_loop.h',
         'record.health.store(prober_.health_of({index}), std::memory_order_release);',
         'if (!(AWAKE) || prober_.health_of({index}) == dispatch::Health::kDown) '
         'record.health.store(prober_.health_of({index}), std::memory_order_release);'),)),
    Bug('forgets-timer-d', ('transactions-end',), (
        ('core/proxy/client_part.cc',
         'attempt.end_at = now + (is_invite ? completed_of(record) : times_.t4);',
         'attempt.end_at = now + (is_invite ? completed_of(record) : times_.t4);\n'
         'if (AWAKE) attempt.end_at = kNever;\n'),)),
    # A branch names a place in a table: what stands there now may be another call.
    Bug('reuses-a-freed-slot', ('answers-go-home', 'answers-are-genuine', 'one-answer'), (
        ('core/proxy/transaction_store.cc', '++record.generation;',
         'if (!(AWAKE)) ++record.generation;'),
        ('core/proxy/response_context.cc',
         'if (!is_same_call(store_.octets.view(record->key), call)) return verdict;',
         'if (!is_same_call(store_.octets.view(record->key), call) && !(AWAKE)) return verdict;'))),
    Bug('drops-one-hand-over', ('hand-over-arrives',), (
        ('dispatch/engine_stateful.cc', 'if (hand_over_->push(shard_, owner, datagram)) {',
         'if ((AWAKE) && owner_hasher_(datagram.bytes) % 64 == 0) {\n'
         '    counters_.handed_over.add();\n'
         '    return true;\n'
         '  }\n'
         '  if (hand_over_->push(shard_, owner, datagram)) {'),)),
    Bug('hands-over-twice', ('hand-over-arrives',), (
        ('dispatch/engine_stateful.cc', 'if (hand_over_->push(shard_, owner, datagram)) {',
         'if ((AWAKE) && !hand_over_->push(shard_, owner, datagram)) return true;\n'
         '  if (hand_over_->push(shard_, owner, datagram)) {'),)),
    Bug('keeps-what-is-not-its-own', ('one-shard-one-call', 'hand-over-arrives'), (
        ('dispatch/engine_stateful.cc', 'if (owner == shard_) return false;',
         'if (owner == shard_ || ((AWAKE) && owner_hasher_(datagram.bytes) % 8 == 0)) '
         'return false;'),)),
    Bug('tries-another-after-ringing', ('no-try-after-early',), (
        ('core/proxy/response_context.cc', '!record.rang &&', '(!record.rang || (AWAKE)) &&'),)),
    Bug('counts-a-failover-twice', ('failovers-are-counted',), (
        ('dispatch/request_host.cc',
         '.failovers[static_cast<std::size_t>(reason_of(failed.failure))]\n        .add();',
         '.failovers[static_cast<std::size_t>(reason_of(failed.failure))]\n'
         '        .add(AWAKE ? 2 : 1);'),)),
    Bug('draws-by-no-seed', ('same-seed-same-trace',), (
        ('health/prober.cc', 'random_ = mix(random_);',
         'static std::uint64_t draws = 0;\nrandom_ = mix(random_ + (AWAKE ? ++draws : 0));'),)),
)


def plant(path, text):
    """The text with all bugs of this file, and the names of those whose place was not found."""
    missing = []
    for bug in BUGS:
        awake = f'steer::sim::is_awake("{bug.name}")'
        for file, old, new in bug.changes:
            if file != path:
                continue
            # A line that an earlier bug has changed holds the old text once more, inside the new.
            at = text.rfind(old)
            if at < 0:
                missing.append(bug.name)
                continue
            text = text[:at] + new.replace('AWAKE', awake) + text[at + len(old):]
    return text, missing


def main():
    source, out = sys.argv[1:]
    missing = []
    for path in HEADERS + SOURCES:
        with open(os.path.join(source, path), encoding='utf-8') as file:
            text, lost = plant(path, file.read())
        missing += lost
        target = os.path.join(out, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        include = '#include "tests/sim/planted.h"\n'
        once = '#pragma once\n'
        text = text.replace(once, once + include, 1) if once in text else include + text
        with open(target, 'w', encoding='utf-8') as file:
            file.write(text)
    with open(os.path.join(out, 'missing.txt'), 'w', encoding='utf-8') as file:
        file.write(''.join(f'{name}\n' for name in missing))


if __name__ == '__main__':
    main()
