"""Calls to Amazon.

``regions`` hosts · ``connections``, ``transport`` the only door: deadline, size, typed errors ·
``oauth`` consent and tokens · ``selling_partner`` the calls for one seller · ``reports`` lists and
documents · ``listing`` which time to ask for next · ``finances`` transactions and Amazon's own
summaries · ``limits`` how many calls are left.
"""
