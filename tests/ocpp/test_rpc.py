"""The RPC machine: one open call, each call ends once, repeated calls get the first answer."""

from collections import deque

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from voltherd.ocpp.errors import CallNotPossible, ErrorCode, FrameError, OcppError
from voltherd.ocpp.frames import Call, CallError, CallResult, Send, decode_frame, encode_call
from voltherd.ocpp.rpc import (
    QUEUE_LIMIT,
    Answered,
    AnswerMemory,
    Expired,
    LateAnswer,
    Refused,
    RepeatedCall,
    RepeatPending,
    ResultRefused,
    Rpc,
    UnknownAnswer,
)
from voltherd.ocpp.version import OcppVersion

V16, V201, V21 = OcppVersion.V16, OcppVersion.V201, OcppVersion.V21


def started(rpc, action="Reset", *, timeout_s=30.0, now=0.0, token=None):
    frame = rpc.call(action, b"{}", timeout_s=timeout_s, now=now, token=token)
    assert frame is not None
    return decode_frame(frame).message_id


def result(message_id, payload=b"{}"):
    return b'[3,"%b",%b]' % (message_id.encode(), payload)


# Outbound ------------------------------------------------------------------------------------


def test_a_call_is_answered():
    rpc = Rpc(V201)
    token = object()
    message_id = started(rpc, token=token)
    event = rpc.receive(result(message_id, b'{"status":"Accepted"}'), 1.0)
    assert isinstance(event, Answered)
    assert event.call.token is token
    assert bytes(event.payload) == b'{"status":"Accepted"}'
    assert rpc.outbound_open is None
    assert rpc.next_deadline() is None


def test_a_call_ends_with_the_error_of_its_callerror():
    rpc = Rpc(V16)
    message_id = started(rpc)
    event = rpc.receive(b'[4,"%b","FormationViolation","why",{}]' % message_id.encode(), 1.0)
    assert isinstance(event, Answered)
    assert event.payload is None
    assert event.error.code is ErrorCode.FORMAT_VIOLATION


@pytest.mark.parametrize("broken", [b"", b",1,2,3", b",{},{}"])
def test_a_broken_answer_ends_its_call_and_gets_no_reply(broken):
    rpc = Rpc(V201)
    message_id = started(rpc)
    event = rpc.receive(b'[3,"%b"%b]' % (message_id.encode(), broken), 1.0)
    assert isinstance(event, Answered)
    assert isinstance(event.error, FrameError)


def test_trap_40_the_second_call_waits_for_the_first():
    rpc = Rpc(V201)
    first = started(rpc, "Reset")
    assert rpc.call("UnlockConnector", b"{}", timeout_s=30.0, now=0.0) is None
    assert rpc.call("ClearCache", b"{}", timeout_s=30.0, now=0.0) is None
    assert rpc.poll(1.0) is None
    rpc.receive(result(first), 2.0)
    assert decode_frame(rpc.poll(2.0)).action == "UnlockConnector"
    assert rpc.poll(2.0) is None
    assert rpc.outbound_waiting == 1


def test_trap_40_an_open_call_does_not_hold_up_the_other_direction():
    rpc = Rpc(V201)
    message_id = started(rpc)
    for n in range(5):
        call = rpc.receive(encode_call(str(n), "Heartbeat", b"{}"), 1.0)
        assert isinstance(call, Call)
    assert rpc.inbound_open == 5
    for n in range(5):
        rpc.answer(str(n), b"{}")
    assert rpc.outbound_open.message_id == message_id


def test_trap_43_a_call_can_start_while_a_call_of_the_peer_is_being_worked_on():
    rpc = Rpc(V16)
    call = rpc.receive(encode_call("1", "BootNotification", b"{}"), 0.0)
    message_id = started(rpc, "GetConfiguration", now=0.0)
    assert isinstance(rpc.receive(result(message_id), 0.1), Answered)
    assert decode_frame(rpc.answer(call.message_id, b"{}")).message_id == "1"


