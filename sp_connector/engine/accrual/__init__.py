"""What Amazon tells beside the settlements: its own statements of them, and what is not settled.

``control`` a settlement against Amazon's summary of it.
"""
