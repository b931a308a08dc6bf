"""The engine: Amazon's files understood, in plain Python.

Nothing here imports Odoo, so it can be read, run and tested alone. Its rooms, in the order in
which they may use each other: ``words`` · ``files`` bytes → cells · ``lines`` cells → rows → lines
with their proof · ``books`` lines → a plan of journal entries · ``bank`` which bank line is
which payout · ``amazon`` the calls that bring the files · ``accrual`` what Amazon tells beside
them.
"""
