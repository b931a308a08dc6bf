"""Lines → what is to be booked, and what the ledger should say.

``mapping`` which account and tax · ``tax_rows`` which rows are whose tax · ``periods`` parts by
month · ``entry`` lines → a plan that proves itself · ``compare`` plan ↔ ledger · ``change`` sums
before and after · ``match`` what
settlements hand on · ``chain`` which settlement follows which.
"""
