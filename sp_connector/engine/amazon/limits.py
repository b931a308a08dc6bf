"""Amazon's limits, kept by ourselves: a refusal (429) carries no hint.

Facts: docs/facts/api.md, "Throttling".

A token bucket holds a burst of calls and is refilled by one call every so many seconds. It can
be told by a single time: when it will be full again. Pure arithmetic; who calls stores that time.
"""

from datetime import datetime, timedelta


def take(
    full_at: datetime | None, now: datetime, cost: int, burst: int
) -> tuple[datetime, timedelta]:
    """Take one call from a bucket.

    :param full_at: when the bucket is full again (naive UTC), ``None`` for one never used
    :param cost: seconds that refill one call
    :param burst: calls that a full bucket holds
    :return: (``full_at`` afterwards, time to wait); no time means that the call may be made now,
        and where it may not, nothing is taken
    """
    each = timedelta(seconds=cost)
    # A clock that was set back must not lock the bucket for longer than an empty one lasts.
    full_at = min(max(full_at or now, now), now + each * burst)
    wait = full_at - (now + each * (burst - 1))
    if wait > timedelta():
        return full_at, wait
    return full_at + each, timedelta()


def last_call_at(
    full_at: datetime | None, now: datetime, cost: int, burst: int, calls: int
) -> datetime:
    """Return when the last of so many calls may be made, each as soon as the bucket allows it.

    :param calls: how many are still to be made, at least one
    """
    each = timedelta(seconds=cost)
    full_at = min(max(full_at or now, now), now + each * burst)
    return max(now, full_at + each * (calls - burst))


def drained(now: datetime, cost: int, burst: int) -> datetime:
    """Return the time when a bucket that is empty now will be full again."""
    return now + timedelta(seconds=cost) * burst