def test_trap_08_pipelined_calls_all_come_out_in_order():
    rpc = Rpc(V16)
    calls = [rpc.receive(encode_call(str(n), "Heartbeat", b"{}"), 0.0) for n in range(100)]
    assert [call.message_id for call in calls] == [str(n) for n in range(100)]
    backwards = [str(n) for n in reversed(range(100))]
    assert [decode_frame(rpc.answer(n, b"{}")).message_id for n in backwards] == backwards


def test_trap_42_a_call_that_waited_too_long_is_never_sent():
    rpc = Rpc(V201)
    started(rpc, timeout_s=60.0)
    assert rpc.call("Reset", b"{}", timeout_s=5.0, now=0.0, token="reset") is None
    assert rpc.next_deadline() == 5.0
    (expired,) = rpc.expire(5.0)
    assert (expired.call.token, expired.call.sent) == ("reset", False)
    assert rpc.expire(60.0)[0].call.sent
    assert rpc.poll(60.0) is None


def test_the_time_for_the_answer_runs_from_the_sending_on():
    rpc = Rpc(V201)
    first = started(rpc, timeout_s=30.0)
    rpc.call("ClearCache", b"{}", timeout_s=30.0, now=0.0)
    rpc.receive(result(first), 20.0)
    assert rpc.poll(20.0) is not None
    assert rpc.next_deadline() == 50.0
    assert rpc.expire(49.9) == []


def test_a_late_answer_is_told_as_such_once():
    rpc = Rpc(V201)
    message_id = started(rpc, timeout_s=5.0, token="t")
    assert [e.call.token for e in rpc.expire(5.0)] == ["t"]
    late = rpc.receive(result(message_id), 6.0)
    assert isinstance(late, LateAnswer)
    assert late.call.token == "t"
    assert isinstance(rpc.receive(result(message_id), 7.0), UnknownAnswer)


def test_an_answer_to_nothing_is_told_as_such():
    rpc = Rpc(V201)
    assert isinstance(rpc.receive(result("nothing"), 0.0), UnknownAnswer)
    event = rpc.receive(b'[4,"-1","InternalError","",{}]', 0.0)
    assert isinstance(event, UnknownAnswer)
    assert event.error.code is ErrorCode.INTERNAL_ERROR


def test_close_ends_every_call_and_takes_no_more():
    rpc = Rpc(V201)
    started(rpc, token=0)
    for n in (1, 2):
        rpc.call("Reset", b"{}", timeout_s=1.0, now=0.0, token=n)
    assert [(call.token, call.sent) for call in rpc.close()] == [(0, True), (1, False), (2, False)]
    assert rpc.close() == []
    assert rpc.expire(99.0) == []
    with pytest.raises(CallNotPossible):
        rpc.call("Reset", b"{}", timeout_s=1.0, now=0.0)


def test_the_queue_is_bounded():
    rpc = Rpc(V201)
    started(rpc)
    for _ in range(QUEUE_LIMIT):
        rpc.call("Reset", b"{}", timeout_s=1.0, now=0.0)
    with pytest.raises(CallNotPossible, match="waiting"):
        rpc.call("Reset", b"{}", timeout_s=1.0, now=0.0)


def test_message_ids_are_unique_over_connections_and_short_enough():
    ids = set()
    for _ in range(50):
        rpc = Rpc(V21)
        for _ in range(20):
            ids.add(decode_frame(rpc.send("NotifyPeriodicEventStream", b"{}")).message_id)
    assert len(ids) == 1000
    assert max(map(len, ids)) <= 36


# Repeated calls ------------------------------------------------------------------------------


