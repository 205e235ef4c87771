"""Can this interface open a connection to that destination? The one pure place that answers, hop by hop."""
