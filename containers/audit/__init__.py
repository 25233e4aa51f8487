"""What each knob does in an image."""
