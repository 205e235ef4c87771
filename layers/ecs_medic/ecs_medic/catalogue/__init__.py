"""What is written about every id of the vocabulary, as data: alerts, `explain` and docs/causes.md all read it."""
