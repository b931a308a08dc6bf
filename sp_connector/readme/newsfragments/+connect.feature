Seller accounts are connected by consent, tested, reconnected and disconnected.
