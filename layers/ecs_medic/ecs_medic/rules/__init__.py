"""What the evidence shows: one pure function of incident and facts a cause, in a file of the cause's name."""
