Whether a payout is paid, what is open on either side, and each clearing account explained for any day.
