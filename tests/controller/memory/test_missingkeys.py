"""Which objects need which keys: known by object, and told when a key comes or goes."""

from sealwright_controller.gateway import ObjectKey
from sealwright_controller.memory.missingkeys import MissingKeys
from sealwright_crypto import Fingerprint

OLD, NEW = Fingerprint("a" * 64), Fingerprint("b" * 64)
DB, WEB = ObjectKey("team-a", "db"), ObjectKey("team-a", "web")


def needed() -> MissingKeys:
    missing = MissingKeys()
    missing.need(DB, (OLD,))
    missing.need(WEB, (NEW,))
    return missing


def test_nothing_is_missing_before_the_keys_are_known() -> None:
    assert needed().count() == 0
    assert needed().of((OLD,)) == ()


def test_at_first_those_are_told_that_need_a_missing_key() -> None:
    missing = needed()
    assert missing.keys_are([NEW]) == [DB]
    assert missing.count() == 1


def test_of_a_key_that_goes_or_comes_those_are_told_that_need_it() -> None:
    missing = needed()
    assert missing.keys_are([OLD, NEW]) == []
    assert missing.keys_are([OLD]) == [WEB]
    assert missing.of((OLD, NEW)) == (NEW,)
    assert missing.keys_are([OLD, NEW]) == [WEB]
    assert missing.count() == 0


def test_what_is_gone_or_fails_needs_no_key() -> None:
    missing = needed()
    missing.forget(DB)
    missing.need(WEB, ())
    missing.keys_are([])
    assert missing.count() == 0


def test_keys_that_no_object_needs_any_more_are_forgotten() -> None:
    missing = MissingKeys()
    for number in range(100):
        missing.need(DB, (Fingerprint(f"{number:064}"),))
    missing.need(WEB, (OLD,))
    missing.need(DB, (OLD,))
    assert len(missing) == 1
    missing.forget(DB)
    missing.keys_are([NEW])
    assert (len(missing), missing.count()) == (1, 1)
    missing.forget(WEB)
    assert len(missing) == 0
