Amazon's later version of a settlement is shown on the stored one, with what differs.
