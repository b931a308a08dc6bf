A backfill by range of days with its progress, and a look at what Amazon answers now.