def test_trap_20_a_repeated_id_gets_the_first_answer():
    rpc = Rpc(V16)
    data = encode_call("1", "StartTransaction", b'{"a":1}')
    assert isinstance(rpc.receive(data, 0.0), Call)
    answer = rpc.answer("1", b'{"transactionId":7}')
    repeat = rpc.receive(data, 1.0)
    assert isinstance(repeat, RepeatedCall)
    assert repeat.answer == answer
    assert rpc.owed == []


def test_trap_20_a_repeat_of_a_call_under_work_waits_for_its_answer():
    rpc = Rpc(V16)
    data = encode_call("1", "StartTransaction", b'{"a":1}')
    assert isinstance(rpc.receive(data, 0.0), Call)
    assert isinstance(rpc.receive(data, 1.0), RepeatPending)
    assert isinstance(rpc.receive(data, 2.0), RepeatPending)
    answer = rpc.answer("1", b"{}")
    assert rpc.owed == [answer, answer]


def test_trap_20_an_error_is_repeated_but_a_passing_fault_is_tried_again():
    rpc = Rpc(V201)
    data = encode_call("1", "Foo", b"{}")
    rpc.receive(data, 0.0)
    refusal = rpc.answer_error("1", OcppError(ErrorCode.NOT_IMPLEMENTED))
    assert rpc.receive(data, 1.0).answer == refusal
    data = encode_call("2", "TransactionEvent", b"{}")
    rpc.receive(data, 0.0)
    rpc.answer_error("2", OcppError(ErrorCode.INTERNAL_ERROR))
    assert isinstance(rpc.receive(data, 1.0), Call)


def test_the_same_id_on_another_payload_is_a_new_call():
    rpc = Rpc(V16)
    rpc.receive(encode_call("1", "MeterValues", b'{"v":1}'), 0.0)
    rpc.answer("1", b'{"first":true}')
    assert isinstance(rpc.receive(encode_call("1", "MeterValues", b'{"v":2}'), 1.0), Call)
    answer = rpc.answer("1", b'{"second":true}')
    assert rpc.receive(encode_call("1", "MeterValues", b'{"v":2}'), 2.0).answer == answer


def test_two_calls_under_one_id_at_once_are_both_served_and_neither_is_remembered():
    rpc = Rpc(V16)
    one, two = (encode_call("1", "MeterValues", b'{"v":%d}' % n) for n in (1, 2))
    assert isinstance(rpc.receive(one, 0.0), Call)
    assert isinstance(rpc.receive(two, 0.0), Call)
    rpc.answer("1", b"{}")
    rpc.answer("1", b"{}")
    assert rpc.inbound_open == 0
    assert isinstance(rpc.receive(one, 1.0), Call)


def test_the_memory_of_answers_is_bounded():
    memory = AnswerMemory(capacity=3)
    rpc = Rpc(V16, memory=memory)
    frames = [encode_call(str(n), "MeterValues", b"{}") for n in range(5)]
    for n, data in enumerate(frames):
        rpc.receive(data, 0.0)
        rpc.answer(str(n), b"{}")
    assert len(memory) == 3
    assert isinstance(rpc.receive(frames[4], 1.0), RepeatedCall)
    assert isinstance(rpc.receive(frames[0], 1.0), Call)


def test_trap_20_the_next_connection_knows_the_answers_carried_over():
    first = Rpc(V16)
    stop = encode_call("1", "StopTransaction", b'{"timestamp":"2026-01-01T00:00:00Z"}')
    beat = encode_call("2", "Heartbeat", b"{}")
    hanging = encode_call("3", "StopTransaction", b'{"timestamp":"2026-01-02T00:00:00Z"}')
    for data in (stop, beat, hanging):
        first.receive(data, 0.0)
    answer = first.answer("1", b"{}")
    first.answer("2", b"{}")
    first.memory.carry_over(frozenset({"StopTransaction"}))
    second = Rpc(V16, memory=first.memory)
    assert second.receive(stop, 9.0).answer == answer
    assert isinstance(second.receive(beat, 9.0), Call)
    assert isinstance(second.receive(hanging, 9.0), Call)


