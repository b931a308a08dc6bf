"""Amazon's rate limits: a token bucket per application, seller and operation.

Facts: docs/facts/api.md, "Throttling".
"""


class Limits:
    """The buckets.

    A refused call takes nothing from its bucket.

    :param clock: a function returning an aware datetime
    :param rates: operation → (tokens per second, size of the bucket)
    """

    def __init__(self, clock, rates):
        self._clock = clock
        self.rates = dict(rates)
        self._buckets = {}

    def take(self, client_id, selling_partner_id, operation):
        """Take one token; return False where the bucket is empty."""
        rate, burst = self.rates[operation]
        now = self._clock()
        key = (client_id, selling_partner_id, operation)
        tokens, at = self._buckets.get(key, (burst, now))
        tokens = min(burst, tokens + max(0.0, (now - at).total_seconds()) * rate)
        # A rate such as 0.0222 in binary: 45.045 s must be enough for one token.
        allowed = tokens >= 1 - 1e-9
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        return allowed
