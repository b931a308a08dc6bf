"""Which bank line is which payout: proposals with their reasons, and which of them are sure.

``parts`` deposits, bank lines, candidates · ``naming`` what a bank line's text names · ``search``
what could belong together · ``sums`` several that make one amount · ``pairing`` what is sure.
"""
