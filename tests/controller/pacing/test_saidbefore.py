"""What has not changed is not said again, and not too much is remembered of it."""

from sealwright_controller.pacing.saidbefore import SaidBefore


def test_what_was_said_last_is_no_news():
    said = SaidBefore()
    assert [said.is_news("db", text) for text in ("a", "a", "b", "a", "a")] == [True, False, True, True, False]


def test_objects_have_nothing_to_do_with_each_other():
    said = SaidBefore()
    assert [said.is_news(about, "a") for about in ("one", "two", "one")] == [True, True, False]


def test_what_is_forgotten_is_news():
    said = SaidBefore()
    said.is_news("db", "a")
    said.forget("db")
    said.forget("never seen")
    assert said.is_news("db", "a")


def test_only_so_many_objects_are_remembered():
    said = SaidBefore(max_remembered=2)
    for about in ("one", "two", "one", "three"):
        said.is_news(about, "a")
    assert len(said) == 2
    assert [said.is_news(about, "a") for about in ("one", "three", "two")] == [False, False, True]
