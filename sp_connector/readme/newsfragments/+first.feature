First release: settlement files become balanced journal entries.
