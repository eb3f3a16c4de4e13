"""The circuit breaker: what it lets through, as a state machine and between threads."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from quintet.net.breaker import Breaker, Circuit, Rules

RULES = Rules(failures=3, pause=30.0)


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        turn = breaker.admit("m")
        assert turn is not None
        breaker.report("m", turn, works=False)


def test_three_failures_in_a_row_open_it_and_a_success_between_them_does_not() -> None:
    breaker = Breaker(RULES, Clock())
    fail(breaker, 2)
    turn = breaker.admit("m")
    assert turn is not None
    breaker.report("m", turn, works=True)
    fail(breaker, 3)
    assert breaker.admit("m") is None
    assert breaker.admit("another") is not None


def test_after_the_pause_one_call_probes_and_a_success_closes_it() -> None:
    clock = Clock()
    breaker = Breaker(RULES, clock)
    fail(breaker, 3)
    clock.now += 29.9
    assert breaker.admit("m") is None
    clock.now += 0.1
    probe = breaker.admit("m")
    assert probe is not None
    assert breaker.admit("m") is None
    breaker.report("m", probe, works=True)
    assert breaker.circuit("m") == Circuit(turn=probe + 1)
    fail(breaker, 2)
    assert breaker.admit("m") is not None


def test_a_probe_that_fails_opens_it_for_another_pause() -> None:
    clock = Clock()
    breaker = Breaker(RULES, clock)
    fail(breaker, 3)
    clock.now += 30
    fail(breaker, 1)
    clock.now += 29
    assert breaker.admit("m") is None
    clock.now += 1
    assert breaker.admit("m") is not None


def test_a_probe_that_never_reports_is_given_up_and_its_late_report_changes_nothing() -> None:
    clock = Clock()
    breaker = Breaker(RULES, clock)
    fail(breaker, 3)
    clock.now += 30
    lost = breaker.admit("m")
    clock.now += 30
    probe = breaker.admit("m")
    assert lost is not None
    assert probe is not None
    breaker.report("m", lost, works=True)
    assert breaker.admit("m") is None
    breaker.report("m", probe, works=True)
    assert breaker.admit("m") is not None


def test_a_call_from_before_the_opening_does_not_close_it() -> None:
    breaker = Breaker(RULES, Clock())
    early = breaker.admit("m")
    assert early is not None
    fail(breaker, 3)
    breaker.report("m", early, works=True)
    assert breaker.admit("m") is None


def test_of_many_threads_after_the_pause_one_probes() -> None:
    clock = Clock()
    breaker = Breaker(RULES, clock)
    fail(breaker, 3)
    clock.now += 30
    with ThreadPoolExecutor(16) as pool:
        turns = list(pool.map(lambda _: breaker.admit("m"), range(64)))
    assert sum(turn is not None for turn in turns) == 1


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0, 60)),
        st.tuples(st.just("ask"), st.just(0.0)),
        st.tuples(st.sampled_from(["works", "fails"]), st.integers(0, 5).map(float)),
    ),
    max_size=40,
)


@given(EVENTS)
def test_whatever_happens_an_open_circuit_admits_one_call_a_pause_and_a_closed_one_all(
    events: list[tuple[str, float]],
) -> None:
    circuit, now, out = Circuit(), 0.0, list[int]()
    quiet_until = 0.0
    for what, value in events:
        if what == "wait":
            now += value
        elif what == "ask":
            closed = circuit.opened is None
            circuit, turn = circuit.admitted(now, RULES)
            assert turn is not None if closed else (turn is None) == (now < quiet_until)
            if turn is not None:
                out.append(turn)
                quiet_until = quiet_until if closed else now + RULES.pause
        elif out:
            before = circuit
            circuit = circuit.reported(out.pop(int(value) % len(out)), what == "works", now, RULES)
            assert circuit.turn >= before.turn
            if circuit.opened is not None and circuit.turn != before.turn:
                quiet_until = now + RULES.pause
        assert circuit.opened is not None or circuit.failures < RULES.failures


@given(st.integers(1, 6), st.integers(0, 12))
def test_it_opens_after_exactly_the_number_of_failures(limit: int, failures: int) -> None:
    rules, circuit = Rules(failures=limit), Circuit()
    for _ in range(failures):
        circuit = circuit.reported(circuit.turn, False, 0.0, rules) if circuit.opened is None else circuit
    assert (circuit.opened is not None) == (failures >= limit)
