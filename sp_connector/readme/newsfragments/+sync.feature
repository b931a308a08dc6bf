Settlement reports of connected accounts are found, fetched and imported by the scheduler.
