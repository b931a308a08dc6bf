"""Times as Amazon's API writes them: naive UTC here, to the second."""

from datetime import datetime, timezone


def moment(text: str) -> datetime:
    """Read a time of an answer.

    :raises ValueError: it is none
    """
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    found = found.astimezone(timezone.utc).replace(tzinfo=None) if found.tzinfo else found
    if not 2000 <= found.year < 2100:
        raise ValueError("no time of Amazon")
    return found.replace(microsecond=0)


def moment_text(moment: datetime) -> str:
    """Write a time for a question."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
