Accounts are created where an accountant of the country looks for them, with names in the installed languages; on a chart that is not known the set-up asks.
