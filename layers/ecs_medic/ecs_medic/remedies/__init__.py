"""What repairs each cause: planned purely, shown with its price and whom else it touches, applied once, taken back."""