def test_trap_08_a_number_as_id_is_answered_and_repeated_as_a_number():
    rpc = Rpc(V16)
    data = b'[2,42,"Heartbeat",{}]'
    call = rpc.receive(data, 0.0)
    assert rpc.answer(call.message_id, b"{}") == b"[3,42,{}]"
    assert rpc.receive(data, 1.0).answer == b"[3,42,{}]"


# Frames that are none ------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "code"), [(V16, "FormationViolation"), (V201, "RpcFrameworkError")])
def test_trap_08_invalid_json_is_answered(version, code):
    refused = Rpc(version).receive(b"{nonsense", 0.0)
    assert isinstance(refused, Refused)
    reply = decode_frame(refused.reply)
    assert (reply.message_id, reply.code) == ("-1", code)


def test_trap_08_empty_frames_are_let_pass():
    assert Rpc(V201).receive(b"", 0.0).reply is None


def test_trap_08_unknown_message_types_are_ignored_in_1_6_and_answered_in_2_x():
    assert Rpc(V16).receive(b'[9,"1","A",{}]', 0.0).reply is None
    reply = decode_frame(Rpc(V201).receive(b'[9,"1","A",{}]', 0.0).reply)
    assert (reply.message_id, reply.code) == ("1", "MessageTypeNotSupported")


@pytest.mark.parametrize("version", [V16, V201])
def test_types_5_and_6_belong_to_2_1(version):
    rpc = Rpc(version)
    assert isinstance(rpc.receive(b'[5,"1","InternalError","",{}]', 0.0), Refused)
    refused = rpc.receive(b'[6,"1","NotifyPeriodicEventStream",{}]', 0.0)
    assert isinstance(refused, Refused)
    assert refused.reply is None
    with pytest.raises(CallNotPossible):
        rpc.send("NotifyPeriodicEventStream", b"{}")
    started(rpc)
    assert rpc.refuse_result("x", OcppError(ErrorCode.FORMAT_VIOLATION)) is None


def test_2_1_has_send_and_result_errors():
    rpc = Rpc(V21)
    send = rpc.receive(b'[6,"1","NotifyPeriodicEventStream",{}]', 0.0)
    assert isinstance(send, Send)
    refused = rpc.receive(b'[5,"x","InternalError","why",{}]', 0.0)
    assert isinstance(refused, ResultRefused)
    message_id = started(rpc)
    event = rpc.receive(result(message_id), 0.0)
    frame = rpc.refuse_result(event.call.message_id, OcppError(ErrorCode.FORMAT_VIOLATION, "why"))
    assert frame == b'[5,"%b","FormatViolation","why",{}]' % message_id.encode()


def test_trap_08_two_peers_never_answer_each_others_errors():
    a, b = Rpc(V201), Rpc(V201)
    reply = a.receive(b"[[[", 0.0).reply
    event = b.receive(reply, 0.0)
    assert isinstance(event, UnknownAnswer)
    assert b.receive(reply[:-3], 0.0).reply is None


# Everything at once --------------------------------------------------------------------------


