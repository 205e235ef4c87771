"""What breaks around the functions, over the wire: deadlines, and every call that AWS may answer wrongly."""
