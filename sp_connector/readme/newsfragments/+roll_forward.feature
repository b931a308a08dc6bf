Roll-forward of the accounts between Amazon and the bank, tied to the ledger, with its breaks.
