"""Types to prompt text and back; pure and versioned."""
