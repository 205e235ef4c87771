"""What a message says: signatures as data, and the reading of one message by them."""
