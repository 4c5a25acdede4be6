"""Personal data in text: recognisers found by name, one step that acts on what they find."""