class TwoPeers(RuleBasedStateMachine):
    """Two machines, a wire that loses nothing, and a clock; each call must end exactly once."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        self.peers = [Rpc(V21, id_prefix="a"), Rpc(V21, id_prefix="b")]
        self.wires = [deque(), deque()]  # wires[n]: on the way to peer n
        self.asked = [[], []]
        self.ends = [{}, {}]
        self.sent_order = [[], []]
        self.served = [[], []]
        self.work = []
        self.counter = 0

    def put(self, sender, data):
        if data is not None:
            frame = decode_frame(data)
            if isinstance(frame, Call):
                self.sent_order[sender].append(int(bytes(frame.payload)))
            self.wires[1 - sender].append(data)

    def end(self, peer, token, how):
        assert token not in self.ends[peer]
        self.ends[peer][token] = how

    @precondition(lambda self: all(rpc.outbound_waiting <= QUEUE_LIMIT - 4 for rpc in self.peers))
    @rule(peer=st.integers(0, 1), timeouts_s=st.lists(st.sampled_from([1.0, 5.0, 90.0]), min_size=1, max_size=4))
    def ask(self, peer, timeouts_s):
        for timeout_s in timeouts_s:
            self.counter += 1
            token = self.counter
            frame = self.peers[peer].call(
                "DataTransfer", str(token).encode(), timeout_s=timeout_s, now=self.now, token=token
            )
            self.asked[peer].append(token)
            self.put(peer, frame)

    @precondition(lambda self: any(self.wires))
    @rule(peer=st.integers(0, 1), twice=st.booleans())
    def deliver(self, peer, twice):
        if not self.wires[peer]:
            peer = 1 - peer
        data = self.wires[peer].popleft()
        rpc = self.peers[peer]
        event = rpc.receive(data, self.now)
        if isinstance(event, Call):
            self.served[peer].append(int(bytes(event.payload)))
            if twice:
                assert isinstance(rpc.receive(data, self.now), RepeatPending)
            self.work.append((peer, event, data, int(twice)))
        elif isinstance(event, Answered):
            self.end(peer, event.call.token, "answered" if event.error is None else "error")
            self.put(peer, rpc.poll(self.now))
        else:
            assert isinstance(event, LateAnswer | UnknownAnswer)

    @precondition(lambda self: self.work)
    @rule(pick=st.integers(0, 10), fail=st.booleans())
    def serve(self, pick, fail):
        peer, call, data, repeats = self.work.pop(pick % len(self.work))
        rpc = self.peers[peer]
        if fail:
            frame = rpc.answer_error(call.message_id, OcppError(ErrorCode.NOT_SUPPORTED))
        else:
            frame = rpc.answer(call.message_id, b"{}")
        assert rpc.owed == [frame] * repeats
        for copy in [frame, *rpc.owed]:
            self.put(peer, copy)
        rpc.owed.clear()
        assert rpc.receive(data, self.now) == RepeatedCall(call.message_id, frame)

    @rule(seconds=st.sampled_from([0.5, 2.0, 31.0]))
    def wait(self, seconds):
        self.now += seconds
        for peer, rpc in enumerate(self.peers):
            for expired in rpc.expire(self.now):
                assert isinstance(expired, Expired)
                self.end(peer, expired.call.token, "expired")
            self.put(peer, rpc.poll(self.now))
            deadline = rpc.next_deadline()
            assert deadline is None or deadline > self.now

    @invariant()
    def the_line_is_used_in_order_and_never_twice(self):
        for peer, rpc in enumerate(self.peers):
            assert self.sent_order[peer] == sorted(self.sent_order[peer])
            assert self.served[1 - peer] == self.sent_order[peer][: len(self.served[1 - peer])]
            under_way = set(self.asked[peer]) - set(self.ends[peer])
            assert len(under_way) == rpc.outbound_waiting + (rpc.outbound_open is not None)
            assert rpc.outbound_open is not None or rpc.outbound_waiting == 0

    def teardown(self):
        for peer, rpc in enumerate(self.peers):
            for call in rpc.close():
                self.end(peer, call.token, "closed")
            assert set(self.ends[peer]) == set(self.asked[peer])


TwoPeers.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestTwoPeers = TwoPeers.TestCase


def test_the_answers_of_call_errors_and_results_are_what_they_say():
    rpc = Rpc(V201)
    rpc.receive(encode_call("1", "A", b"{}"), 0.0)
    rpc.receive(encode_call("2", "A", b"{}"), 0.0)
    assert isinstance(decode_frame(rpc.answer("1", b"{}")), CallResult)
    assert isinstance(decode_frame(rpc.answer_error("2", OcppError(ErrorCode.NOT_SUPPORTED))), CallError)
