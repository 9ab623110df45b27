"""What waits to be written: in order, in sets that PostgreSQL can take, and never more than memory can."""

from jobqueue.worker.outbox import Outbox

_MEGABYTE = b"x" * 1_000_000


def test_what_is_put_in_comes_out_as_one_set() -> None:
    outbox = Outbox()
    outbox.mark("a", 1, 1, 0.0)
    outbox.report("b", b"{}", False)
    outbox.release([("c", 3)])
    batch = outbox.take(0)
    assert (list(batch.marks), batch.reports, batch.releases) == (["a"], {"b": b"{}"}, [("c", 3)])
    assert outbox.is_empty()


def test_large_outcomes_come_out_in_several_sets_in_their_order() -> None:
    outbox = Outbox()
    for number in range(20):
        outbox.report(f"{number:02}", _MEGABYTE, False)
    sets = []
    while not outbox.is_empty():
        sets.append(list(outbox.take(0).reports))
    assert [id_ for ids in sets for id_ in ids] == [f"{number:02}" for number in range(20)]
    assert max(len(ids) for ids in sets) <= 8


def test_an_outcome_is_found_in_whichever_set_it_waits() -> None:
    outbox = Outbox()
    for number in range(20):
        outbox.report(f"{number:02}", _MEGABYTE, False)
    assert outbox.has("00")
    assert outbox.has("19")
    assert not outbox.has("20")


def test_it_is_crowded_until_some_of_much_is_written() -> None:
    outbox = Outbox()
    for number in range(200):
        if not outbox.is_crowded():
            outbox.log("a", 1, [[number, 0.0, "INFO", "x" * 1_000_000]])
    assert outbox.is_crowded()
    outbox.take(0)
    assert not outbox.is_crowded()


def test_a_set_knows_whether_jobs_are_due_again_after_it() -> None:
    outbox = Outbox()
    outbox.report("a", b"{}", False)
    assert not outbox.take(0).is_due_again
    outbox.report("a", b"{}", True)
    assert outbox.take(0).is_due_again
    outbox.release([("a", 1)])
    assert outbox.take(0).is_due_again


def test_the_parts_of_a_set_are_one_write_each_in_order() -> None:
    outbox = Outbox()
    outbox.report("b", b"{}", False)
    outbox.report("a", b"{}", False)
    outbox.progress("a", [1, 1, 2, ""])
    outbox.mark("a", 1, 1, 0.0)
    outbox.mark("c", 1, 1, 0.0)
    outbox.checkpoint("c", [1, "{}"])
    outbox.log("c", 1, [[1, 0.0, "INFO", "line"]])
    outbox.release([("d", 1), ("e", 2)])
    parts = list(outbox.take(0).parts())
    assert [list(part.marks) for part in parts[:1]] == [["c"]], "What has ended needs no mark."
    assert [list(part.reports) for part in parts if part.reports] == [["a"], ["b"]]
    assert [part.releases for part in parts if part.releases] == [[("d", 1)], [("e", 2)]]
    assert len(parts) == 8
