"""Who is tried again once the API server is well: few while the trouble lasts, all soon after."""

from sealwright_controller.queue.recovery import FOLLOWERS, Recovery, Retries


def test_one_key_at_a_time_is_probed_while_trouble_lasts():
    recovery = Recovery()
    assert recovery.troubled("a") == Retries(soon="a")
    assert recovery.troubled("b") == Retries()
    assert recovery.troubled("c") == Retries()


def test_the_probe_goes_round():
    recovery = Recovery()
    for key in "abc":
        recovery.troubled(key)
    assert recovery.troubled("a").soon == "b"
    assert recovery.troubled("b").soon == "c"
    assert recovery.troubled("c").soon == "a"


def test_one_that_succeeds_brings_others():
    recovery = Recovery()
    for key in "abcd":
        recovery.troubled(key)
    assert recovery.well("a").now == ("b", "c")
    assert recovery.well("b").now == ("d", "c")


def test_what_met_no_trouble_brings_nobody():
    recovery = Recovery()
    recovery.troubled("a")
    assert recovery.well("other") == Retries()


def test_the_last_leaves_nothing_behind():
    recovery = Recovery()
    recovery.troubled("a")
    assert recovery.well("a") == Retries()
    assert recovery.troubled("b") == Retries(soon="b")


def test_thousands_are_tried_within_a_dozen_rounds_once_one_succeeds():
    recovery = Recovery()
    waiting = set(range(5_000))
    for key in waiting:
        recovery.troubled(key)
    ready, rounds = [0], 0
    while waiting:
        rounds += 1
        waiting -= set(ready)
        ready = [follower for key in ready for follower in recovery.well(key).now]
        assert len(ready) <= FOLLOWERS**rounds
    assert rounds <= 14


def test_objects_that_never_succeed_keep_nobody_else_waiting_for_ever():
    recovery = Recovery()
    for key in ["broken", "other"]:
        recovery.troubled(key)
    tried = {recovery.troubled("broken").soon, recovery.troubled("other").soon}
    assert tried == {"broken", "other"}


def test_many_of_one_group_that_never_succeed_keep_no_other_from_being_tried():
    recovery = Recovery(group_of=lambda key: key[0])
    for number in range(500):
        recovery.troubled(f"evil {number}")
    for number in range(2):
        recovery.troubled(f"calm {number}")
    probed = ["evil 0"]
    for _ in range(4):
        probed.append(recovery.troubled(probed[-1]).soon)
    assert [key[0] for key in probed].count("c") == 2
    assert "calm 1" in {*recovery.well("calm 0").now, *probed}
