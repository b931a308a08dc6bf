"""What Amazon tells beside the settlements: its own statements of them, and what is not settled.

``control`` a settlement against Amazon's summary of it · ``cutoff`` which transactions are earned
and not booked at a moment · ``words``, ``rows`` what they will be in their settlements ·
``proposal`` what is accrued of them.
"""
