"""What a hostile, or merely broken, sender can put into events, names, logs, files and requests: it does no harm."""
